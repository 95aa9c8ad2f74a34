"""Back-ups of a ledger as files, and ledgers from back-ups.

Promises a back-up that is one consistent view of the ledger while others write to it, that was read again before it
got its name, and that only its owner may read; and a restore that happens whole or not at all, after what it replaces
was backed up itself. SQLite's is a SQLite file, PostgreSQL's is pg_dump's own format: each goes back into a ledger of
its kind only (`copying` changes the kind).
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.crashpoint import reach
from pipeline.errors import LedgerBusy, LedgerError, LedgerVersion
from pipeline.ledger import postgres_tools
from pipeline.ledger.copying import PATIENCE, refuse_busy, used_table
from pipeline.ledger.database import Ledger, known_versions

SUFFIXES = {"sqlite": ".sqlite", "postgresql": ".dump"}
REPLACED = "-replaced"  # in the name of a back-up of what a restore replaced
_MAGIC = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}
_HEADER = 20  # bytes
_WAL = 2  # the read version of a SQLite file that is not whole without its write-ahead log, byte 19 of the header
_NAME = re.compile(r"newswatch-\d{8}T\d{6}(\.\d{6})?Z\.(sqlite|dump)")
_ABANDONED = timedelta(days=1)
_PAGES = 1000  # written at once
_BUSY = 5  # SQLITE_BUSY


def back_up(ledger: Ledger, folder: Path, *, now: datetime, mark: str = "") -> Path:
    """Write a back-up into `folder`; a `mark` in its name keeps `prune` away from it. Raises LedgerError."""
    target = folder / f"newswatch-{now:%Y%m%dT%H%M%S.%fZ}{mark}{SUFFIXES[ledger.kind]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=folder)
        os.close(descriptor)
        part = Path(name)
        try:
            _write(ledger, part)
            check(part, ledger.kind)
            _keep(part, target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(str(folder), f"no back-up can be written there: {error.strerror or error}") from error
    return target


def prune(folder: Path, *, keep: int, now: datetime, spare: Path | None = None) -> tuple[Path, ...]:
    """Delete all back-ups but the `keep` newest and `spare`, and what killed processes left; the back-ups deleted."""
    try:
        for part in folder.glob(".newswatch-*.part"):
            with suppress(FileNotFoundError):  # another process has just finished it
                if part.stat().st_mtime < (now - _ABANDONED).timestamp():
                    part.unlink()
        made = sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name))
        old = tuple(file for file in made[: max(len(made) - keep, 0)] if file != spare)
        for file in old:
            file.unlink(missing_ok=True)
    except OSError as error:
        message = f"old back-ups cannot be deleted: {error.strerror or error}"
        raise LedgerError(str(error.filename or folder), message) from error
    return old


def check(file: Path, kind: str) -> None:
    """Raises LedgerError unless `file` is a sound back-up of a ledger of this kind, LedgerVersion if it is too new."""
    found = _kind(file)
    if found != kind:
        message = f"this is a back-up of a {found} ledger, and the ledger is {kind}: restore it into one of its kind"
        raise LedgerError(str(file), f"{message}, then use newswatch ledger copy")
    version = _check_sqlite(file) if kind == "sqlite" else postgres_tools.check(file)
    if version not in known_versions():
        raise LedgerVersion(str(file), f'made by a newer Newswatch: its schema is "{version}"')


def restore(
    ledger: Ledger, file: Path, *, now: datetime, replace: bool, kept_in: Path, patience: float = PATIENCE
) -> Path | None:
    """Put what is in `file` in the place of all that `ledger` holds, and close it: opening it again migrates it.

    The back-up of what was replaced is written to `kept_in` and returned. Raises LedgerError if the ledger holds
    anything and not `replace`, LedgerBusy if somebody is at work on it, also if he still keeps it locked after
    `patience` seconds; then nothing is replaced.
    """
    check(file, ledger.kind)
    with ledger.read() as connection:
        used = used_table(connection)
        refuse_busy(connection, now)
    if used and not replace:
        message = f'it is in use: its table "{used}" is not empty; --replace backs it up, then replaces it'
        raise LedgerError(ledger.shown, message)
    kept = back_up(ledger, kept_in, now=now, mark=REPLACED) if used else None
    ledger.close()
    if ledger.kind == "sqlite":
        _load_sqlite(file, str(ledger.engine.url.database), patience)
    else:
        postgres_tools.load(ledger.engine.url, file, patience=patience)
    return kept


def _kind(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            start = opened.read(_HEADER)
    except OSError as error:
        raise LedgerError(str(file), f"the back-up cannot be read: {error.strerror}") from error
    found = next((kind for kind, magic in _MAGIC.items() if start.startswith(magic)), None)
    if found is None:
        raise LedgerError(str(file), "this is no back-up of a ledger")
    if found == "sqlite" and start[_HEADER - 1 :] == bytes([_WAL]):
        message = "this is a ledger, not a back-up of one: it may lack what its write-ahead log holds"
        raise LedgerError(str(file), f"{message}; use newswatch ledger backup with NEWSWATCH_LEDGER=sqlite:///{file}")
    return found


def _write(ledger: Ledger, part: Path) -> None:
    if ledger.kind == "postgresql":
        postgres_tools.dump(ledger.engine.url, part)
        return
    try:
        with closing(sqlite3.connect(str(ledger.engine.url.database), timeout=PATIENCE)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
    except sqlite3.Error as error:
        raise LedgerError(ledger.shown, f"the ledger cannot be backed up: {error}") from error


def _check_sqlite(file: Path) -> str:
    """The version of the schema."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            strays = connection.execute("PRAGMA foreign_key_check").fetchall()
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise LedgerError(str(file), f"this is no sound back-up of a ledger: {error}") from error
    if verdict != "ok" or strays:
        said = verdict if verdict != "ok" else f"{len(strays)} rows refer to nothing"
        raise LedgerError(str(file), f"this is no sound back-up of a ledger: {said}")
    return str(version)


def _load_sqlite(file: Path, target: str, patience: float) -> None:
    """By SQLite's own way, in one transaction of the target: who has it open goes on with what was restored."""

    def wrote(status: int, _remaining: int, _total: int) -> None:
        if status == _BUSY:
            raise LedgerBusy(target, "another process is writing to this ledger; stop Newswatch, then do this again")
        reach("ledger.restore.pages")

    try:
        with (
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target, timeout=patience)) as new,
        ):
            new.execute("PRAGMA synchronous=FULL")
            old.backup(new, pages=_PAGES, progress=wrote)
    except sqlite3.Error as error:
        raise LedgerError(target, f"the back-up cannot be restored: {error}") from error


def _keep(part: Path, target: Path) -> None:
    """Give a finished file its name, so that a power cut leaves the whole of it or nothing."""
    if target.exists():
        raise LedgerBusy(str(target), "there is a back-up of this very microsecond already")
    _sync(part)
    reach("ledger.backup.written")
    os.replace(part, target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
