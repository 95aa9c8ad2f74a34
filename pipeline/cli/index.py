"""newswatch index setup, newswatch index verify: the search index beside the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.common import errors, output, settings
from pipeline.cli.progress import showing_progress

index = typer.Typer(help="The search index: as this version makes it, and as the ledger has it.", no_args_is_help=True)

_SAID = {
    "absent": "there was no search index",
    "older": "the search index was made by an older version",
    "current": "the search index is up to date",
}
_COUNTS = (
    ("found", "as the ledger has them"),
    ("waiting", "on their way"),
    ("refused", "given up, see newswatch doctor"),
    ("retired", "dropped, being too old"),
    ("missing", "missing"),
    ("stale", "in another revision"),
    ("ghosts", "that should not be there"),
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(index, name="index")


@index.command("setup")
def index_setup() -> None:
    """Make the templates and the index, or make them anew beside those of an older version."""
    from pipeline.steps.context import open_context
    from pipeline.steps.setup import setup

    with open_context(settings()) as context:
        report = setup(context)
    said = _SAID[report.state]
    if report.state != "current":
        said += f"; now there is one, with {report.written} articles"
    output().print(said)
    for id, reason in report.rejected:
        errors().print(f"{id}: {reason}", markup=False)


@index.command("verify")
def index_verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Write what is missing or stale, delete what should not be there.")
    ] = False,
) -> None:
    """Compare the search index with the ledger, article by article."""
    from pipeline.steps.context import open_context
    from pipeline.steps.verify import verify

    with showing_progress(errors()) as progress, open_context(settings(), progress=progress) as context:
        report = verify(context, repair=repair)
        progress.close()
    output().print(f"{report.articles} articles in the ledger; in the search index:")
    if report.before:
        output().print(f"({report.before} of them were compared before the last time was broken off)")
    for name, meaning in _COUNTS:
        if (count := getattr(report, name)) or name == "found":
            output().print(f"{count:>8}  {meaning}")
    if report.repaired:
        output().print(f"{report.repaired} repaired")
    if not report.agrees:
        errors().print("ledger and search index differ" + ("" if repair else "; newswatch index verify --repair"))
        raise typer.Exit(1)
