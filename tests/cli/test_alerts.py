"""newswatch alerts and newswatch mail: rules in force, what was held back, a test mail."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import After
from tests.cli.machine import mails, offline
from tests.smtpserver import Behaviour, smtp_server
from tests.world import ALERTS, VISIT, Item, feeds_yml, living, rss

OLD = 100.0  # hours, beyond the three days within which articles alert


def test_the_rules_in_force(newsroom: After) -> None:
    done = newsroom.world.newswatch("alerts", "list")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["alert", "when", "matches", "recipients"]
    assert rows[1] == ["kingdom", "instant", "topic:", "cambodia_china", "analyst@example.org"]
    assert rows[2] == ["desk@example.org"]
    assert ["words", "instant", "query:", "expressway", "AND", "longan", "desk@example.org"] in rows


def test_nothing_is_held_back(demo: After) -> None:
    done = demo.world.newswatch("alerts", "backlog")
    assert (done.returncode, done.stdout) == (0, "nothing is held back\n")


def test_the_backlog_is_offered_and_sent_when_asked_for(tmp_path: Path) -> None:
    old = Item("daily-1", "Sokhonn in Beijing for talks", VISIT, hours=OLD)
    with living(tmp_path, {"/daily.xml": (200, {}, rss("Daily", [old], ""))}) as world:
        world.configure(feeds=feeds_yml({"daily": f"{world.web}/daily.xml"}), alerts=ALERTS)
        first = world.newswatch("run")
        assert "0 mails sent" in first.stdout
        assert "4 matches not sent (backlog): see newswatch alerts backlog" in " ".join(first.stdout.split())
        held = world.newswatch("alerts", "backlog")
        assert held.stdout.count("Sokhonn in Beijing for talks") == 4
        assert "kingdom to analyst@example.org: was published more than 3 days before it was first seen" in held.stdout
        assert "4 matches: not sent; newswatch alerts backlog --send has them mailed" in held.stdout
        assert not world.smtp.messages

        chosen = world.newswatch("alerts", "backlog", "--rule", "kingdom", "--send", "--limit", "1")
        assert "2 matches" in chosen.stdout
        assert "will be mailed by the next pass" in chosen.stdout
        assert not world.smtp.messages
        world.newswatch("run")
        assert sorted(received.recipients[0] for received in world.smtp.messages) == [
            "analyst@example.org",
            "desk@example.org",
        ]

        assert "2 matches" in world.newswatch("alerts", "backlog", "--send").stdout
        world.newswatch("run")
        assert len(world.smtp.messages) == 4
        assert world.newswatch("alerts", "backlog").stdout == "nothing is held back\n"


def test_a_backlog_of_a_rule_that_nobody_knows(newsroom: After) -> None:
    done = newsroom.world.newswatch("alerts", "backlog", "--rule", "kingdon")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'there is no alert "kingdon"; did you mean "kingdom"?' in " ".join(done.stderr.split())


# --- mail test ----------------------------------------------------------------------------------------------


def test_a_test_mail_through_the_server(tmp_path: Path) -> None:
    with smtp_server() as server:
        smtp = {"NEWSWATCH_SMTP_HOST": server.host, "NEWSWATCH_SMTP_PORT": str(server.port)}
        done = offline(tmp_path).newswatch("mail", "test", "me@example.org", **smtp)
    assert (done.returncode, done.stdout) == (0, f"sent to me@example.org by localhost:{server.port}\n")
    (received,) = server.messages
    assert received.recipients == ("me@example.org",)
    assert "test" in str(received.mail["Subject"]).lower()


def test_a_test_mail_into_the_folder(tmp_path: Path) -> None:
    world = offline(tmp_path)
    done = world.newswatch("mail", "test", "me@example.org")
    assert done.returncode == 0
    assert str(world.home / "mail") in done.stdout
    (body,) = mails(world).values()
    assert b"To: me@example.org" in body


def test_a_test_mail_that_is_refused_is_said_in_words(tmp_path: Path) -> None:
    with smtp_server(Behaviour(refuse={"me@example.org": "550 5.1.1 nobody of that name"})) as server:
        smtp = {"NEWSWATCH_SMTP_HOST": server.host, "NEWSWATCH_SMTP_PORT": str(server.port)}
        done = offline(tmp_path).newswatch("mail", "test", "me@example.org", **smtp)
    assert (done.returncode, done.stdout) == (1, "")
    assert "refused the recipient: 5.1.1 nobody of that name (550)" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_server_is_said_in_words(tmp_path: Path) -> None:
    smtp = {"NEWSWATCH_SMTP_HOST": "127.0.0.1", "NEWSWATCH_SMTP_PORT": "9"}
    done = offline(tmp_path).newswatch("mail", "test", "me@example.org", **smtp)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing answers there; check NEWSWATCH_SMTP_HOST" in done.stderr


def test_an_address_that_is_none(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("mail", "test", "me")
    assert (done.returncode, done.stdout) == (1, "")
    assert "me: this is not a mail address" in done.stderr
