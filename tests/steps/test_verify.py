"""The ledger against the index, on every back end: what differs is counted, and mended when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.errors import IndexMismatch
from pipeline.index.base import Document
from pipeline.ledger import findings, work
from pipeline.ledger.schema import work as work_table
from pipeline.steps.context import Context
from pipeline.steps.index import documents
from pipeline.steps.reports import VerifyReport
from pipeline.steps.verify import verify
from tests.index.conftest import BACK_ENDS
from tests.index.corpus import documents as strangers
from tests.steps.house import House
from tests.steps.servers import searching
from tests.world import CENSUS, RICE, SUMMIT, VISIT, Item

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
