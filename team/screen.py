"""One view of all logs: each line with the coloured name of its program before it.

Shows lines whole, and those of one program in their order; between programs the order is that in which they were read.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.text import Text

COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "bright_red", "bright_cyan", "bright_green", "bright_magenta")
EVERY = 0.3  # seconds
LONGEST = 400  # characters of a line; Airflow writes whole tracebacks into one


@dataclass(slots=True)
class Log:
    name: str
    file: Path
    style: str
    opened: BinaryIO | None = None
    begun: bytes = b""  # a line that has no end yet

    def lines(self) -> Iterator[str]:
        """What was written since the last time."""
        while self.opened is not None or self.file.exists():
            self.opened = self.opened or self.file.open("rb")
            *whole, self.begun = (self.begun + self.opened.read()).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)
            if not self._is_old():
                return
            self.opened.close()
            self.opened = None

    def _is_old(self) -> bool:
        """Whether the name belongs to another file by now, as when the supervisor begins a new one."""
        assert self.opened is not None
        return self.file.exists() and self.file.stat().st_ino != os.fstat(self.opened.fileno()).st_ino


@contextmanager
def view(console: Console, folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Prints what the logs of `names` get, until the block ends."""
    logs = [Log(name, folder / f"{name}.log", COLOURS[at % len(COLOURS)]) for at, name in enumerate(names)]
    width = max(map(len, names))
    over = threading.Event()

    def follow() -> None:
        while not over.wait(EVERY):
            _show(console, logs, width)
        _show(console, logs, width)

    thread = threading.Thread(target=follow, name="log view", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _show(console: Console, logs: Sequence[Log], width: int) -> None:
    for log in logs:
        for line in log.lines():
            head = Text(f"{log.name:<{width}} | ", style=log.style)
            short = line if len(line) <= LONGEST else f"{line[:LONGEST]} ... (whole in {log.file})"
            console.print(head + Text.from_ansi(short), soft_wrap=True, highlight=False)
