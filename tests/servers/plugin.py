"""A pytest plugin: `elasticsearch_url`, the address of a real Elasticsearch, started once for a whole run.

Promises a server that answers, or a failure that says why; with NEWSWATCH_TEST_ELASTICSEARCH set it is that server.
Tests share it, so each takes an index prefix of its own.
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
from contextlib import ExitStack
from pathlib import Path

import pytest

RUN = Path(__file__).parent / "elasticsearch" / "run.sh"
PATIENCE = 240.0  # seconds; the first run on a machine fetches and compiles


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if given := os.environ.get("NEWSWATCH_TEST_ELASTICSEARCH"):
        yield given
        return
    folder = tmp_path_factory.mktemp("elasticsearch")
    http, transport = _free_ports()
    with (folder / "log").open("wb") as log:
        command = [str(RUN), str(folder / "node"), str(http), str(transport)]
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{http}"
        _wait(url, server, folder / "log")
        yield url
    finally:
        _stop(server)


def _free_ports() -> tuple[int, int]:
    """Two ports that are free now, not the same."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return sockets[0].getsockname()[1], sockets[1].getsockname()[1]


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_cluster/health?timeout=1s", timeout=5) as answer:
                if json.load(answer)["status"] in ("yellow", "green"):
                    return
        except (OSError, ValueError):
            time.sleep(0.5)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    pytest.fail(f"Elasticsearch did not start; set NEWSWATCH_TEST_ELASTICSEARCH to use another. It said:\n{said}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
