"""A pytest plugin: `postgres_url`, the address of an empty database on a real PostgreSQL, a new one for each test.

Promises a server that is started once for a whole run, or a failure that says why; with NEWSWATCH_TEST_POSTGRES set it
is that server (a URL of a role that may create databases).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    if given := os.environ.get("NEWSWATCH_TEST_POSTGRES"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="newswatch-postgres-"))
    user = _user(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        _do(user, "initdb", "-D", f"{folder}/data", "-U", "newswatch", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        _do(user, "pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        yield f"postgresql://newswatch@127.0.0.1:{port}"
    finally:
        _do(user, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    with empty_database(postgres_server) as url:
        yield url


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The address of a new database, which is dropped at the end of the block."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _user(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: then it runs as another user, who gets the folder."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, found.pw_uid, found.pw_gid)
        return name
    raise LookupError("no user to run PostgreSQL as")


def _do(user: str | None, command: str, *arguments: str, check: bool = True) -> None:
    places = [os.environ.get("PATH", ""), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    found = shutil.which(command, path=os.pathsep.join(places))
    if found is None:
        pytest.fail(f"{command} of PostgreSQL is not installed; tests/servers/prepare.sh installs it")
    group = pwd.getpwnam(user).pw_gid if user else None
    done = subprocess.run(
        [found, *arguments],
        user=user,
        group=group,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if check and done.returncode:
        pytest.fail(f"{command} failed: {done.stderr.decode(errors='replace')[-1000:]}")
