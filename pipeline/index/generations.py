"""The folders of the embedded index: one generation in use, the next built beside it, one writer at a time.

Promises that `current` always names a complete generation: it is replaced by an atomic rename, after the folder
is on disk. A process that is killed leaves at most a folder that nobody names, which the next rebuild removes; its lock
ends with it. It knows nothing of what is in a generation.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.crashpoint import reach
from pipeline.errors import SearchError, SearchUnavailable

_PAUSE = 0.05  # seconds between two tries for the lock


class Generations:
    """The folder of an embedded index. `wait` = seconds that a writer waits for another."""

    def __init__(self, folder: Path, *, wait: float) -> None:
        self.folder, self.wait = folder, wait

    def current(self) -> Path | None:
        """The generation in use, if there is one. Raises SearchError if nobody can tell."""
        try:
            return self.folder / (self.folder / "current").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SearchError(
                str(self.folder), f"the search index cannot be read: {error.strerror or error}"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The only writer, of all processes. Raises SearchUnavailable if another goes on for too long."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._lock(handle)
            yield
        finally:
            os.close(handle)

    def _lock(self, handle: int) -> None:
        end = time.monotonic() + self.wait
        while True:
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise SearchUnavailable(
                        str(self.folder), "another process is writing to the search index"
                    ) from None
                time.sleep(_PAUSE)

    def fresh(self) -> Path:
        """An empty folder for the next generation; only for the writer."""
        numbers = [int(path.name[1:]) for path in self.folder.glob("g[0-9]*") if path.name[1:].isdigit()]
        path = self.folder / f"g{max(numbers, default=0) + 1:06}"
        path.mkdir()
        return path

    def use(self, generation: Path) -> None:
        """Put `generation` in use and remove all others; only for the writer."""
        _sync(generation)
        made = self.folder / "current.new"
        with made.open("w", encoding="ascii") as file:
            file.write(generation.name)
            file.flush()
            os.fsync(file.fileno())
        reach("index.swap.before")
        made.replace(self.folder / "current")
        _sync(self.folder)
        reach("index.swap.after")
        self.clear()

    def clear(self) -> None:
        """Remove what is not in use; who still reads there keeps its open files."""
        current = self.current()
        for path in self.folder.glob("g[0-9]*"):
            if path != current:
                shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
