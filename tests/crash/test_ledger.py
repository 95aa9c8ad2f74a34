"""Killed while a ledger is copied, backed up or restored: it is whole, as it was before or as it was to become."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pipeline.ledger import copying, open_ledger
from pipeline.ledger.copying import Contents
from pipeline.ledger.schema import article
from pipeline.settings import load_settings
from tests.crash.test_others import wait_until
from tests.ledger.filling import ROWS, fill
from tests.world import COMMAND

LEDGER_POINTS = [
    "ledger.copy.commit.before",
    "ledger.copy.commit.after",
    "ledger.backup.written",
    "ledger.restore.pages",
    "ledger.restore.commit",
]
Environment = Mapping[str, str]


def newswatch(environment: Environment, *arguments: str, die_at: str = "") -> str:
    """What `newswatch ledger` printed, or "killed"."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}
    done = subprocess.run(
        [str(COMMAND), "ledger", *arguments],
        env=inherited | dict(environment) | {"NEWSWATCH_TEST_CRASH": die_at},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == -signal.SIGKILL:
        return "killed"
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def held(environment: Environment) -> tuple[Contents, ...]:
    with closing(open_ledger(load_settings(environment))) as ledger, ledger.read() as connection:
        return copying.all_contents(connection)


def fill_more(environment: Environment, articles: int) -> None:
    """Each is more than a page of a database; a restore says that it is done with pages a thousand at a time."""
    with closing(open_ledger(load_settings(environment))) as ledger, ledger.transaction("test") as connection:
        fill(connection)
        rows = [ROWS["article"][0] | {"id": f"m{number}", "page_text": "text " * 1000} for number in range(articles)]
        connection.execute(article.insert(), rows)


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    environment = {"NEWSWATCH_HOME": str(tmp_path / "var")}
    if request.param == "postgresql":
        environment["NEWSWATCH_LEDGER"] = request.getfixturevalue("postgres_url")
    fill_more(environment, 2400)
    return environment


@pytest.mark.parametrize("to", ["postgresql", "sqlite"])
def test_killed_while_it_is_copied(to: str, tmp_path: Path, postgres_url: str) -> None:
    here, there = {"NEWSWATCH_HOME": str(tmp_path / "here")}, {"NEWSWATCH_HOME": str(tmp_path / "there")}
    (here if to == "sqlite" else there)["NEWSWATCH_LEDGER"] = postgres_url
    fill_more(here, 10)
    before, address = held(here), load_settings(there).ledger_url
    assert newswatch(here, "copy", address, die_at="ledger.copy.commit.before") == "killed"
    assert not any(each.rows for each in held(there))
    assert newswatch(here, "copy", address, die_at="ledger.copy.commit.after") == "killed"
    assert held(here) == held(there) == before


def test_killed_while_it_is_backed_up(filled: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "backups"
    newswatch(filled, "backup")
    (first,) = folder.iterdir()
    content = first.read_bytes()
    assert newswatch(filled, "backup", die_at="ledger.backup.written") == "killed"
    assert first.read_bytes() == content
    (left,) = (file for file in folder.iterdir() if file != first)
    assert left.name.endswith(".part")
    os.utime(left, (0, 0))
    newswatch(filled, "backup")
    assert sorted(file.suffix for file in folder.iterdir()) == [first.suffix, first.suffix]


def test_killed_while_it_is_restored(filled: Environment, tmp_path: Path) -> None:
    newswatch(filled, "backup", "--folder", str(tmp_path))
    (file,) = tmp_path.glob("newswatch-*")
    backed_up = held(filled)
    with closing(open_ledger(load_settings(filled))) as ledger, ledger.transaction("test") as connection:
        connection.execute(article.update().values(title="changed"))
    changed = held(filled)
    postgres = "NEWSWATCH_LEDGER" in filled
    for point in ["ledger.restore.commit"] if postgres else ["ledger.restore.pages", "ledger.restore.pages:2"]:
        assert newswatch(filled, "restore", "--replace", str(file), die_at=point) == "killed"
        settle(filled)
        assert held(filled) == changed
        sound(filled)
    newswatch(filled, "restore", "--replace", str(file))
    assert held(filled) == backed_up


def settle(environment: Environment) -> None:
    """A killed command's session ends once the server notices."""
    if url := environment.get("NEWSWATCH_LEDGER"):
        with psycopg.connect(url, autocommit=True) as connection:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            count = f"SELECT count(*) FROM pg_stat_activity WHERE {others}"
            wait_until(lambda: connection.execute(count).fetchone() == (0,))


def sound(environment: Environment) -> None:
    if "NEWSWATCH_LEDGER" not in environment:
        file = Path(environment["NEWSWATCH_HOME"]) / "ledger.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
