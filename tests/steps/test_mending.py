"""Killed while retention drops and reindex brings back, while verify mends: the next run ends where it should."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.ledger.schema import article
from pipeline.steps.context import Context
from pipeline.steps.reports import VerifyReport
from pipeline.steps.verify import verify
from tests.steps.house import House
from tests.steps.servers import searching
from tests.world import ROOT, SUMMIT, VISIT, Item

KEPT = "NEWSWATCH_RETENTION_MONTHS"
STEP = """
import sys
from datetime import datetime
from pipeline.settings import load_settings
from pipeline.steps.context import open_context
from pipeline.steps.index import index, reindex
from pipeline.steps.retention import retire
from pipeline.steps.verify import verify
now = datetime.fromisoformat(sys.argv[2])
with open_context(load_settings(), clock=lambda: now) as context:
    eval(sys.argv[1])
"""


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Two articles, one of them of a year ago."""
    with searching("elasticsearch", request, tmp_path) as house:
        house.publish(Item("visit", "Visit", VISIT), Item("summit", "Summit", SUMMIT))
        house.run()
        with house.ledger() as ledger, ledger.transaction("test") as connection:
            long_ago = house.now - timedelta(days=366)
            connection.execute(update(article).where(article.c.title == "Visit").values(first_seen=long_ago))
        step(house, "reindex(context), index(context)")
        yield house


def step(house: House, code: str, **more: str) -> int:
    """In a process of its own, half a minute later than the one before."""
    house.now += timedelta(seconds=30)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}
    environment |= house.world.settings() | more
    command = [sys.executable, "-c", STEP, code, house.now.isoformat()]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def killed(house: House, code: str, *points: str) -> None:
    for point in points:
        assert step(house, code, NEWSWATCH_TEST_CRASH=point) == -signal.SIGKILL, point


def titles(context: Context) -> list[str]:
    return sorted(str((context.index.get(id) or {})["title"]) for id in context.index.ids())


def test_killed_while_old_months_are_dropped_and_brought_back(house: House) -> None:
    house.world.environment[KEPT] = "6"
    killed(house, "retire(context)", "retire.commit.before", "retire.commit.after", "index.drop.before")
    with house.context() as context:
        assert titles(context) == ["Summit", "Visit"]
    assert step(house, "retire(context)") == 0
    with house.context() as context:
        assert titles(context) == ["Summit"]
        assert verify(context, repair=False) == VerifyReport(articles=2, found=1, retired=1)
    house.world.environment[KEPT] = "600"
    killed(house, "reindex(context)", "restore.commit.before", "restore.commit.after")
    with house.context() as context:
        assert titles(context) == ["Summit"]
    assert step(house, "reindex(context), index(context)") == 0
    with house.context() as context:
        assert titles(context) == ["Summit", "Visit"]
        assert verify(context, repair=False) == VerifyReport(articles=2, found=2)


def test_killed_while_what_is_missing_is_written(house: House) -> None:
    with house.context() as context:
        context.index.delete(list(context.index.ids()))
    killed(house, "verify(context, repair=True)", "verify.commit.before", "verify.commit.after")
    assert step(house, "verify(context, repair=True)") == 0
    with house.context() as context:
        assert verify(context, repair=False) == VerifyReport(articles=2, found=2)
