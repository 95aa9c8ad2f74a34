"""Moves a whole ledger into another database: SQLite to PostgreSQL, or back.

Promises every row of every table as it was, in one transaction on the target, and proof of it before the commit: the
number of rows and a checksum over what either side reads back. Refuses a target that holds anything, and a ledger that
somebody is at work on; what is written to it later is not copied. Leaves the old ledger as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from pipeline.errors import LedgerBusy, LedgerError
from pipeline.ledger import work
from pipeline.ledger.database import Ledger, shown
from pipeline.ledger.schema import metadata

TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)  # what is referred to comes first
CHUNK = 1000  # rows
PATIENCE = 30  # seconds to wait for a lock
_ROUND = 1 << 256

Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Contents:
    """Of one table. `checksum` is the same whatever the order of rows and the kind of database."""

    table: str
    rows: int
    checksum: str


def copy(
    source: Ledger, target: Ledger, *, now: datetime, step: Step, patience: float = PATIENCE
) -> tuple[Contents, ...]:
    """Copy everything; `step` hears table, rows done and rows in all. Raises LedgerError, with nothing copied."""
    if source.engine.url == target.engine.url:
        raise LedgerError(target.shown, "this is the ledger that is to be copied")
    with source.read() as old, target.transaction("ledger.copy") as new:
        refuse_busy(old, now)
        _lock(new, patience)
        refuse_used(new)
        copied = tuple(_copy_table(old, new, table, step) for table in TABLES)
        for expected in copied:
            found = contents(new, metadata.tables[expected.table])
            if found != expected:
                raise LedgerError(expected.table, f"the copy differs: {expected.rows} rows became {found.rows}")
    return copied


def contents(connection: Connection, table: Table) -> Contents:
    """Count and checksum of what a table holds."""
    total, count = 0, 0
    for rows in _rows(connection, table):
        total, count = total + sum(map(_digest, rows)), count + len(rows)
    return Contents(table.name, count, f"{total % _ROUND:064x}")


def all_contents(connection: Connection) -> tuple[Contents, ...]:
    return tuple(contents(connection, table) for table in TABLES)


def refuse_used(connection: Connection) -> None:
    """Raises LedgerError if any table holds a row."""
    if (name := used_table(connection)) is not None:
        raise LedgerError(shown(connection.engine.url), f'this ledger is in use: its table "{name}" is not empty')


def used_table(connection: Connection) -> str | None:
    """The name of a table that holds a row."""
    used = (table for table in TABLES if connection.execute(select(1).select_from(table).limit(1)).first())
    return next((table.name for table in used), None)


def refuse_busy(connection: Connection, now: datetime) -> None:
    """Raises LedgerBusy if somebody holds work of this ledger."""
    if owner := work.someone_at_work(connection, now=now):
        host, pid, _ = owner.rsplit(":", 2)
        message = f"process {pid} on {host} is at work on this ledger; stop Newswatch everywhere, then do this again"
        raise LedgerBusy(shown(connection.engine.url), message)


def _lock(connection: Connection, patience: float) -> None:
    """Keep other writers away until the end; SQLite's transaction does so anyway."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in TABLES)
        connection.execute(text(f"SET LOCAL lock_timeout = '{patience * 1000:.0f}ms'"))
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _copy_table(old: Connection, new: Connection, table: Table, step: Step) -> Contents:
    of = _count(old, table)
    total, count = 0, 0
    step(table.name, 0, of)
    for rows in _rows(old, table):
        _put(new, table, rows)
        total, count = total + sum(map(_digest, rows)), count + len(rows)
        step(table.name, count, of)
    return Contents(table.name, count, f"{total % _ROUND:064x}")


def _put(new: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    try:
        with new.begin_nested():
            new.execute(insert(table), [dict(row._mapping) for row in rows])
    except (DataError, IntegrityError) as error:
        if len(rows) > 1:
            for row in rows:  # once more, to name the one that does not fit
                _put(new, table, [row])
        (row, *_), keys = rows, [column.name for column in table.primary_key]
        named = ", ".join(f"{key} {row._mapping[key]!r}" for key in keys)
        raise LedgerError(f"{table.name}, {named}", f"this row does not fit into the target: {error.orig}") from error


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    streamed = connection.execute(select(table), execution_options={"yield_per": CHUNK})
    yield from streamed.partitions()


def _digest(row: Row[Any]) -> int:
    plain = json.dumps(list(row), default=_plain, sort_keys=True)  # in ASCII: JSON may hold lone surrogates
    return int.from_bytes(hashlib.sha256(plain.encode()).digest())


def _plain(value: object) -> object:
    """In a form that tells a moment and bytes from the text that looks like them."""
    if isinstance(value, datetime):
        return {"moment": value.astimezone(UTC).isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    raise TypeError(f"{type(value).__name__} is in no table of the ledger")
