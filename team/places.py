"""Where everything of one team is: its folder, its ports, its secrets, and the environment made of them.

Promises the same answers for the same folder, after a restart too: secrets are made once and kept in a file that only
its owner reads. Opens no port and starts nothing.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """All on 127.0.0.1. Not the usual one where a system's own server is likely to be there."""

    airflow: int = 8080
    mail: int = 8025  # the page
    search: int = 9200
    nodes: int = 9300  # between search servers; there is only one
    postgres: int = 5442
    smtp: int = 1025
    feeds: int = 8088  # the demonstration feeds


@dataclass(frozen=True, slots=True)
class Secrets:
    airflow: str  # password of Airflow's one user, admin
    postgres: str
    jwt: str
    session: str
    fernet: str


@dataclass(frozen=True, slots=True)
class Team:
    folder: Path  # absolute
    ports: Ports
    secrets: Secrets
    config: Path  # of feeds, topics, watch-list and alerts

    def database(self, name: str) -> str:
        return f"postgresql+psycopg://newswatch:{self.secrets.postgres}@{HOST}:{self.ports.postgres}/{name}"

    def url(self, port: int) -> str:
        return f"http://{HOST}:{port}"


def ports_of(given: Mapping[str, int]) -> Ports:
    """The usual ports but for those given by name, where 0 means one that is free now."""
    names = [each.name for each in fields(Ports)]
    if unknown := sorted(set(given) - set(names)):
        raise ValueError(f"there is no port named {unknown[0]}; there are {', '.join(names)}")
    free = _free_ports(sum(port == 0 for port in given.values()))
    return Ports(**{name: port or free.pop() for name, port in given.items()})


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def keep_secrets(folder: Path) -> Secrets:
    """Those of the folder, made when it has none."""
    file = folder / "secrets.json"
    if not file.exists():
        made = Secrets(
            airflow=secrets.token_urlsafe(9),
            postgres=secrets.token_urlsafe(24),
            jwt=secrets.token_urlsafe(48),
            session=secrets.token_urlsafe(48),
            fernet=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        )
        write_private(file, json.dumps(asdict(made), indent=1))
    return Secrets(**json.loads(file.read_text(encoding="utf-8")))


def write_private(file: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner only."""
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
    beside.replace(file)


def environment(team: Team, given: Mapping[str, str]) -> dict[str, str]:
    """What every process gets: `given`, over it what makes this team, under it what may be set otherwise."""
    kept = {name: value for name, value in given.items() if not name.startswith("SUPERVISOR_")}
    return {**_wishes(team), **kept, **_airflow(team), **newswatch_environment(team)}


def _wishes(team: Team) -> dict[str, str]:
    """Mail goes to the catcher unless NEWSWATCH_SMTP_HOST names another server."""
    return {
        "NEWSWATCH_SMTP_HOST": HOST,
        "NEWSWATCH_SMTP_PORT": str(team.ports.smtp),
        "AIRFLOW__CORE__PARALLELISM": "4",  # with the local executor, so many processes stand ready
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "pipeline=INFO",  # what was found and sent
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        # A task whose scheduler died is taken up again after these; Airflow's own are five minutes each.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    }


def newswatch_environment(team: Team) -> dict[str, str]:
    """What `newswatch` needs to know to work on this team's data."""
    return {
        "NEWSWATCH_HOME": str(team.folder / "newswatch"),
        "NEWSWATCH_CONFIG": str(team.config),
        "NEWSWATCH_LEDGER": team.database("newswatch"),
        "NEWSWATCH_SEARCH": "elasticsearch",
        "NEWSWATCH_ELASTICSEARCH_URL": team.url(team.ports.search),
    }


def _airflow(team: Team) -> dict[str, str]:
    database = team.database("airflow")
    return {
        "PYTHONPATH": str(ROOT),  # for dags/, whose code is in pipeline/
        "AIRFLOW_HOME": str(team.folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": team.secrets.fernet,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(team.folder / "airflow-passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{team.url(team.ports.airflow)}/execution/",
        "AIRFLOW__API__BASE_URL": team.url(team.ports.airflow),
        "AIRFLOW__API__SECRET_KEY": team.secrets.session,
        "AIRFLOW__API_AUTH__JWT_SECRET": team.secrets.jwt,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database,
    }
