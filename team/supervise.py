"""Keeps the programs of a team running, by supervisor: https://supervisord.org.

Promises that a program that dies is started again, that leaving the block stops all of them one after the other, the
last first, and that none lives on if this process is killed. What each says is in the folder logs/, one file a program.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import Fault, ServerProxy

from team.places import ROOT
from team.programs import BIN, PATIENCE, Program

LOG_BYTES = "50MB"  # of one program's log, and as much again of what came before


class Broken(Exception):
    """A program that does not start; the words say which, and what it said."""


@dataclass(frozen=True, slots=True)
class Supervisor:
    process: subprocess.Popen[bytes]
    socket: Path
    logs: Path

    def start(self, program: Program) -> None:
        self._call("startProcess", program.name, False)

    def state(self, name: str) -> str:
        """RUNNING, STARTING, BACKOFF, FATAL, ..."""
        return str(self._call("getProcessInfo", name)["statename"])

    def pid(self, name: str) -> int:
        """0 if it does not run just now."""
        return int(self._call("getProcessInfo", name)["pid"])

    def said(self, name: str) -> str:
        """The end of its log."""
        file = self.logs / f"{name}.log"
        return file.read_text(encoding="utf-8", errors="replace")[-2000:] if file.exists() else ""

    def _call(self, method: str, *arguments: object) -> Any:
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(cast(Any, server).supervisor, method)(*arguments)


@contextmanager
def supervised(folder: Path, programs: Sequence[Program], environment: Mapping[str, str]) -> Iterator[Supervisor]:
    """A supervisor that has not started any of `programs` yet."""
    logs = folder / "logs"
    # Not in the team's folder: the path of a socket may have 107 bytes at most.
    short = Path(tempfile.mkdtemp(prefix="newswatch-team-"))
    file = folder / "supervisord.conf"
    with file.open("w", encoding="utf-8") as opened:
        configuration(programs, logs, short / "socket").write(opened)
    command = ["setpriv", "--pdeathsig", "TERM", str(BIN / "supervisord"), "--nodaemon", "-c", str(file)]
    # In a session of its own, so that Ctrl-C reaches this process alone, which then stops it in order.
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    )
    found = Supervisor(process, short / "socket", logs)
    try:
        _wait_for_socket(found)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        shutil.rmtree(short, ignore_errors=True)


def configuration(programs: Sequence[Program], logs: Path, socket: Path) -> RawConfigParser:
    """What supervisord reads. It replaces %(...)s itself, so each % is doubled."""
    made = RawConfigParser()
    made["unix_http_server"] = {"file": str(socket), "chmod": "0700"}
    made["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    made["supervisorctl"] = {"serverurl": f"unix://{socket}"}
    own = {"logfile": str(logs / "supervisor.log"), "pidfile": str(socket.with_name("pid")), "nocleanup": "true"}
    made["supervisord"] = own | ({"user": "root"} if os.getuid() == 0 else {})
    for at, program in enumerate(programs):
        made[f"program:{program.name}"] = _section(program, at, logs)
    for section in made.values():
        for name, value in section.items():
            section[name] = value.replace("%", "%%")
    return made


def _section(program: Program, at: int, logs: Path) -> dict[str, str]:
    return {
        "command": shlex.join(program.command),
        "priority": str(at),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": "3",
        "startretries": "5",
        "stopsignal": program.stop,
        "stopwaitsecs": str(PATIENCE + 30),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(logs / f"{program.name}.log"),
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": "1",
        **({"user": program.user} if program.user else {}),
    }


def _wait_for_socket(found: Supervisor) -> None:
    for _ in range(600):
        if found.process.poll() is not None:
            raise Broken(f"the supervisor did not start:\n{found.said('supervisor')}")
        try:
            found.state("postgres")
        except (OSError, Fault):
            time.sleep(0.1)
        else:
            return
    raise Broken("the supervisor does not answer")
