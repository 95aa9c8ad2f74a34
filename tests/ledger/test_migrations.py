"""From every schema that was ever in use to today's, with rows in it, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, select

from pipeline.ledger import Ledger, open_ledger
from pipeline.ledger.database import HEAD, known_versions
from pipeline.ledger.schema import metadata
from pipeline.settings import Settings
from tests.ledger.filling import ROWS, Columns, make_older

OLDER = sorted(known_versions() - {HEAD})
Rows = Mapping[str, Sequence[dict[str, Any]]]


def rows(ledger: Ledger, columns: Columns) -> Rows:
    with ledger.read() as connection:
        tables = [metadata.tables[name] for name in columns]
        return {
            table.name: [dict(row._mapping) for row in connection.execute(_chosen(table, columns[table.name]))]
            for table in tables
        }


def _chosen(table: Table, columns: tuple[str, ...]) -> Any:
    return select(*(table.c[name] for name in columns)).order_by(*table.primary_key)


def given(columns: Columns) -> Rows:
    return {table: [{name: row.get(name) for name in names} for row in ROWS[table]] for table, names in columns.items()}


def sorted_rows(found: Rows) -> Mapping[str, list[str]]:
    return {table: sorted(repr(sorted(row.items())) for row in each) for table, each in found.items()}


def test_this_version_is_the_newest_of_the_migrations() -> None:
    assert max(known_versions()) == HEAD


@pytest.mark.parametrize("version", OLDER)
def test_every_row_of_an_older_ledger_is_there_after_its_migration(settings: Settings, version: str) -> None:
    columns = make_older(settings, version)
    assert len(columns) >= 12
    with closing(open_ledger(settings)) as ledger:
        assert sorted_rows(rows(ledger, columns)) == sorted_rows(given(columns))
        with ledger.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_many_may_open_an_older_ledger_at_once(settings: Settings) -> None:
    columns = make_older(settings, OLDER[0])

    def opened(_: int) -> Mapping[str, list[str]]:
        with closing(open_ledger(settings)) as ledger:
            return sorted_rows(rows(ledger, columns))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [sorted_rows(given(columns))] * 4
