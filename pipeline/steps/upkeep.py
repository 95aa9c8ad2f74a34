"""What keeps a ledger: back-ups, vacuuming, restoring, and moving it to another database.

Promises that back-ups and vacuuming are safe while others work, that old back-ups go only after a new one is there,
and that a restore or a move happens whole or not at all. The back-ups of what a restore replaced are never deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.ledger import Ledger, backup, copying, open_ledger
from pipeline.ledger import vacuum as vacuuming
from pipeline.ledger.copying import Contents
from pipeline.ledger.database import open_at
from pipeline.settings import Settings
from pipeline.steps.context import Context
from pipeline.steps.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Copied:
    """`source` and `target` are their addresses, without passwords."""

    source: str
    target: str
    contents: tuple[Contents, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept` is the back-up of what was replaced, if there was anything."""

    ledger: str
    contents: tuple[Contents, ...]
    kept: Path | None


def back_up(context: Context) -> Path:
    """Back the ledger up into the folder of the settings, and delete the oldest there. Raises LedgerError."""
    return _back_up(context.ledger, context.settings, now=context.clock())


def vacuum(context: Context) -> None:
    """Do what the database wants done from time to time. Raises LedgerBusy if it must wait until the next time."""
    vacuuming.vacuum(context.ledger)


def back_up_to(settings: Settings, folder: Path | None, *, now: datetime) -> Path:
    """Back the ledger up into `folder`, where nothing is deleted; by default as `back_up`. Raises LedgerError."""
    with closing(open_ledger(settings)) as ledger:
        return _back_up(ledger, settings, now=now) if folder is None else backup.back_up(ledger, folder, now=now)


def restore(settings: Settings, file: Path, *, now: datetime, replace: bool) -> Restored:
    """Put a back-up in the place of the ledger, and bring it up to date. Raises LedgerError.

    A ledger that holds anything is replaced only with `replace`, after it was backed up.
    """
    with closing(open_ledger(settings)) as ledger:
        kept = backup.restore(ledger, file, now=now, replace=replace, kept_in=settings.backups)
    with closing(open_ledger(settings)) as ledger, ledger.read() as connection:
        return Restored(ledger.shown, copying.all_contents(connection), kept)


def copy(settings: Settings, address: str, *, now: datetime, progress: Callable[[Progress], None] = silent) -> Copied:
    """Copy the ledger to the empty database at `address`. Raises LedgerError, with nothing copied."""
    with closing(open_ledger(settings)) as source, closing(open_at(address, named="the target")) as target:
        told = copying.copy(source, target, now=now, step=lambda *each: progress(Progress(*each)))
        return Copied(source.shown, target.shown, told)


def _back_up(ledger: Ledger, settings: Settings, *, now: datetime) -> Path:
    made = backup.back_up(ledger, settings.backups, now=now)
    backup.prune(settings.backups, keep=settings.backup_keep, now=now, spare=made)
    return made
