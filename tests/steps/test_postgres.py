"""The whole way on PostgreSQL gives what it gives on SQLite."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.errors import LedgerBusy
from pipeline.ledger import Ledger, articles, open_ledger, sources, work
from pipeline.ledger.identity import Draft
from pipeline.settings import load_settings
from tests.crash.state import check_mails, state
from tests.ledger.examples import MINUTE, NOW, SOURCES, draft
from tests.world import living


def test_both_databases_give_the_same(tmp_path: Path, postgres_url: str) -> None:
    outcomes = []
    for name, given in (("sqlite", {}), ("postgresql", {"NEWSWATCH_LEDGER": postgres_url})):
        with living(tmp_path / name) as world:
            world.environment |= given
            for _ in range(2):
                done = world.newswatch("run")
                assert done.returncode == 0, done.stderr
            outcomes.append((state(world), check_mails(world, crashes=0)))
    assert outcomes[0] == outcomes[1]


@pytest.fixture
def ledger(postgres_url: str) -> Ledger:
    opened = open_ledger(load_settings({"NEWSWATCH_LEDGER": postgres_url}))
    with opened.transaction("test") as connection:
        sources.register(connection, SOURCES, now=NOW)
    return opened


def test_work_that_is_added_while_it_is_completed_is_not_forgotten(ledger: Ledger) -> None:
    key = "digest a@example.org"
    with ledger.transaction("test") as connection:
        work.add_missing(connection, "compose", [key], due=NOW)

    def add() -> None:
        with ledger.transaction("enrich") as connection:
            work.add_missing(connection, "compose", [key], due=NOW + MINUTE)

    adding = threading.Thread(target=add)
    with ledger.transaction("compose") as connection:
        (lease,) = work.claim(connection, "compose", now=NOW, limit=1)
        adding.start()
        adding.join(1.0)
        work.complete(connection, lease)
    adding.join(20)
    with ledger.read() as connection:
        assert list(work.due_times(connection, "compose")) == [key]


def test_two_collectors_with_the_same_articles_in_other_order(ledger: Ledger) -> None:
    ours = [replace(draft(number), guid=None) for number in range(300)]
    theirs = [replace(each, source="wire") for each in reversed(ours)]
    failed: list[BaseException] = []

    def collect(drafts: list[Draft]) -> None:
        try:
            with ledger.transaction("test") as connection:
                articles.save(connection, drafts, now=NOW)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=collect, args=(drafts,)) for drafts in (ours, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledger.read() as connection:
        assert sum(len(ids) for ids in articles.all_ids(connection)) == 300
    assert failed == []


def test_a_lost_connection_is_worth_another_try(ledger: Ledger) -> None:
    with pytest.raises(LedgerBusy, match="lost"):
        _lose_connection(ledger)


def _lose_connection(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
