"""newswatch run, as a newcomer starts it: demonstration feeds, no network, no mail server."""

from __future__ import annotations

import json
import re
import shlex
import socket
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.cli.conftest import After
from tests.cli.machine import mails, offline
from tests.crash.state import state
from tests.webserver import talking
from tests.world import ROOT


def test_a_pass_without_a_network_succeeds(demo: After) -> None:
    assert demo.run.returncode == 0, demo.run.stderr
    assert "Traceback" not in demo.run.stderr


def test_it_leaves_mails_that_say_what_and_why(demo: After) -> None:
    left = {name: message_from_bytes(body, policy=policy.default) for name, body in mails(demo.world).items()}
    assert len(left) >= 8
    assert all(name == f"{str(mail['Message-ID']).strip('<>')}.eml" for name, mail in left.items())
    assert {str(mail["To"]) for mail in left.values()} == {"analyst@example.org"}
    seed = [mail for mail in left.values() if "stronger than ever" in str(mail["Subject"])]
    assert seed
    body = seed[0].get_body(("plain",))
    assert body is not None
    assert "https://kingdom-daily.example/" in body.get_content()
    assert seed[0]["List-Unsubscribe"]


def test_the_progress_is_said_on_standard_error(demo: After) -> None:
    said = demo.run.stderr.splitlines()
    assert said[:2] == ["Fetching feeds: 8 of 8", "Reading articles: 25"]
    assert {line.partition(":")[0] for line in said[2:]} == {"Indexing", "Sending mail"}


def test_the_summary_says_what_happened(demo: After) -> None:
    said = " ".join(demo.run.stdout.split())
    assert "8 tried: 6 changed, 0 unchanged, 2 failed" in said
    assert re.search(r"no address is known for the host\W+The Gone", said)
    assert re.search(r"connection refused\W+The Shut", said)
    assert re.search(r"\b25 new, 0 updated, 0 already known; 25 in all\b", said)
    assert re.search(r"Cambodia-China relations: \d+ new", said)
    assert re.search(r"Asia-Europe Meeting \(ASEM\): \d+ new", said)
    assert "Prak Sokhonn" in said.partition("People")[2].partition("Organisations")[0]
    assert "Cambodia" in said.partition("Places")[2].partition("Events")[0]
    assert re.search(r"Families 23 texts in 25 articles: 2 are copies", said)
    assert "25 articles indexed" in said
    assert f"{len(mails(demo.world))} mails written to" in said


def test_the_pass_is_in_the_record(demo: After) -> None:
    (told,) = json.loads(demo.world.newswatch("passes", "--json").stdout)
    assert (told["state"], told["failed"]) == ("ended", [])
    assert {name: told["counts"]["collect"][name] for name in ("tried", "failed", "new")} == {
        "tried": 8,
        "failed": 2,
        "new": 25,
    }
    assert told["began"] < told["ended"]


def test_what_to_type_next_can_be_typed(demo: After) -> None:
    shown = re.findall(r"^  \S*newswatch (.*?)(?:  # .*)?$", demo.run.stdout.partition("What next")[2], re.M)
    commands = [shlex.split(line) for line in shown]
    assert [words[0] for words in commands] == ["search", "show", "search", "feeds", "watch"]
    assert commands[2] == ["search", 'entity:"Cambodia"', "--facet", "source"]
    for words in commands[1:3]:
        assert demo.world.newswatch(*words).returncode == 0


def test_a_second_pass_finds_nothing_new_and_sends_nothing(tmp_path: Path) -> None:
    world = offline(tmp_path)
    assert world.newswatch("run", "--demo").returncode == 0
    before, sent = state(world), mails(world)
    again = world.newswatch("run", "--demo")
    assert again.returncode == 0, again.stderr
    said = " ".join(again.stdout.split())
    assert "0 new, 0 updated" in said
    assert "; 25 in all" in said
    assert "0 mails written" in said
    assert state(world) == before
    assert mails(world) == sent


def test_without_demo_only_the_configured_feeds_are_read(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("run")
    assert done.returncode == 0
    assert "2 tried: 0 changed, 0 unchanged, 2 failed" in done.stdout
    assert not (tmp_path / "var" / "mail").exists()


def refusing(connection: socket.socket) -> None:
    """A search server that does not know us."""
    head = "HTTP/1.1 401 Unauthorized\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())


def test_a_step_that_fails_is_named_and_the_others_do_what_they_can(tmp_path: Path) -> None:
    world = offline(tmp_path)
    with talking(refusing) as url:
        elsewhere = {"NEWSWATCH_SEARCH": "elasticsearch", "NEWSWATCH_ELASTICSEARCH_URL": url}
        failed = world.newswatch("run", "--demo", **elsewhere)
    assert failed.returncode == 1
    assert "Failed index: Elasticsearch: the server refuses our credentials" in " ".join(failed.stdout.split())
    assert "Traceback" not in failed.stderr
    assert len(mails(world)) >= 8
    mended = world.newswatch("run", "--demo", "--due")
    assert mended.returncode == 0
    assert "25 articles indexed" in mended.stdout


def test_a_mail_server_that_is_down_is_named_once(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("run", "--demo", NEWSWATCH_SMTP_HOST="127.0.0.1", NEWSWATCH_SMTP_PORT="9")
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    assert said.count("nothing answers there; check NEWSWATCH_SMTP_HOST") == 1
    assert re.search(r"NEWSWATCH_SMTP_PORT \(\d+ times\)", said)


def test_only_due_feeds_when_asked(demo: After) -> None:
    done = demo.world.newswatch("run", "--demo", "--due")
    assert done.returncode == 0
    assert "0 tried" in done.stdout


def test_a_pass_with_outlets_and_a_mail_server(newsroom: After) -> None:
    assert newsroom.run.returncode == 0, newsroom.run.stderr
    said = " ".join(newsroom.run.stdout.split())
    assert "3 tried: 2 changed, 0 unchanged, 1 failed" in said
    assert re.search(r"the server answered 404\W+The Gone", said)
    assert re.search(r"Pages 3 fetched, 1 with more text, 1 failed", said)
    assert f"{len(newsroom.world.smtp.messages)} mails sent" in said


@pytest.mark.soak
def test_a_pass_over_every_outlet_of_the_project(tmp_path: Path) -> None:
    world = offline(tmp_path)
    done = world.newswatch("run", "--demo", NEWSWATCH_CONFIG=str(ROOT / "config"))
    assert done.returncode == 0
    assert len(mails(world)) >= 8
