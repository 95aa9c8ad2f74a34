"""What must be there before a team starts, and what is made in its data the first time.

Everything may be done again on a folder that has it already. Raises Broken with what to do about it.
"""

from __future__ import annotations

import json
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import psycopg
from psycopg import sql

from team.places import HOST, ROOT, Team, newswatch_environment, write_private
from team.programs import BIN, postgres_binary, postgres_user
from team.supervise import Broken

DATABASES = ("newswatch", "airflow")
DEMO_FEEDS = "file:seeds/feeds/"


def check(team: Team, *, demo: bool) -> None:
    """That nobody else listens where the team will, and that its programs are there."""
    for name, port in asdict(team.ports).items():
        if (name != "feeds" or demo) and not _is_free(port):
            raise Broken(
                f"port {port} ({name}) is taken: is another team running? Otherwise choose another: "
                f"make team TEAM='--port {name}=0' takes one that is free"
            )
    for command in ("setpriv", "mvn"):
        if shutil.which(command) is None:
            raise Broken(f"{command} is not installed; tests/servers/prepare.sh installs what the servers need")
    try:
        postgres_binary("initdb"), postgres_user()
    except LookupError as error:
        raise Broken(str(error)) from error


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except OSError:
            return False
    return True


def make_files(team: Team, *, demo: bool) -> None:
    """The data folder of PostgreSQL, Airflow's password file, and the configuration with the demonstration feeds."""
    logs = team.folder / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    write_private(team.folder / "airflow-passwords.json", json.dumps({"admin": team.secrets.airflow}))
    if not (team.folder / "postgres" / "PG_VERSION").exists():
        _initdb(team)
    if demo:
        _demonstration(team)


def _initdb(team: Team) -> None:
    data, user = team.folder / "postgres", postgres_user()
    shutil.rmtree(data, ignore_errors=True)  # of a first start that was killed in the middle
    data.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="newswatch-") as password:
        password.write(team.secrets.postgres)
        password.flush()
        if user is not None:
            entry = pwd.getpwnam(user)
            for path in (data, password.name):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        options = [
            "-U",
            "newswatch",
            "-A",
            "scram-sha-256",
            "--pwfile",
            password.name,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        command = [postgres_binary("initdb"), "-D", str(data), *options]
        group = pwd.getpwnam(user).pw_gid if user else None
        done = subprocess.run(command, user=user, group=group, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise Broken(
            f"PostgreSQL's data folder could not be made:\n{done.stderr.strip()[-1500:]}\n"
            f"If it is that {user or 'you'} may not enter {team.folder}: make team TEAM='--folder ANOTHER'"
        )


def _demonstration(team: Team) -> None:
    """The project's configuration with the demonstration feeds beside the outlets, from a server of this machine."""
    team.config.mkdir(exist_ok=True)
    for name in ("topics.yml", "watchlist.yml", "alerts.yml"):
        link = team.config / name
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT / "config" / name)
    feeds, demo = ((ROOT / "config" / f"{name}.yml").read_text(encoding="utf-8") for name in ("feeds", "demo"))
    _, sources = demo.split("\nsources:\n")
    served = sources.replace(DEMO_FEEDS, f"{team.url(team.ports.feeds)}/")
    (team.config / "feeds.yml").write_text(f"{feeds.rstrip()}\n\n{served}", encoding="utf-8")


def tell_others(team: Team) -> None:
    """The ports; and a file to source, so that `newswatch` in a shell uses the data of this team."""
    (team.folder / "ports.json").write_text(json.dumps(asdict(team.ports)), encoding="utf-8")
    exports = [f"export {name}={shlex.quote(value)}\n" for name, value in newswatch_environment(team).items()]
    activate = f"source {shlex.quote(str(BIN / 'activate'))}\n"
    write_private(team.folder / "environment", activate + "".join(exports))


def make_databases(team: Team) -> None:
    with psycopg.connect(team.database("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in DATABASES:
            if name not in there:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def migrate(environment: Mapping[str, str]) -> None:
    """Airflow's tables and pools. Newswatch makes its own when they are first used."""
    for command in (("airflow", "db", "migrate"), ("airflow", "pools", "import", str(ROOT / "dags" / "pools.json"))):
        _run(command, environment)


def _run(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    name, *arguments = command
    whole = [str(BIN / name), *arguments]
    done = subprocess.run(whole, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Broken(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def team_config(folder: Path, given: Mapping[str, str], *, demo: bool) -> Path:
    """Where the configuration of the team is."""
    if demo:
        return folder / "config"
    return Path(given.get("NEWSWATCH_CONFIG") or ROOT / "config").absolute()
