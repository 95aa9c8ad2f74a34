"""A command in a real terminal, as a person at the keyboard has it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl

from tests.cli.machine import environment
from tests.world import COMMAND, ROOT, World

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-B0-2]|\r")
LINES, COLUMNS = 40, 100


class Terminal:
    """`raw` is what was written to the screen, `text` the same without colours; both only grow."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self.process = process
        self._bytes = b""
        self._read = 0  # of text, by expect

    @property
    def raw(self) -> str:
        return self._bytes.decode("utf-8", "ignore")

    @property
    def text(self) -> str:
        return _ESCAPES.sub("", self.raw)

    def expect(self, words: str, *, seconds: float = 120) -> str:
        """Wait until the words come after those that were last waited for; everything between."""
        deadline = time.monotonic() + seconds
        while (at := self.text.find(words, self._read)) < 0:
            assert time.monotonic() < deadline, f"no {words!r} in {self.text[self._read :]!r}"
            if not self._more(deadline):
                assert self.text.find(words, self._read) >= 0, f"ended without {words!r}: {self.text[self._read :]!r}"
        before, self._read = self.text[self._read : at], at + len(words)
        return before

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def interrupt(self, *, seconds: float = 120) -> int:
        """Ctrl-C, again every two seconds, because a prompt that is being drawn does not hear it; the exit status."""
        deadline = time.monotonic() + seconds
        self.type("\x03")
        while time.monotonic() < deadline:
            if not select.select([self._master], [], [], 2)[0]:
                self.type("\x03")
            elif not self._more(deadline):
                return self.process.wait(timeout=10)
        raise AssertionError(f"Ctrl-C did not end it: {self.text!r}")

    def end(self, *, seconds: float = 120) -> int:
        """The exit status."""
        deadline = time.monotonic() + seconds
        while self._more(deadline):
            pass
        return self.process.wait(timeout=10)

    def _more(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more came after {self.text!r}"
        try:
            new = os.read(self._master, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            return False
        self._bytes += new
        return bool(new)


def _controlled() -> None:
    """Ctrl-C reaches the process whose terminal it is, and is heard there even if the tests run where it is not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(world: World, *arguments: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [str(COMMAND), *arguments],
        cwd=ROOT,
        env=environment(world) | {"TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=_controlled,
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)
