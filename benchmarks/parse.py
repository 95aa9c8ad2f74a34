"""The worker beside bare feedparser: time and memory on two real feeds and on documents that mean harm.

`python -m benchmarks.parse` prints one table. Bare feedparser runs as most programs use it (its own sanitiser on), in a
child of its own under a limit of 3 GiB and 20 seconds, so that a bomb ends only the child. Time is the best of five
for what takes less than a second; memory is the most that the parsing process ever held, interpreter included.
Real feeds are looked for in NEWSWATCH_DATA; without it, seed feeds stand in for them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ParseError
from pipeline.parse import Worker
from tests.hostile import documents

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("NEWSWATCH_DATA") or ROOT.parent / "shared" / "data")
MEMORY, SECONDS = 3 * 2**30, 20
BARE = """
import resource, sys, time, feedparser
body = sys.stdin.buffer.read()
start = time.perf_counter()
found = feedparser.parse(body)
print(time.perf_counter() - start, len(found.entries), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Measured(NamedTuple):
    seconds: float
    entries: str
    mebibytes: float | None


def cases() -> Iterator[tuple[str, bytes]]:
    real = sorted((DATA / "feeds").glob("real-*.rss")) or sorted((ROOT / "seeds" / "feeds").glob("*.xml"))[:2]
    yield from ((path.name, path.read_bytes()) for path in real)
    yield "entity bomb, 80 KB", documents.entity_bomb()
    yield "newlines, 80 KB", documents.newlines_in_prolog()
    yield "attributes, 20,000", documents.many_attributes()
    yield "ampersands, 200 KB", documents.ampersands(200_000)


def bare(body: bytes) -> Measured:
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-c", BARE],
            input=body,
            capture_output=True,
            timeout=SECONDS,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Measured(time.perf_counter() - start, "still at it", None)
    if done.returncode:
        return Measured(time.perf_counter() - start, done.stderr.decode().strip().rpartition("\n")[2][:24], None)
    seconds, entries, kibibytes = done.stdout.split()
    return Measured(float(seconds), entries.decode(), int(kibibytes) / 1024)


def guarded(body: bytes, worker: Worker) -> Measured:
    worker.feed(documents.healthy(), url=None)
    pid = worker.pid
    start = time.perf_counter()
    try:
        entries = str(len(worker.feed(body, url=None).entries))
    except ParseError as error:
        entries = error.code
    return Measured(time.perf_counter() - start, entries, _peak(pid))


def _peak(pid: int | None) -> float | None:
    try:
        return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:  # the limit ended it
        return None


def best(measure: Callable[[], Measured]) -> Measured:
    first = measure()
    return min([first, *(measure() for _ in range(4))], key=lambda each: each.seconds) if first.seconds < 1 else first


def show(name: str, plain: Measured, ours: Measured) -> str:
    def cells(each: Measured) -> str:
        memory = f"{each.mebibytes:8.0f} MiB" if each.mebibytes else f"{'-':>12}"
        return f"{each.seconds * 1000:9.0f} ms {memory}  {each.entries:<24}"

    return f"{name:<24}{cells(plain)}{cells(ours)}"


def main() -> None:
    print(f"{'':<24}{'feedparser alone: time, memory, entries':<50}worker: time, memory, entries")
    for name, body in cases():
        with Worker(memory=512 * 2**20, seconds=8.0) as worker:
            plain, ours = best(partial(bare, body)), best(partial(guarded, body, worker))
        print(show(name, plain, ours), flush=True)


if __name__ == "__main__":
    main()
