"""What SQLite and PostgreSQL each do in their own way: inserting on a conflict, and the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, cast, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert into `table` that can be told what to do on a conflict."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(
    connection: Connection, table: Table, values: Mapping[str, object], *, key: Sequence[str]
) -> sqlite.Insert | postgresql.Insert:
    """Insert `values`, or make the row with the same `key` columns hold them."""
    statement = insert(connection, table).values(values)
    # statement.excluded would make all columns of the table anew, each time: half of what a row costs
    renewed: dict[str, ColumnElement[Any]] = {
        name: literal_column(f"excluded.{name}") for name in values if name not in key
    }
    return statement.on_conflict_do_update(index_elements=list(key), set_=renewed)


def stamp(connection: Connection, *, now: datetime) -> int:
    """Milliseconds since 1970 by one clock for all who share the ledger: PostgreSQL's; SQLite's users share `now`."""
    if connection.dialect.name != "postgresql":
        return int(now.timestamp() * 1000)
    asked = select(cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger))
    return int(connection.execute(asked).scalar_one())
