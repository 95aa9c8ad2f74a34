"""Live progress of a pass on standard error: bars on a terminal, one line a step elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from pipeline.steps.progress import Progress

TITLES = {
    "collect": "Fetching feeds",
    "enrich": "Reading articles",
    "pages": "Fetching pages",
    "index": "Indexing",
    "facts": "Indexing facts",
    "mail": "Sending mail",
    "check": "Checking feeds",
    "verify": "Comparing",
    "again": "Reading again",
    "mine": "Looking through",
}


class Display:
    """Called with each step's progress."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        columns = (SpinnerColumn(), TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn())
        self._bars = Bars(*columns, TimeElapsedColumn(), console=console, transient=True)
        if console.is_terminal:
            self._bars.start()

    def __call__(self, progress: Progress) -> None:
        if self._console.is_terminal:
            self._draw(progress)
        elif self._last and self._last.step != progress.step:
            self._say(self._last)
        self._last = progress

    def close(self) -> None:
        if self._console.is_terminal:
            self._bars.stop()
        elif self._last:
            self._say(self._last)
        self._last = None

    def _draw(self, progress: Progress) -> None:
        if progress.step not in self._tasks:
            self._tasks[progress.step] = self._bars.add_task(
                TITLES.get(progress.step, progress.step), total=progress.total
            )
        self._bars.update(self._tasks[progress.step], completed=progress.done, total=progress.total)

    def _say(self, progress: Progress) -> None:
        of = f" of {progress.total}" if progress.total is not None else ""
        self._console.print(f"{TITLES.get(progress.step, progress.step)}: {progress.done}{of}")


@contextlib.contextmanager
def showing_progress(console: Console) -> Iterator[Display]:
    display = Display(console)
    try:
        yield display
    finally:
        display.close()
