"""A whole team as `make team` starts it, in a folder of its own and on free ports, with what a test asks of it.

`crew.airflow(...)` asks Airflow, `crew.titled(...)` finds processes to kill. Leaving the block stops all of it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from team.places import Ports
from tests.world import ROOT

PATIENCE = 600.0  # seconds for one thing to happen, on a busy machine
QUICK = {  # Airflow notices within seconds what it otherwise notices within minutes
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "12",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "ES_JAVA_HOME", "NEWSWATCH_SERVER_CACHE", "XDG_CACHE_HOME")


@dataclass(slots=True)
class Crew:
    process: subprocess.Popen[bytes]
    folder: Path
    ports: Ports
    token: str = ""

    def airflow(self, path: str) -> Any:
        """What Airflow's API answers."""
        if not self.token:
            password = json.loads((self.folder / "secrets.json").read_text())["airflow"]
            given = {"username": "admin", "password": password}
            self.token = self._ask("/auth/token", given)["access_token"]
        return self._ask(f"/api/v2{path}")

    def _ask(self, path: str, given: Mapping[str, str] | None = None) -> Any:
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if not given else {}),
        }
        body = json.dumps(given).encode() if given else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports.airflow}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def runs(self) -> list[str]:
        """The states of all runs of ingest that the schedule began, the first first."""
        found = self.airflow("/dags/ingest/dagRuns?order_by=run_after&limit=100")["dag_runs"]
        return [each["state"] for each in found if each["run_type"] == "scheduled"]

    def mails(self) -> list[dict[str, str]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports.mail}/mails.json", timeout=60) as answer:
            found: list[dict[str, str]] = json.load(answer)
        return found

    def mail_text(self, key: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports.mail}/{key}/text", timeout=60) as answer:
            return str(answer.read().decode())

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def titled(self, title: str, *, but: str = "team.whole") -> list[psutil.Process]:
        """Processes of this team that call themselves so, or were started so."""
        found = []
        for each in self.descendants():
            with suppress(psutil.NoSuchProcess):
                line = " ".join(each.cmdline())
                if title in line and but not in line:
                    found.append(each)
        return found

    def said(self) -> str:
        return (self.folder / "screen.txt").read_text(encoding="utf-8", errors="replace")


def lives(process: psutil.Process) -> bool:
    """A process that ended and whose parent has not been told does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_for(what: Callable[[], Any], why: Callable[[], str], *, patience: float = PATIENCE, every: float = 0.5) -> Any:
    """Its first answer that is true."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(OSError):
            if found := what():
                return found
        time.sleep(every)
    raise AssertionError(why())


@contextmanager
def crew(config: Path, extra: Mapping[str, str]) -> Iterator[Crew]:
    """Up when the block begins; stopped by SIGTERM at its end if the test has not done so."""
    # Not pytest's folder, which only this user may enter: PostgreSQL runs as another one.
    folder = Path(tempfile.mkdtemp(prefix="newswatch-crew-"))
    folder.chmod(0o755)
    names = ("airflow", "mail", "search", "nodes", "postgres", "smtp")
    ports = [f"--port={name}=0" for name in names]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"NEWSWATCH_CONFIG": str(config), **QUICK, **extra}
    command = [sys.executable, "-m", "team", "--folder", str(folder), "--no-demo", *ports]
    with (folder / "screen.txt").open("wb") as screen:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=screen, stderr=subprocess.STDOUT)
    made = Crew(process, folder, Ports())
    try:
        wait_for(lambda: "The team is up" in made.said() or process.poll() is not None, made.said)
        assert process.poll() is None, made.said()
        made.ports = Ports(**json.loads((folder / "ports.json").read_text()))
        yield made
    finally:
        stop(made)
        shutil.rmtree(folder, ignore_errors=True)


def stop(made: Crew) -> int:
    if made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
    return made.process.wait(timeout=PATIENCE)
