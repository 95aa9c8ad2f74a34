"""The ledger against the index, on every back end: what differs is counted, and mended when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from benchmarks.articles import fill
from pipeline.errors import IndexMismatch
from pipeline.index.base import Document
from pipeline.ledger import findings, work
from pipeline.ledger.audit import CHUNK
from pipeline.ledger.schema import work as work_table
from pipeline.steps.context import Context
from pipeline.steps.index import documents, index
from pipeline.steps.reports import VerifyReport
from pipeline.steps.verify import verify
from tests.index.conftest import BACK_ENDS
from tests.index.corpus import documents as strangers
from tests.steps.house import House, furnish
from tests.steps.servers import searching
from tests.world import CENSUS, RICE, ROOT, SUMMIT, VISIT, Item, living

ITEMS = tuple(
    Item(f"daily-{number}", title, text)
    for number, (title, text) in enumerate((("Visit", VISIT), ("Summit", SUMMIT), ("Rice", RICE), ("Census", CENSUS)))
)


@pytest.fixture(params=BACK_ENDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with searching(request.param, request, tmp_path) as house:
        house.publish(*ITEMS)
        yield house


def held(context: Context) -> dict[str, Document]:
    """By headline, what the index is to hold."""
    with context.ledger.read() as connection:
        return {
            str(each.body["title"]): each
            for batch in findings.all_annotated(connection)
            for each in documents(context, batch)
        }


def damage(context: Context) -> None:
    """One article lost, one in an earlier revision, one in a later, and one that nobody knows."""
    known = held(context)
    context.index.delete([known["Visit"].id, known["Summit"].id])
    early = replace(known["Summit"], revision=known["Summit"].revision - 1)
    late = replace(known["Rice"], revision=known["Rice"].revision + 3)
    assert early.revision >= 1
    given = (early, late, strangers()[0])
    assert [outcome.status for outcome in context.index.write(given)] == ["written"] * len(given)


def test_what_differs_is_counted_and_mended(house: House) -> None:
    house.run()
    with house.context() as context:
        assert verify(context, repair=False) == VerifyReport(articles=4, found=4)
        damage(context)
        damaged = VerifyReport(articles=4, found=1, missing=1, stale=2, ghosts=1)
        assert verify(context, repair=False) == damaged
        assert verify(context, repair=False) == damaged
        assert not damaged.agrees
        mended = verify(context, repair=True)
        assert mended == replace(damaged, repaired=4)
        assert mended.agrees
        assert verify(context, repair=True) == VerifyReport(articles=4, found=4)
        assert {id: context.index.get(id) for id in context.index.ids()} == {
            each.id: each.body for each in held(context).values()
        }


MANY = CHUNK + 10


@pytest.fixture
def broken_off(tmp_path: Path) -> Iterator[House]:
    """A house of many articles, one of them lost, in which a look was killed after its first chunk."""
    with living(tmp_path, {}) as world:
        house = furnish(world)
        with house.context() as context:
            fill(context.ledger, MANY)
            index(context)
            first = min(context.index.ids())
            context.index.delete([first])
        look(house, "verify.mark.commit.after")
        yield house


def look(house: House, point: str) -> None:
    """In a process of its own, which is killed at a point."""
    command = [sys.executable, "-m", "tests.steps.look", house.now.isoformat()]
    environment = dict(os.environ) | house.world.settings() | {"NEWSWATCH_TEST_CRASH": point}
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == -signal.SIGKILL


def test_who_was_killed_goes_on_from_there(broken_off: House) -> None:
    look(broken_off, "verify.mark.commit.before")
    with broken_off.context() as context:
        expected = VerifyReport(articles=MANY, found=MANY - 1, missing=1, repaired=1)
        assert verify(context, repair=True) == replace(expected, before=CHUNK)
        look(broken_off, "verify.done.commit.before")
        assert verify(context, repair=True) == VerifyReport(articles=MANY, found=MANY, before=MANY)
        look(broken_off, "verify.done.commit.after")
        assert verify(context, repair=True) == VerifyReport(articles=MANY, found=MANY)


def test_what_was_looked_at_long_ago_or_was_lost_since_is_looked_at_again(broken_off: House) -> None:
    broken_off.now += timedelta(days=1, seconds=1)
    with broken_off.context() as context:
        assert verify(context, repair=True).before == 0
        look(broken_off, "verify.mark.commit.after")
        context.index.rebuild([])
        assert verify(context, repair=True) == VerifyReport(articles=MANY, missing=MANY, repaired=MANY)
        assert context.index.count() == MANY


def test_an_index_that_is_gone_is_made_again(house: House) -> None:
    house.run()
    with house.context() as context:
        context.index.rebuild([])
        assert verify(context, repair=False) == VerifyReport(articles=4, missing=4)
        assert verify(context, repair=True) == VerifyReport(articles=4, missing=4, repaired=4)
        assert verify(context, repair=False).agrees


def test_what_is_on_its_way_or_was_refused_is_not_missing(house: House) -> None:
    house.run()
    with house.context() as context:
        visit, rice = (held(context)[title].id for title in ("Visit", "Rice"))
        context.index.delete([visit, rice])
        with context.ledger.transaction("test") as connection:
            work.renew(connection, "index", [visit, rice], due=context.clock() + timedelta(hours=1))
            chosen = work_table.c.kind == "index", work_table.c.key == rice
            connection.execute(update(work_table).where(*chosen).values(dead="it is too red"))
        expected = VerifyReport(articles=4, found=2, waiting=1, refused=1)
        assert verify(context, repair=True) == expected
        assert expected.agrees


def test_without_an_index_it_says_so_and_repair_makes_one(house: House) -> None:
    with house.context() as context:
        with pytest.raises(IndexMismatch, match="there is no search index yet"):
            verify(context, repair=False)
        assert verify(context, repair=True) == VerifyReport()
