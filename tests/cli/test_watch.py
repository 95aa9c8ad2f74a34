"""newswatch watch stops when told to and goes on where it was; two passes at once send nothing twice."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import func, select

from pipeline.ledger import open_ledger
from pipeline.ledger.schema import work
from pipeline.settings import load_settings
from tests.crash.state import check_mails, state
from tests.smtpserver import Behaviour
from tests.world import SUMMIT, Item, World, feeds_yml, living, rss

BUSY = r"(\d+) (?:is|are)\s+being\s+read\s+by\s+another\s+pass"
SOON = 10.0  # seconds within which a command that is told to stop must end, on a busy machine


def until(true: Callable[[], bool], *, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
    """Send the signal; the command must end soon, and with status 0."""
    process.send_signal(number)
    out, err = process.communicate(timeout=SOON)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out, err


def held(world: World) -> int:
    """How much work is leased to anybody."""
    ledger = open_ledger(load_settings(world.settings()))
    with ledger.read() as connection:
        count = connection.execute(select(func.count()).where(work.c.token.is_not(None))).scalar_one()
    ledger.close()
    return count


def counted(pattern: str, summary: str) -> int:
    """The number that the summary gives; 0 if it gives none."""
    found = re.search(pattern, summary)
    return int(found[1]) if found else 0


def printed(process: subprocess.Popen[str]) -> list[str]:
    """What the command prints from now on, line by line as it comes."""
    seen: list[str] = []
    stream = process.stdout
    assert stream is not None
    threading.Thread(target=lambda: seen.extend(stream), daemon=True).start()
    return seen


async def sleeping(_request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response(status=503)


def with_a_slow_feed(world: World) -> None:
    world.routes["/slow.xml"] = sleeping
    names = ("daily", "herald", "slow")
    world.configure(feeds=feeds_yml({name: f"{world.web}/{name}.xml" for name in names}))


@pytest.mark.parametrize("command", ["run", "watch"])
def test_told_to_stop_while_a_feed_is_slow(tmp_path: Path, command: str) -> None:
    with living(tmp_path) as world:
        with_a_slow_feed(world)
        process = world.start(command)
        until(lambda: "/slow.xml" in world.web.paths())
        assert held(world) >= 1
        stop(process)
        assert held(world) == 0
        assert not world.smtp.messages


def test_a_second_watch_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    with living(tmp_path) as world:
        with_a_slow_feed(world)
        first = world.start("watch")
        until(lambda: "/slow.xml" in world.web.paths() and len(world.web.paths()) >= 3)
        stop(first)
        assert not world.smtp.messages

        late = Item("slow-1", "Summit of Asia and Europe in Phnom Penh", f"Better late than never. {SUMMIT}")
        world.routes["/slow.xml"] = (200, {}, rss("Slow", [late], ""))
        second = world.start("watch")
        lines = printed(second)
        until(lambda: len(lines) >= 1)
        second.send_signal(signal.SIGINT)
        assert second.wait(timeout=SOON) == 0
        assert re.search(r"Z  \d feeds?, 0 failed; \d new and 0 updated articles; \d+ mails", lines[0])

        found = state(world)
        assert len(found.articles) == 7
        assert found.found == {id for id, *_ in found.articles}
        assert found.undone == ()
        assert len(check_mails(world, crashes=0)) >= 5


def test_watch_polls_again_when_a_feed_is_due(tmp_path: Path) -> None:
    with living(tmp_path) as world:
        world.configure(feeds=feeds_yml({"daily": f"{world.web}/daily.xml"}, more=", every: 1s"))
        process = world.start("watch")
        lines = printed(process)
        until(lambda: world.web.paths().count("/daily.xml") >= 3 and len(lines) >= 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SOON) == 0
        assert "3 new" in lines[0]
        assert all("0 new and 0 updated articles; 0 mails" in line for line in lines[1:])
        check_mails(world, crashes=0)


def test_two_passes_at_once_send_nothing_twice(tmp_path: Path) -> None:
    with living(tmp_path) as world:
        both = [world.start("run"), world.start("run")]
        for process in both:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            assert counted(r"(\d+) tried", out) + counted(BUSY, out) == 3, out
        found = state(world)
        assert (len(found.articles), len(found.families), found.undone) == (6, 5, ())
        assert found.found == {id for id, *_ in found.articles}
        sent = check_mails(world, crashes=0)
        assert len(sent) == len(set(sent)) >= 4
        assert all(rule_state == "frozen" for _, _, rule_state, _ in found.told)
        assert held(world) == 0


def test_two_passes_share_the_mails_that_wait(tmp_path: Path) -> None:
    with living(tmp_path, mail=Behaviour(delay=0.5)) as world:
        died = world.newswatch("run", NEWSWATCH_TEST_CRASH="mail.claim.commit.before")
        assert (died.returncode, world.smtp.messages) == (-signal.SIGKILL, [])
        both = [world.start("run", "--due"), world.start("run", "--due")]
        ends = [process.communicate(timeout=120) for process in both]
        assert [process.returncode for process in both] == [0, 0], ends
        assert world.smtp.connections == 2  # each sent some
        assert len(check_mails(world, crashes=0)) >= 4
