"""A search server of one's own: a process on two free ports and a folder, which can be killed and started again.

Promises a server that answers, or a failure that says why. The first start on a machine fetches and compiles.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

SERVERS = Path(__file__).parent
PATIENCE = 240.0  # seconds; the first run on a machine fetches and compiles


class SearchServer:
    """`kind` is the folder with its run.sh: elasticsearch or opensearch. It stays on its ports, and in `folder`."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self._http, self._transport = _free_ports()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http}"

    def start(self) -> None:
        """On what is in the folder, if it ran before."""
        run = SERVERS / self.kind / "run.sh"
        command = [str(run), str(self.folder / "node"), str(self._http), str(self._transport)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self._wait(self._process)

    def kill(self) -> None:
        """SIGKILL, as a power cut would have it."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            if _answers(self.url):
                return
            time.sleep(0.5)
        said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
        other = f"NEWSWATCH_TEST_{self.kind.upper()}"
        pytest.fail(f"{self.kind} did not start; set {other} to use another. It said:\n{said}")


@contextmanager
def serving_search(kind: str, folder: Path) -> Iterator[SearchServer]:
    """A started server, stopped at the end."""
    server = SearchServer(kind, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health?timeout=1s", timeout=5) as answer:
            return json.load(answer)["status"] in ("yellow", "green")
    except (OSError, ValueError):
        return False


def _free_ports() -> tuple[int, int]:
    """Two ports that are free now, not the same."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return sockets[0].getsockname()[1], sockets[1].getsockname()[1]
