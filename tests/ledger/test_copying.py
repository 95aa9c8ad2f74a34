"""A ledger copied into another database: every row the same, or nothing copied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, update

from pipeline.errors import LedgerBusy, LedgerError
from pipeline.ledger import Ledger, copying
from pipeline.ledger.copying import TABLES, Contents
from pipeline.ledger.database import open_at
from pipeline.ledger.schema import annotation, article, family_member, source
from tests.ledger.examples import NOW
from tests.ledger.filling import JSON, ROWS, fill, hold

SOON = NOW + timedelta(days=1)


def opened(place: Path | str) -> Ledger:
    return open_at(place if isinstance(place, str) else f"sqlite:///{place}", named="test")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Ledger]:
    ledger = opened(tmp_path / "ledger.sqlite")
    with ledger.transaction("test") as connection:
        fill(connection)
    yield ledger
    ledger.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Ledger]:
    ledger = opened(postgres_url)
    yield ledger
    ledger.close()


def held(ledger: Ledger) -> tuple[Contents, ...]:
    with ledger.read() as connection:
        return copying.all_contents(connection)


def copy(source: Ledger, target: Ledger) -> tuple[Contents, ...]:
    return copying.copy(source, target, now=SOON, step=lambda *_: None, patience=0.5)


def test_every_table_has_an_example() -> None:
    assert {table.name for table in TABLES} == set(ROWS)


def test_there_and_back_everything_is_the_same(sqlite: Ledger, postgres: Ledger, tmp_path: Path) -> None:
    back = opened(tmp_path / "back.sqlite")
    there = copy(sqlite, postgres)
    assert copy(postgres, back) == there == held(sqlite) == held(postgres) == held(back)
    assert {each.table: each.rows for each in there} == {name: len(rows) for name, rows in ROWS.items()}
    with back.read() as connection:
        assert connection.execute(annotation.select()).one().topics == JSON
        assert connection.execute(article.select().order_by("id")).first() == _first_article(sqlite)
    back.close()


def _first_article(ledger: Ledger) -> object:
    with ledger.read() as connection:
        return connection.execute(article.select().order_by("id")).first()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (article, "title", "e\u0301"),
        (article, "page_text", None),
        (article, "last_changed", NOW),
        (family_member, "signature", b"\xff" * 256),
        (family_member, "similarity", 0.3333333333333334),
        (annotation, "alerts", ["y"]),
    ],
)
def test_any_change_changes_the_checksum(sqlite: Ledger, table: Table, column: str, value: object) -> None:
    before = held(sqlite)
    with sqlite.transaction("test") as connection:
        connection.execute(update(table).values({column: value}))
    changed = {new.table for old, new in zip(before, held(sqlite), strict=True) if old != new}
    assert changed == {table.name}


def test_how_far_it_is_is_said_for_every_table(sqlite: Ledger, postgres: Ledger) -> None:
    told: list[tuple[str, int, int]] = []
    copying.copy(sqlite, postgres, now=SOON, step=lambda *each: told.append(each))
    last = {table: (done, of) for table, done, of in told}
    assert last == {name: (len(rows), len(rows)) for name, rows in ROWS.items()}


def test_a_target_in_use_is_refused(sqlite: Ledger, postgres: Ledger) -> None:
    copy(sqlite, postgres)
    with pytest.raises(LedgerError, match=r'in use: its table "\w+" is not empty'):
        copy(sqlite, postgres)


def test_a_ledger_is_not_copied_onto_itself(sqlite: Ledger) -> None:
    with pytest.raises(LedgerError, match="the ledger that is to be copied"):
        copy(sqlite, sqlite)


def test_a_ledger_that_somebody_is_at_work_on_is_refused(sqlite: Ledger, postgres: Ledger) -> None:
    with sqlite.transaction("test") as connection:
        hold(connection)
    with pytest.raises(LedgerBusy, match=r"process \d+ on .* is at work"):
        copy(sqlite, postgres)
    assert not any(each.rows for each in held(postgres))


def test_a_target_that_stays_locked_is_busy(sqlite: Ledger, postgres: Ledger) -> None:
    with postgres.transaction("test") as other:
        other.exec_driver_sql("LOCK TABLE message IN ROW EXCLUSIVE MODE")
        with pytest.raises(LedgerBusy, match="lock timeout"):
            copy(sqlite, postgres)


@pytest.mark.parametrize(
    ("column", "value", "said"), [("error", "a\x00b", "NUL"), ("language", "khmer", "too long for type character")]
)
def test_a_row_that_does_not_fit_is_named_and_nothing_is_copied(
    sqlite: Ledger, postgres: Ledger, column: str, value: str, said: str
) -> None:
    with sqlite.transaction("test") as connection:
        connection.execute(source.insert().values(ROWS["source"][0] | {"id": "another"}))
        connection.execute(update(source).where(source.c.id == "daily").values({column: value}))
    with pytest.raises(LedgerError, match=f"^source, id 'daily': this row does not fit .*{said}"):
        copy(sqlite, postgres)
    assert not any(each.rows for each in held(postgres))
