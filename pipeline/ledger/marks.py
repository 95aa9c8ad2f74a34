"""How far something long has got, so that whoever does it after a crash goes on from there.

Promises the last mark of each name. What it says is its step's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from pipeline.ledger.dialect import insert
from pipeline.ledger.schema import mark


def put(connection: Connection, name: str, value: Mapping[str, Any]) -> None:
    """In place of an earlier one."""
    statement = insert(connection, mark).values(name=name, value=dict(value))
    renewed = {"value": statement.excluded.value}
    connection.execute(statement.on_conflict_do_update(index_elements=[mark.c.name], set_=renewed))


def get(connection: Connection, name: str) -> Mapping[str, Any] | None:
    value: Mapping[str, Any] | None = connection.execute(select(mark.c.value).where(mark.c.name == name)).scalar()
    return value


def remove(connection: Connection, name: str) -> None:
    connection.execute(delete(mark).where(mark.c.name == name))
