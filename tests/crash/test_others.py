"""Killed where a plain pass does not come by: unchanged feeds, a mail or search server that says no, a stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import update

from pipeline.ledger import open_ledger
from pipeline.ledger.schema import work
from pipeline.settings import load_settings
from tests.crash.state import check_mails, state
from tests.smtpserver import Behaviour
from tests.webserver import talking
from tests.world import VISIT, Item, World, living, rss

COMMITS = ("before", "after")
# Where the folder mailer and the search engines are killed: tests/alerts, tests/index, tests/steps.
ELSEWHERE = """
mail.file.written index.bulk.before index.bulk.after facts.write.before facts.write.after
facts.fill.commit.before facts.fill.commit.after facts.claim.commit.before facts.claim.commit.after
facts.commit.before facts.commit.after verify.commit.before verify.commit.after
verify.mark.commit.before verify.mark.commit.after verify.done.commit.before verify.done.commit.after index.drop.before
retire.commit.before retire.commit.after restore.commit.before restore.commit.after
again.enrich.commit.before again.enrich.commit.after again.index.commit.before again.index.commit.after
""".split()
OTHER_POINTS = [
    *ELSEWHERE,
    *(
        f"{name}.commit.{when}"
        for name in (
            "collect.unchanged",
            "collect.give_back",
            "pages.give_back",
            "index.later",
            "index.give_back",
            "mail.later",
            "mail.refused",
            "backlog",
            "rules.past",
            "revive",
            "reindex",
            "tasks.free",
            "facts.forget",
        )
        for when in COMMITS
    ),
]


def kill(world: World, point: str, *arguments: str, **environment: str) -> None:
    done = world.newswatch(*(arguments or ("run",)), NEWSWATCH_TEST_CRASH=point, **environment)
    assert done.returncode == -signal.SIGKILL, done.stderr


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = world.newswatch(*(arguments or ("run",)))
    assert done.returncode == 0, done.stderr
    return done


def hurry(world: World) -> None:
    """What was put off is due now."""
    ledger = open_ledger(load_settings(world.settings()))
    with ledger.transaction("test") as connection:
        connection.execute(update(work).where(work.c.kind != "collect").values(due=datetime.now(UTC)))
    ledger.close()


@pytest.mark.parametrize("when", COMMITS)
def test_killed_when_nothing_is_new(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        run(world)
        before, mails = state(world), check_mails(world, crashes=0)
        kill(world, f"collect.unchanged.commit.{when}")
        run(world)
        assert state(world) == before
        assert check_mails(world, crashes=0) == mails


@pytest.mark.parametrize("when", COMMITS)
def test_killed_when_the_mail_server_puts_off(when: str, tmp_path: Path) -> None:
    with living(tmp_path, mail=Behaviour(data=("451 4.3.0 come again",))) as world:
        kill(world, f"mail.later.commit.{when}")
        assert world.smtp.messages == []
        run(world)
        hurry(world)
        run(world)
        assert len(check_mails(world, crashes=1)) == len(world.smtp.messages)


@pytest.mark.parametrize("when", COMMITS)
def test_killed_when_the_mail_server_refuses(when: str, tmp_path: Path) -> None:
    with living(tmp_path, mail=Behaviour(refuse={"desk@example.org": "550 5.1.1 no such desk"})) as world:
        kill(world, f"mail.refused.commit.{when}")
        run(world)
        assert {str(received.recipients[0]) for received in world.smtp.messages} == {"analyst@example.org"}
        undone = dict(state(world).undone)
        assert undone == {"mail": 2}


@pytest.mark.parametrize("when", COMMITS)
def test_killed_when_the_search_server_is_away(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        dead = {"NEWSWATCH_SEARCH": "elasticsearch", "NEWSWATCH_ELASTICSEARCH_URL": "http://127.0.0.1:9"}
        kill(world, f"index.later.commit.{when}", **dead)
        hurry(world)
        run(world)
        after = state(world)
        assert len(after.found) == len(after.articles) == 6
        assert after.undone == ()


@pytest.mark.parametrize("when", COMMITS)
def test_killed_while_facts_for_a_server_that_is_left_are_forgotten(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        dead = {"NEWSWATCH_SEARCH": "elasticsearch", "NEWSWATCH_ELASTICSEARCH_URL": "http://127.0.0.1:9"}
        world.newswatch("run", **dead)
        kill(world, f"facts.forget.commit.{when}")
        hurry(world)
        run(world)
        after = state(world)
        assert len(after.found) == len(after.articles) == 6
        assert after.undone == ()


def refusing(connection: socket.socket) -> None:
    """A search server that does not know us."""
    head = "HTTP/1.1 401 Unauthorized\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())


@pytest.mark.parametrize("when", COMMITS)
def test_killed_when_the_search_server_does_not_know_us(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world, talking(refusing) as url:
        elsewhere = {"NEWSWATCH_SEARCH": "elasticsearch", "NEWSWATCH_ELASTICSEARCH_URL": url}
        kill(world, f"index.give_back.commit.{when}", **elsewhere)
        run(world)
        after = state(world)
        assert len(after.found) == len(after.articles) == 6
        assert after.undone == ()


def old_news(world: World) -> None:
    """One outlet, whose only article is too old to alert."""
    body = rss("Daily", [Item("daily-1", "Sokhonn in Beijing", VISIT, hours=200)], str(world.web))
    world.routes["/daily.xml"] = (200, {}, body)
    world.routes["/herald.xml"] = (404, {}, b"")


@pytest.mark.parametrize("when", COMMITS)
def test_killed_while_the_backlog_is_let_go(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        old_news(world)
        run(world)
        assert world.smtp.messages == []
        kill(world, f"backlog.commit.{when}", "alerts", "backlog", "--send")
        run(world)
        assert len(world.smtp.messages) == (2 if when == "after" else 0)
        run(world, "alerts", "backlog", "--send")
        run(world)
        assert len(world.smtp.messages) == 2
        check_mails(world, crashes=0)


@pytest.mark.parametrize("when", COMMITS)
def test_killed_while_a_new_alert_is_matched_against_the_past(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        run(world)
        told = len(world.smtp.messages)
        later = "alerts:\n  - {name: later, recipients: [late@example.org], topics: [cambodia_china]}\n"
        world.configure(alerts=(world.folder / "config" / "alerts.yml").read_text() + later.removeprefix("alerts:\n"))
        kill(world, f"rules.past.commit.{when}")
        run(world)
        assert len(world.smtp.messages) == told
        held = run(world, "alerts", "backlog", "--rule", "later").stdout
        assert "was found before this alert existed" in held
        run(world, "alerts", "backlog", "--rule", "later", "--send")
        run(world)
        assert len(world.smtp.messages) > told
        check_mails(world, crashes=0)


@pytest.mark.parametrize("when", COMMITS)
def test_killed_while_the_dead_are_revived(when: str, tmp_path: Path) -> None:
    with living(tmp_path, mail=Behaviour(refuse={"desk@example.org": "550 5.1.1 no such desk"})) as world:
        run(world)
        kill(world, f"revive.commit.{when}", "doctor", "--retry")
        assert dict(state(world).undone) == {"mail": 2}
        world.smtp.behaviour = Behaviour()
        world.newswatch("doctor", "--retry")
        run(world)
        assert len(check_mails(world, crashes=0)) == len(world.smtp.messages)


@pytest.mark.parametrize("when", COMMITS)
def test_killed_while_the_index_is_made_anew(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        run(world)
        before = state(world)
        kill(world, f"reindex.commit.{when}", "reindex")
        run(world)
        assert state(world) == before


@pytest.mark.parametrize("when", COMMITS)
def test_killed_as_a_task_of_a_scheduler(when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        script = "from pipeline.steps import tasks; print(sum(map(len, tasks.plan())))"
        environment = dict(os.environ) | world.settings()
        point = {"NEWSWATCH_TEST_CRASH": f"tasks.free.commit.{when}"}
        killed = subprocess.run([sys.executable, "-c", script], env=environment | point, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert subprocess.check_output([sys.executable, "-c", script], env=environment) == b"3\n"


async def slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response(text="too late")


@pytest.mark.parametrize("when", COMMITS)
@pytest.mark.parametrize(("point", "path"), [("collect.give_back", "/daily.xml"), ("pages.give_back", "/daily-1")])
def test_killed_while_stopping(point: str, path: str, when: str, tmp_path: Path) -> None:
    with living(tmp_path) as world:
        honest = world.routes[path]
        world.routes[path] = slow
        process = world.start("run", NEWSWATCH_TEST_CRASH=f"{point}.commit.{when}")
        wait_until(lambda: path in world.web.paths())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        world.routes[path] = honest
        run(world)
        after = state(world)
        assert len(after.articles) == 6
        assert after.undone == ()
        check_mails(world, crashes=0)


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
