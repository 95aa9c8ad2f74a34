"""The catcher, as a process of its own: it keeps what it takes, shows it, and lets nothing that is in a mail act."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from team.places import ports_of
from tests.team.crew import wait_for
from tests.world import ROOT

EVIL = '<p>Read <b>this</b><script>parent.location = "http://elsewhere.example"</script>'


@dataclass(frozen=True, slots=True)
class Catcher:
    process: subprocess.Popen[bytes]
    smtp: int
    page: int

    def get(self, path: str) -> tuple[str, str]:
        """Text and Content-Security-Policy."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page}{path}", timeout=30) as answer:
            return answer.read().decode(), answer.headers.get("Content-Security-Policy", "")

    def mails(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.get("/mails.json")[0])
        return found


@contextmanager
def catching(folder: Path) -> Iterator[Catcher]:
    ports = ports_of({"smtp": 0, "mail": 0})
    options = ["--smtp", str(ports.smtp), "--page", str(ports.mail)]
    command = [sys.executable, "-m", "team.catcher", str(folder), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        made = Catcher(process, ports.smtp, ports.mail)
        try:
            wait_for(lambda: made.get("/")[0], lambda: "the catcher does not answer", patience=60, every=0.1)
            yield made
        finally:
            process.kill()


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    with catching(tmp_path / "mails") as made:
        yield made


def send(catcher: Catcher, subject: str, *, html: str = EVIL) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "news@localhost", subject, f"<{len(subject)}@localhost>"
    mail.set_content("Read this")
    mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", catcher.smtp, local_hostname="test") as server:
        server.send_message(mail, to_addrs=["desk@newsroom.example"])


def test_a_mail_is_listed_with_whom_it_was_for(catcher: Catcher) -> None:
    send(catcher, "ភ្នំពេញ & 北京")
    (mail,) = catcher.mails()
    assert (mail["Subject"], mail["Delivered-To"]) == ("ភ្នំពេញ & 北京", "desk@newsroom.example")
    assert "ភ្នំពេញ &amp; 北京" in catcher.get("/")[0]


def test_what_a_mail_says_does_not_act(catcher: Catcher) -> None:
    send(catcher, "<script>alert(1)</script>")
    key = catcher.mails()[0]["key"]
    for path in ("/", f"/{key}"):
        text, policy = catcher.get(path)
        assert "<script" not in text
        assert "default-src 'none'" in policy
    assert '<iframe sandbox title="the mail"' in catcher.get(f"/{key}")[0]
    text, policy = catcher.get(f"/{key}/html")
    assert EVIL in text  # as it came, for the browser is told to let none of it act
    assert policy.startswith("sandbox; default-src 'none'")


def test_its_text_and_source_are_shown(catcher: Catcher) -> None:
    send(catcher, "Ferries")
    key = catcher.mails()[0]["key"]
    assert catcher.get(f"/{key}/text")[0].strip() == "Read this"
    assert catcher.get(f"/{key}/source")[0].startswith("Return-Path: <news@localhost>")


def test_what_was_taken_survives_sudden_death(tmp_path: Path) -> None:
    with catching(tmp_path / "mails") as first:
        send(first, "One")
        send(first, "Two more")
    with catching(tmp_path / "mails") as second:
        assert sorted(mail["Subject"] for mail in second.mails()) == ["One", "Two more"]


def test_there_is_no_page_for_a_mail_that_is_not_there(catcher: Catcher) -> None:
    for path in ("/nothing", "/nothing/html", "/..%2f..%2fetc%2fpasswd/source"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            catcher.get(path)
        assert caught.value.code == 404
