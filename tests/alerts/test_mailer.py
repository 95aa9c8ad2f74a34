"""Mails as files, and processes that die while they send."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.alerts import FolderMailer, SmtpMailer, open_mailer
from pipeline.errors import MailUnavailable
from pipeline.model import Message
from tests.alerts.examples import items, mail, parsed, rule, seed, settings
from tests.smtpserver import smtp_server

ROOT = Path(__file__).parents[2]

SEND = """
from tests.alerts.examples import items, mail, rule, seed
from pipeline.alerts import open_mailer
from pipeline.settings import load_settings
with open_mailer(load_settings()) as mailer:
    mailer.send(mail(items([rule()], [seed()])))
"""


def alert() -> Message:
    return mail(items([rule()], [seed()]))


def test_without_a_server_mails_become_files(tmp_path: Path) -> None:
    message = alert()
    with open_mailer(settings(home=tmp_path / "new" / "var")) as mailer:
        assert isinstance(mailer, FolderMailer)
        mailer.send(message)
        assert mailer.path(message).read_bytes() == message.body
    assert [file.name for file in (tmp_path / "new" / "var" / "mail").iterdir()] == [f"{message.id}.eml"]


def test_with_a_server_they_do_not(tmp_path: Path) -> None:
    assert isinstance(open_mailer(settings(smtp_host="localhost", home=tmp_path)), SmtpMailer)


def test_sending_twice_leaves_one_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    mailer.send(alert())
    mailer.send(alert())
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "id", ["../../etc/passwd@x", "/abs@x", "a\x00b@x", "..", ".hidden@x", "x" * 300 + "@x", "a b\n@x"]
)
def test_no_message_id_leads_out_of_the_folder(tmp_path: Path, id: str) -> None:
    folder = tmp_path / "mail"
    FolderMailer(folder).send(Message(id, "a@example.org", "s", b"Subject: s\r\n\r\n"))
    (file,) = folder.iterdir()
    assert re.fullmatch(r"[A-Za-z0-9_@-][A-Za-z0-9_@.-]*\.eml", file.name)
    assert list(tmp_path.iterdir()) == [folder]


def test_two_messages_never_share_a_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    ids = ("a/b@x", "a:b@x", "a_b@x", "x" * 200, "x" * 201)
    assert len({mailer.path(Message(id, "a@example.org", "s", b"")) for id in ids}) == len(ids)


def test_a_folder_that_cannot_be_written_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(MailUnavailable, match="could not be written"):
        FolderMailer(tmp_path / "mail").send(alert())


def run(environment: dict[str, str], crash: str | None = None) -> int:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}
    more = {"NEWSWATCH_TEST_CRASH": crash} if crash else {}
    done = subprocess.run([sys.executable, "-c", SEND], cwd=ROOT, env={**clean, **environment, **more}, timeout=120)
    return done.returncode


@pytest.mark.parametrize(("point", "arrived"), [("mail.send.before", 0), ("mail.dot.after", 1), ("mail.send.after", 1)])
def test_killed_while_sending_the_server_has_all_or_nothing(point: str, arrived: int) -> None:
    with smtp_server() as server:
        environment = {"NEWSWATCH_SMTP_HOST": server.host, "NEWSWATCH_SMTP_PORT": str(server.port)}
        assert run(environment, point) == -signal.SIGKILL
        assert run(environment) == 0
    # The server may still have been reading the first mail when the second run began; it has answered both by now.
    assert len(server.messages) == arrived + 1
    assert {received.body for received in server.messages} == {alert().body}


@pytest.mark.parametrize(
    ("point", "files"), [("mail.send.before", 0), ("mail.file.written", 0), ("mail.send.after", 1)]
)
def test_killed_while_writing_there_is_a_whole_file_or_none(tmp_path: Path, point: str, files: int) -> None:
    environment = {"NEWSWATCH_HOME": str(tmp_path)}
    assert run(environment, point) == -signal.SIGKILL
    assert len(list(tmp_path.glob("mail/*.eml"))) == files
    assert run(environment) == 0
    (file,) = tmp_path.glob("mail/*.eml")
    assert file.read_bytes() == alert().body
    assert parsed(alert())["Message-ID"] == f"<{file.stem}>"
