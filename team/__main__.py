"""`python -m team`: starts the team, says where everything is, shows its logs, and stops it at Ctrl-C or SIGTERM.

Promises that what was started is stopped when it ends, however it ends, and that the next start finds the data again.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console

from team import prepare
from team.places import HOST, ROOT, Team, environment, keep_secrets, ports_of
from team.programs import Program, programs
from team.screen import view
from team.supervise import Broken, Supervisor, supervised

PATIENCE = 600.0  # seconds for one program to be ready: the search server is fetched and compiled the first time


def main() -> int:
    given = _arguments()
    console = Console(highlight=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        _run(console, _team(given), demo=given.demo)
    except Broken as error:
        console.print(f"error: {error}", style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 0
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m team", description="The whole team on this machine; docs/team.md")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "team", help="where all its data is")
    parser.add_argument("--port", action="append", default=[], metavar="NAME=PORT", help="0 takes one that is free")
    parser.add_argument("--demo", action=argparse.BooleanOptionalAction, default=True, help="demonstration feeds too")
    return parser.parse_args()


def _team(given: argparse.Namespace) -> Team:
    folder = given.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        ports = ports_of({name: int(port) for name, _, port in (each.partition("=") for each in given.port)})
    except ValueError as error:
        raise Broken(str(error)) from error
    config = prepare.team_config(folder, os.environ, demo=given.demo)
    return Team(folder, ports, keep_secrets(folder), config)


def _run(console: Console, team: Team, *, demo: bool) -> None:
    """Does not end by itself unless the supervisor does."""
    prepare.check(team, demo=demo)
    prepare.make_files(team, demo=demo)
    prepare.tell_others(team)
    shared = environment(team, os.environ)
    wanted = programs(team, demo=demo)
    logs = view(console, team.folder / "logs", ["supervisor", *(each.name for each in wanted)])
    with logs, supervised(team.folder, wanted, shared) as supervisor:
        try:
            _start(console, team, supervisor, wanted, shared)
            _say_where(console, team, demo=demo)
            supervisor.process.wait()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # stopping is under way, and takes its time
            console.print("stopping", style="bold")
    raise Broken("the supervisor ended; logs/supervisor.log says why")


def _start(
    console: Console, team: Team, supervisor: Supervisor, wanted: Sequence[Program], shared: Mapping[str, str]
) -> None:
    for program in wanted:
        supervisor.start(program)
        _wait(supervisor, program)
        if program.name == "postgres":
            prepare.make_databases(team)
            console.print("making Airflow's tables, or bringing them up to date", style="bold")
            prepare.migrate(shared)


def _wait(supervisor: Supervisor, program: Program) -> None:
    """Until it is ready. Raises Broken with the end of its log if it cannot be."""
    end = time.monotonic() + PATIENCE
    while not _is_ready(supervisor, program):
        if supervisor.state(program.name) == "FATAL" or time.monotonic() > end:
            raise Broken(f"{program.name} does not start:\n{supervisor.said(program.name)}")
        time.sleep(0.3)


def _is_ready(supervisor: Supervisor, program: Program) -> bool:
    try:
        if program.ready:
            with urllib.request.urlopen(program.ready, timeout=5) as answer:
                return bool(answer.status == 200)
        if program.port:
            with socket.create_connection((HOST, program.port), timeout=5):
                return True
    except OSError:
        return False
    return supervisor.state(program.name) == "RUNNING"


def _say_where(console: Console, team: Team, *, demo: bool) -> None:
    ports = team.ports
    lines = [
        f"Airflow   {team.url(ports.airflow)}  user admin, password {team.secrets.airflow}",
        f"mails     {team.url(ports.mail)}  caught here, none is sent on",
        f"search    {team.url(ports.search)}  Elasticsearch's own interface",
        f"ledger    postgresql://newswatch@{HOST}:{ports.postgres}/newswatch  password in {team.folder}/secrets.json",
        f"feeds     {team.config}/feeds.yml"
        + (", the DEMONSTRATION feeds among them; without: make team DEMO=0" if demo else ""),
        f"data      {team.folder}  logs in logs/",
        "",
        f"To search: source {team.folder}/environment; newswatch search topic:asem",
        "Ctrl-C stops all of it; the data stay.",
    ]
    console.rule("[bold]The team is up")
    console.print("\n".join(lines), soft_wrap=True, markup=False)
    console.rule()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
