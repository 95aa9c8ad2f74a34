"""Months that are too old leave the index on every back end, stay in the ledger, and come back when asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.index import Document
from pipeline.ledger import articles, work
from pipeline.ledger.retention import bounds, month_of
from pipeline.steps.context import Context
from pipeline.steps.index import index, reindex
from pipeline.steps.reports import RetentionReport, VerifyReport
from pipeline.steps.retention import retire
from pipeline.steps.verify import verify
from tests.index.conftest import BACK_ENDS
from tests.steps.house import House
from tests.steps.servers import searching
from tests.world import RICE, SUMMIT, VISIT, Item

KEPT = "NEWSWATCH_RETENTION_MONTHS"
FIRST = datetime(2030, 11, 30, 23, 30, tzinfo=UTC)  # the last moments of a month; far from the articles' own dates
SECOND = datetime(2030, 12, 1, 0, 30, tzinfo=UTC)
THIRD = datetime(2031, 2, 10, tzinfo=UTC)


@pytest.fixture(params=BACK_ENDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Three articles, each first seen in another month."""
    with searching(request.param, request, tmp_path) as house:
        items: list[Item] = []
        for at, (id, text) in ((FIRST, ("visit", VISIT)), (SECOND, ("summit", SUMMIT)), (THIRD, ("rice", RICE))):
            items.append(Item(id, id.title(), text))
            house.publish(*items)
            house.now = at
            house.run()
        yield house


def titles(context: Context) -> set[str]:
    return {str(body["title"]) for id in context.index.ids() if (body := context.index.get(id))}


def all_ids(context: Context) -> list[str]:
    with context.ledger.read() as connection:
        return [id for chunk in articles.all_ids(connection) for id in chunk]


def test_what_is_too_old_goes_and_only_a_longer_setting_brings_it_back(house: House) -> None:
    with house.context() as context:
        assert retire(context) == RetentionReport()
        assert titles(context) == {"Visit", "Summit", "Rice"}
    house.world.environment[KEPT] = "2"
    with house.context() as context:
        assert retire(context) == RetentionReport(["2030.11"], 1)
        assert titles(context) == {"Summit", "Rice"}
        assert retire(context) == RetentionReport()
        stays_away(context)
    house.world.environment[KEPT] = "1"
    with house.context() as context:
        assert retire(context) == RetentionReport(["2030.12"], 1)
        assert titles(context) == {"Rice"}
    house.world.environment[KEPT] = "2"
    with house.context() as context:
        assert retire(context) == RetentionReport()
        assert titles(context) == {"Rice"}
        assert reindex(context).written == 2
        assert titles(context) == {"Summit", "Rice"}
    del house.world.environment[KEPT]
    with house.context() as context:
        assert reindex(context).written == 3
        index(context)
        assert verify(context, repair=False) == VerifyReport(articles=3, found=3)


def stays_away(context: Context) -> None:
    """Whoever writes to the index leaves the dropped article out."""
    with context.ledger.transaction("test") as connection:
        work.renew(connection, "index", all_ids(context), due=context.clock())
    assert index(context).written == 2
    expected = VerifyReport(articles=3, found=2, retired=1)
    assert verify(context, repair=True) == expected
    assert reindex(context).written == 2
    assert titles(context) == {"Summit", "Rice"}


def test_what_a_late_writer_brought_back_goes_again(house: House) -> None:
    house.world.environment[KEPT] = "2"
    with house.context() as context:
        bodies = {id: context.index.get(id) or {} for id in context.index.ids()}
        old = next(Document(id, 1, body) for id, body in bodies.items() if body["title"] == "Visit")
        retire(context)
        assert [each.status for each in context.index.write([old])] == ["written"]
        assert verify(context, repair=False) == VerifyReport(articles=3, found=2, ghosts=1)
        assert retire(context) == RetentionReport([], 1)
        assert titles(context) == {"Summit", "Rice"}


@pytest.mark.parametrize("month", ["2026.01", "2026.11", "2026.12", "2028.02"])
def test_a_month_ends_where_the_next_begins(month: str) -> None:
    start, end = bounds(month)
    assert month_of(start) == month != month_of(end)
    assert (start.day, end.day, (end - start).days in (28, 29, 30, 31)) == (1, 1, True)
