"""What a database wants done from time to time, so that it stays quick.

Promises to keep nobody from reading or writing for longer than a moment. So a SQLite file is not made smaller: what
is deleted in it is used again, and a full VACUUM would shut out all writers while it copies the file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from pipeline.errors import LedgerBusy, LedgerError
from pipeline.ledger.copying import TABLES
from pipeline.ledger.database import Ledger

_PATIENCE = 5.0  # seconds; whoever is at work comes first, and the next time will do


def vacuum(ledger: Ledger) -> None:
    """Raises LedgerBusy if others are at work for so long that it must wait until the next time."""
    if ledger.kind == "postgresql":
        _postgresql(ledger)
    else:
        _sqlite(ledger)


def _postgresql(ledger: Ledger) -> None:
    names = ", ".join(f'"{table.name}"' for table in TABLES)
    try:
        with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM (ANALYZE, SKIP_LOCKED) {names}"))
    except OperationalError as error:
        raise LedgerBusy(ledger.shown, f"the ledger cannot be vacuumed now: {error.orig}") from error


def _sqlite(ledger: Ledger) -> None:
    """Figures for the query planner, and the write-ahead log folded into the file as far as readers let it."""
    try:
        with closing(sqlite3.connect(str(ledger.engine.url.database), timeout=_PATIENCE)) as connection:
            connection.execute("PRAGMA analysis_limit=1000")
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        kind = LedgerBusy if "locked" in str(error) else LedgerError
        raise kind(ledger.shown, f"the ledger cannot be vacuumed now: {error}") from error
