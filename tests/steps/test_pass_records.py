"""The record of passes: what each did, and which were broken off."""

from __future__ import annotations

import signal
from datetime import timedelta

from pipeline.ledger import pass_records
from pipeline.ledger.pass_records import KEPT, PassRecord
from tests.steps.house import House
from tests.world import RICE, VISIT, Item

HOUR = timedelta(hours=1)


def record(house: House) -> tuple[PassRecord, ...]:
    with house.ledger() as ledger, ledger.read() as connection:
        return pass_records.latest(connection, limit=10)


def test_a_pass_is_written_down_with_what_came_of_it(house: House) -> None:
    house.publish(Item("visit", "Sokhonn in Beijing", VISIT), Item("rice", "Rice", RICE))
    began = house.now
    house.run()
    house.world.routes["/herald.xml"] = (503, {}, b"")
    house.world.environment["NEWSWATCH_SEARCH"] = "elasticsearch"
    house.world.environment["NEWSWATCH_ELASTICSEARCH_URL"] = str(house.world.web)  # which is no search server
    house.run(later=HOUR)
    second, first = record(house)
    assert (first.began, first.ended, first.state, first.failed) == (began, began, "ended", ())
    assert first.counts["collect"]["new"] == first.counts["index"]["written"] == 2
    assert (first.counts["collect"]["tried"], first.counts["collect"]["failed"]) == (2, 0)
    assert (first.counts["enrich"]["articles"], first.counts["mail"]["sent"]) == (2, 1)
    assert (second.began, second.counts["collect"]["failed"], second.counts["collect"]["new"]) == (began + HOUR, 1, 0)
    assert {step for step, _ in second.failed} == {"facts"}


def test_a_pass_that_was_killed_is_told_from_one_that_goes_on(house: House) -> None:
    killed = house.world.newswatch("run", NEWSWATCH_TEST_CRASH="plan.commit.after")
    assert killed.returncode == -signal.SIGKILL
    with house.ledger() as ledger, ledger.transaction("test") as connection:
        pass_records.begin(connection, now=house.now + HOUR)
    here, dead = record(house)
    assert [(each.state, each.ended, dict(each.counts)) for each in (here, dead)] == [
        ("going on", None, {}),
        ("broken off", None, {}),
    ]


def test_old_passes_are_forgotten(house: House) -> None:
    house.run()
    house.run(later=KEPT)
    assert len(record(house)) == 2
    house.run(later=HOUR)
    assert len(record(house)) == 2
