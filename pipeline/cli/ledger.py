"""newswatch ledger copy, backup, restore: the ledger moved, kept and brought back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.common import errors, output, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.ledger.copying import Contents

ledger = typer.Typer(help="The ledger: move it, back it up, restore it.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(ledger, name="ledger")


@ledger.command("copy")
def ledger_copy(
    target: Annotated[
        str, typer.Argument(metavar="TARGET_URL", help="An empty database: postgresql://... or sqlite:///FILE.")
    ],
) -> None:
    """Copy the ledger in force into an empty database, and prove that it is the same."""
    from pipeline.cli.progress import showing_progress
    from pipeline.steps.upkeep import copy

    found = settings()
    with showing_progress(errors()) as progress:
        copied = copy(found, target, now=datetime.now(UTC), progress=progress)
    output().print(_table(copied.contents))
    rows = sum(each.rows for each in copied.contents)
    say(f"\n{rows} rows are the same in {copied.target}, by count and checksum of every table")
    say(f"the ledger at {copied.source} is as it was; what is written there from now on is not copied")
    secret = ", with the password in place of ***" if "***" in copied.target else ""
    say(f"next: set NEWSWATCH_LEDGER={copied.target} wherever Newswatch runs{secret}")


@ledger.command("backup")
def ledger_backup(
    folder: Annotated[
        Path | None, typer.Option(help="Write it there, and delete nothing; default: NEWSWATCH_BACKUP_FOLDER.")
    ] = None,
) -> None:
    """Write a back-up of the ledger; others may go on working meanwhile."""
    from pipeline.steps.upkeep import back_up_to

    made = back_up_to(settings(), folder, now=datetime.now(UTC))
    say(f"backed up to {made}")


@ledger.command("restore")
def ledger_restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What newswatch ledger backup wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Even if the ledger holds something; that is backed up first.")
    ] = False,
) -> None:
    """Put a back-up in the place of the ledger."""
    from pipeline.steps.upkeep import restore

    restored = restore(settings(), file, now=datetime.now(UTC), replace=replace)
    rows = sum(each.rows for each in restored.contents)
    say(f"restored {rows} rows into {restored.ledger}")
    if restored.kept:
        say(f"what was there before is kept in {restored.kept}")
    say("next: newswatch reindex")


def say(text: str) -> None:
    output().print(text, soft_wrap=True, markup=False)


def _table(contents: Sequence[Contents]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("table", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("checksum", no_wrap=True)
    for each in contents:
        table.add_row(each.table, str(each.rows), f"{each.checksum[:16]} on both sides")
    return table
