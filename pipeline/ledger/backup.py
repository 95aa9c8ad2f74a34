"""Back-ups of a ledger as files, and ledgers from back-ups.

Promises a back-up that is one consistent view of the ledger while others write to it, that was read again before it
got its name, and that only its owner may read; and a restore that happens whole or not at all. SQLite's is a SQLite
file, PostgreSQL's is pg_dump's own format: each goes back into a ledger of its kind only (`copying` changes the kind).
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.crashpoint import reach
from pipeline.errors import LedgerBusy, LedgerError
from pipeline.ledger import postgres_tools
from pipeline.ledger.copying import refuse_used
from pipeline.ledger.database import Ledger

SUFFIXES = {"sqlite": ".sqlite", "postgresql": ".dump"}
_MAGIC = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}
_NAME = re.compile(r"newswatch-\d{8}T\d{6}Z\.(sqlite|dump)")
_ABANDONED = timedelta(days=1)


def back_up(ledger: Ledger, folder: Path, *, now: datetime, mark: str = "") -> Path:
    """Write a back-up into `folder`; a `mark` in its name keeps `prune` away from it. Raises LedgerError."""
    kind = ledger.engine.dialect.name
    target = folder / f"newswatch-{now:%Y%m%dT%H%M%SZ}{mark}{SUFFIXES[kind]}"
    part = folder / f".{target.name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        try:
            _write(ledger, part)
            _keep(part, target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(str(folder), f"the back-up cannot be written: {error.strerror or error}") from error
    return target


def prune(folder: Path, *, keep: int, now: datetime) -> tuple[Path, ...]:
    """Delete all back-ups but the `keep` newest, and what killed processes left; the back-ups deleted."""
    for part in folder.glob(".newswatch-*.part"):
        if part.stat().st_mtime < (now - _ABANDONED).timestamp():
            part.unlink(missing_ok=True)
    made = sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name))
    old = made[: max(len(made) - keep, 0)]
    for file in old:
        file.unlink(missing_ok=True)
    return tuple(old)


def check(file: Path, kind: str) -> None:
    """Raises LedgerError unless `file` is a sound back-up of a ledger of this kind."""
    try:
        with file.open("rb") as opened:
            start = opened.read(16)
    except OSError as error:
        raise LedgerError(str(file), f"the back-up cannot be read: {error.strerror}") from error
    found = next((name for name, magic in _MAGIC.items() if start.startswith(magic)), None)
    if found is None:
        raise LedgerError(str(file), "this is no back-up of a ledger")
    if found != kind:
        message = f"this is a back-up of a {found} ledger, and the ledger is {kind}: restore it into one of its kind"
        raise LedgerError(str(file), f"{message}, then use newswatch ledger copy")
    if kind == "sqlite":
        _check_sqlite(file)
    else:
        postgres_tools.check(file)


def restore_sqlite(file: Path, target: Path, *, prepare: Callable[[Path], None], used: bool) -> None:
    """Put what is in `file` in the place of the ledger `target`; `prepare` gets the copy before it takes that place.

    Raises LedgerBusy if another process has the ledger open, LedgerError if it holds anything and not `used`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".{target.name}.{os.getpid()}.part"
    try:
        part.touch(mode=0o600)
        shutil.copyfile(file, part)
        prepare(part)
        _alone(part)
        if target.exists():
            _alone(target, empty=not used)
        _keep(part, target)
    finally:
        for left in part.parent.glob(f"{part.name}*"):
            left.unlink(missing_ok=True)


def restore_postgresql(ledger: Ledger, file: Path, *, used: bool) -> None:
    """Put `file` in the place of the ledger's tables. Raises LedgerError if they hold anything and not `used`."""
    if not used:
        with ledger.read() as connection:
            refuse_used(connection)
    ledger.close()
    postgres_tools.load(ledger.engine.url, file)


def _write(ledger: Ledger, part: Path) -> None:
    if ledger.engine.dialect.name == "postgresql":
        postgres_tools.dump(ledger.engine.url, part)
        postgres_tools.check(part)
        return
    try:
        with sqlite3.connect(str(ledger.engine.url.database), timeout=30) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        connection.close()
    except sqlite3.Error as error:
        raise LedgerError(str(ledger.engine.url.database), f"the ledger cannot be backed up: {error}") from error
    _check_sqlite(part)


def _check_sqlite(file: Path) -> None:
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        try:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            strays = connection.execute("PRAGMA foreign_key_check").fetchall()
            connection.execute("SELECT version_num FROM alembic_version")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise LedgerError(str(file), f"this is no sound ledger: {error}") from error
    if verdict != "ok" or strays:
        raise LedgerError(str(file), f"this is no sound ledger: {verdict}, {len(strays)} rows that refer to nothing")


def _alone(file: Path, *, empty: bool = False) -> None:
    """Fold the write-ahead log into the file, which only the sole user of a database can. Raises LedgerBusy."""
    connection = sqlite3.connect(file, timeout=5)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":
            raise LedgerBusy(str(file), "another process has the ledger open; stop Newswatch everywhere, then restore")
    except sqlite3.OperationalError as error:
        message = f"another process has the ledger open ({error}); stop Newswatch everywhere, then restore"
        raise LedgerBusy(str(file), message) from error
    finally:
        connection.close()


def _keep(part: Path, target: Path) -> None:
    """Give a finished file its name, so that a power cut leaves the whole of it or nothing."""
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    reach("ledger.file.written")
    os.replace(part, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
