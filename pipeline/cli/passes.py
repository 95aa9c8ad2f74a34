"""newswatch run, watch, passes: passes over the feeds with progress and a summary, and the record of them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import typer

from pipeline.cli.common import AsJson, Demo, Limit, errors, output, plain, settings
from pipeline.cli.progress import showing_progress


def add_to(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(watch)
    app.command()(passes)


def run(
    demo: Demo = False,
    due: bool = typer.Option(False, "--due", help="Only feeds whose next poll is due, as watch does."),
) -> None:
    """One pass: fetch every feed, read what is new, index it, mail what matches; then a summary."""
    with _stopping() as stop:  # before the imports, which take a while
        from pipeline.cli.summary import print_summary
        from pipeline.steps.context import open_context
        from pipeline.steps.passes import run_pass

        with (
            showing_progress(errors()) as progress,
            open_context(settings(), demo=demo, stopping=stop.is_set, progress=progress) as context,
        ):
            report = run_pass(context, everything=not due)
            progress.close()
            print_summary(output(), context, report)
    if report.failed:
        raise typer.Exit(1)


def watch(demo: Demo = False) -> None:
    """Passes over the feeds that are due, until stopped; SIGTERM and Ctrl-C finish the step in hand."""
    with _stopping() as stop:  # before the imports, which take a while
        from pipeline.cli.summary import one_line
        from pipeline.observe.otlp import exporting
        from pipeline.observe.readings import Readings
        from pipeline.steps.context import open_context
        from pipeline.steps.passes import watch as watch_for_ever

        found = settings()
        with (
            open_context(found, demo=demo, stopping=stop.is_set) as context,
            contextlib.closing(Readings(found)) as readings,
            exporting(readings.read),
        ):
            errors().print(f"watching {len(context.config.sources)} feeds; stop with Ctrl-C or SIGTERM")
            watch_for_ever(
                context, stop=stop, each=lambda report: output().print(one_line(report), markup=False, soft_wrap=True)
            )
    errors().print("stopped")


def passes(limit: Limit = 10, as_json: AsJson = False) -> None:
    """The last passes: when each began and ended, and what came of it."""
    from contextlib import closing

    from pipeline.cli.tables import pass_table
    from pipeline.ledger import open_ledger, pass_records

    with closing(open_ledger(settings())) as ledger, ledger.read() as connection:
        found = pass_records.latest(connection, limit=limit)
    if as_json:
        print(json.dumps([dataclasses.asdict(each) for each in found], ensure_ascii=False, default=plain))
    else:
        output().print(pass_table(found))


@contextlib.contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that the first SIGTERM or SIGINT sets; the second SIGINT interrupts as usual."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
