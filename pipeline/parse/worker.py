"""A child process that parses, with a limit on its memory and on each document's time.

Promises that a document costs this process nothing but its bytes and its result: whatever it does to the child, the
caller gets a Feed, a Page or a ParseError, within the seconds given and GRACE more, and the next document gets a fresh
child. Children are reused, renewed after a thousand documents, started when first needed, and never outlive their
parent for longer than one document. One document at a time: threads wait for each other.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pipeline.errors import HostileDocument, NotAFeed, NotAPage, ParseError, ParserLimit
from pipeline.model import Feed, Page
from pipeline.parse.wire import OUT_OF_MEMORY, feed_from_json, pack, page_from_json, unpack

GRACE: Final = 1.5  # seconds of wall clock beyond the CPU seconds, for start-up and a busy machine
RENEW: Final = 1_000  # documents after which a child is replaced, lest small leaks add up
# What a process dies of that gets no memory: its own MemoryError, an abort in C or Rust, a stack that cannot grow, or
# the kernel's choice.
_MEMORY_DEATHS = (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL)
_ROOT = Path(__file__).resolve().parents[2]
_KINDS: Final[Mapping[str, type[ParseError]]] = {
    kind.code: kind for kind in (ParseError, NotAFeed, NotAPage, HostileDocument, ParserLimit)
}


class Worker:
    """`memory` in bytes of address space, `seconds` of CPU for one document. Use as a context manager, or `close`."""

    def __init__(self, *, memory: int, seconds: float) -> None:
        self._memory, self._seconds = memory, seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the child now alive, if any."""
        return self._child.pid if self._child else None

    def feed(
        self, body: bytes, *, url: str | None, headers: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Feed:
        """The feed in `body`. `now` judges dates (default: the clock). Raises a ParseError."""
        return feed_from_json(self._ask("feed", body, url, headers, now))

    def page(
        self, body: bytes, *, url: str | None, headers: Mapping[str, str] | None = None, now: datetime | None = None
    ) -> Page:
        """The article on the HTML page `body`. Raises a ParseError."""
        return page_from_json(self._ask("page", body, url, headers, now))

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(
        self, kind: str, body: bytes, url: str | None, headers: Mapping[str, str] | None, now: datetime | None
    ) -> Mapping[str, Any]:
        moment = (now or datetime.now(UTC)).isoformat()
        request = {"kind": kind, "url": url, "headers": dict(headers or {}), "now": moment, "seconds": self._seconds}
        with self._lock:
            answer = self._exchange(pack(request, body), url or "")
        if "ok" in answer:
            return dict(answer["ok"])
        raise _KINDS.get(answer["error"], ParseError)(answer["subject"], answer["message"])

    def _exchange(self, frame: bytes, subject: str) -> Mapping[str, Any]:
        child = self._running()
        deadline = time.monotonic() + self._seconds + GRACE
        try:
            _send(child, frame, deadline)
            answer, _ = unpack(lambda size: _receive(child, size, deadline))
        except TimeoutError as error:
            self._end()
            raise ParserLimit(subject, f"it took longer than {self._seconds + GRACE:g} seconds") from error
        except (EOFError, BrokenPipeError, ValueError) as error:
            self._end(kill=False)
            raise self._cause_of_death(child, subject) from error
        except BaseException:  # an interrupt: the child is in the middle of a frame
            self._end()
            raise
        self._done += 1
        if self._done >= RENEW:
            self._end()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = _start(self._memory)
        return self._child

    def _end(self, *, kill: bool = True) -> None:
        child, self._child, self._done = self._child, None, 0
        if child is None:
            return
        if kill:
            child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
        try:
            child.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _cause_of_death(self, child: subprocess.Popen[bytes], subject: str) -> ParseError:
        status = child.returncode
        if status == -signal.SIGPROF:
            return ParserLimit(subject, f"it took more than {self._seconds:g} seconds of computing")
        if status in _MEMORY_DEATHS:
            return ParserLimit(subject, f"it needed more than {self._memory // 2**20} MiB of memory ({status})")
        return ParseError(subject, f"the parser broke down (status {status})")


def _start(memory: int) -> subprocess.Popen[bytes]:
    # A bare environment: no secret of ours is within a parser's reach. UTC, as feedparser asks the local time.
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "pipeline.parse.child", str(memory)]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        bufsize=0,
        start_new_session=True,  # an interrupt at the terminal is for the parent, which ends the child in order
    )
    for pipe in (child.stdin, child.stdout):
        if pipe:
            os.set_blocking(pipe.fileno(), False)
    return child


def _send(child: subprocess.Popen[bytes], frame: bytes, deadline: float) -> None:
    assert child.stdin is not None
    rest = memoryview(frame)
    while rest:
        _wait(child.stdin.fileno(), deadline, write=True)
        rest = rest[os.write(child.stdin.fileno(), rest[: 1 << 20]) :]


def _receive(child: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    assert child.stdout is not None
    parts = bytearray()
    while len(parts) < size:
        _wait(child.stdout.fileno(), deadline, write=False)
        data = os.read(child.stdout.fileno(), min(size - len(parts), 1 << 20))
        if not data:
            raise EOFError
        parts += data
    return bytes(parts)


def _wait(descriptor: int, deadline: float, *, write: bool) -> None:
    """Until the pipe is ready. Raises TimeoutError at the deadline. (poll, as select fails above 1,024 descriptors.)"""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT if write else select.POLLIN)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
