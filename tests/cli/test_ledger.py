"""newswatch ledger copy, backup, restore: what a user sees, and that a moved ledger repeats and forgets nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.ledger import open_ledger
from pipeline.settings import load_settings
from tests.cli.machine import offline
from tests.crash.state import check_mails, state
from tests.ledger.filling import ROWS, fill
from tests.world import World, living

SECRET = "geheim-42"


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The error, which must be one line."""
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.count("\n") == 1
    return done.stderr


def with_secret(url: str) -> str:
    """The server of the tests lets everybody in, whatever the password."""
    return re.sub(r"//(\w+)@", rf"//\1:{SECRET}@", url)


def test_a_moved_and_a_restored_ledger_send_nothing_again(tmp_path: Path, postgres_url: str) -> None:
    with living(tmp_path) as world:
        ok(world.newswatch("run"))
        before, mails = state(world), check_mails(world, crashes=0)
        copied = ok(world.newswatch("ledger", "copy", postgres_url))
        assert f"next: set NEWSWATCH_LEDGER={postgres_url} wherever Newswatch runs\n" in copied
        world.environment["NEWSWATCH_LEDGER"] = postgres_url
        assert state(world) == before
        moved = ok(world.newswatch("run"))
        assert re.search(r"^Feeds +3 tried: 0 changed, 2 unchanged, 1 failed", moved, re.MULTILINE), moved
        assert (state(world), check_mails(world, crashes=0)) == (before, mails)
        (file,) = re.findall(r"^backed up to (.*)$", ok(world.newswatch("ledger", "backup")), re.MULTILINE)
        restored = ok(world.newswatch("ledger", "restore", "--replace", file))
        assert restored.endswith("next: newswatch reindex\n")
        ok(world.newswatch("reindex"))
        ok(world.newswatch("run"))
        assert (state(world), check_mails(world, crashes=0)) == (before, mails)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A machine whose ledger holds something."""
    world = offline(tmp_path)
    with closing(open_ledger(load_settings(world.settings()))) as ledger, ledger.transaction("test") as connection:
        fill(connection)
    return world


@pytest.fixture
def team(world: World, postgres_url: str) -> World:
    """The same on PostgreSQL, with a password."""
    ok(world.newswatch("ledger", "copy", postgres_url))
    return replace(world, environment=world.environment | {"NEWSWATCH_LEDGER": with_secret(postgres_url)})


def test_a_copy_says_what_it_did_and_what_comes_next(world: World, postgres_url: str) -> None:
    done = world.newswatch("ledger", "copy", with_secret(postgres_url))
    rows = sum(map(len, ROWS.values()))
    shown = with_secret(postgres_url).replace(SECRET, "***")
    assert f"\n{rows} rows are the same in {shown}, by count and checksum of every table\n" in ok(done)
    assert done.stdout.endswith(f"{shown} wherever Newswatch runs, with the password in place of ***\n")
    for table, examples in ROWS.items():
        assert re.search(rf"^{table} +{len(examples)} +[0-9a-f]{{16}} on both sides", done.stdout, re.MULTILINE)
        assert f"{table}: {len(examples)} of {len(examples)}\n" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    again = said(world.newswatch("ledger", "copy", with_secret(postgres_url)))
    assert again == f'error: {shown}: this ledger is in use: its table "mark" is not empty\n'


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("elsewhere", "the target: this is no database address; write postgresql://USER:PASSWORD@HOST/DATABASE"),
        (f"mysql://root:{SECRET}@host/x", "the target: mysql://root:***@host/x: the ledger is SQLite or PostgreSQL"),
        ("sqlite://", "the target: a ledger in memory is lost at once; write sqlite:///FILE"),
        ("sqlite:////proc/none/ledger", "/proc/none: the ledger's folder cannot be made: No such file or directory"),
        (f"postgresql://u:{SECRET}@127.0.0.1:9/x?password={SECRET}", "postgresql://u:***@127.0.0.1:9/x: the ledger"),
    ],
)
def test_a_target_that_cannot_be(world: World, address: str, meant: str) -> None:
    done = world.newswatch("ledger", "copy", address)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {meant}")
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr


def test_a_back_up_goes_where_it_is_told_and_back(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere [1]"
    printed = ok(world.newswatch("ledger", "backup", "--folder", str(folder)))
    (file,) = folder.iterdir()
    assert printed == f"backed up to {file}\n"
    refused = said(world.newswatch("ledger", "restore", str(file)))
    assert refused.endswith('its table "mark" is not empty; --replace backs it up, then replaces it\n')
    done = ok(world.newswatch("ledger", "restore", "--replace", str(file)))
    (kept,) = (world.home / "backups").iterdir()
    rows = sum(map(len, ROWS.values()))
    assert done == (
        f"restored {rows} rows into sqlite:///{world.home}/ledger.sqlite\n"
        f"what was there before is kept in {kept}\n"
        "next: newswatch reindex\n"
    )


def test_a_restore_into_nothing_needs_no_leave(world: World, tmp_path: Path) -> None:
    ok(world.newswatch("ledger", "backup", "--folder", str(tmp_path)))
    (file,) = tmp_path.glob("*.sqlite")
    shutil.rmtree(world.home)
    assert "is kept in" not in ok(world.newswatch("ledger", "restore", str(file)))


def test_what_cannot_be_restored_is_said_in_a_line(world: World, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("no back-up")
    assert "notes: this is no back-up of a ledger" in said(
        world.newswatch("ledger", "restore", str(tmp_path / "notes"))
    )
    assert "none: the back-up cannot be read: No such file" in said(world.newswatch("ledger", "restore", "none"))


@pytest.fixture
def spied(tmp_path: Path) -> Path:
    """A folder of PostgreSQL's programs that write down how they were called; the file is `calls`."""
    folder = tmp_path / "spied"
    folder.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        real = shutil.which(name)
        assert real is not None
        script = folder / name
        script.write_text(f'#!/bin/sh\necho "{name} $@" >> "{folder}/calls"\nexec {real} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return folder


def test_no_password_is_printed_or_stands_in_a_command_line(team: World, spied: Path) -> None:
    path = f"{spied}{os.pathsep}{os.environ['PATH']}"
    backed_up = team.newswatch("ledger", "backup", PATH=path)
    (file,) = (team.home / "backups").glob("*.dump")
    refused = team.newswatch("ledger", "restore", str(file), PATH=path)
    restored = team.newswatch("ledger", "restore", "--replace", str(file), PATH=path)
    assert [each.returncode for each in (backed_up, refused, restored)] == [0, 1, 0]
    calls = (spied / "calls").read_text(encoding="utf-8")
    assert {line.split()[0] for line in calls.splitlines()} == {"pg_dump", "pg_restore", "psql"}
    printed = "".join(each.stdout + each.stderr for each in (backed_up, refused, restored))
    assert "***" in printed
    assert SECRET not in calls + printed


def test_the_other_kind_is_refused(team: World, world: World, tmp_path: Path) -> None:
    ok(world.newswatch("ledger", "backup", "--folder", str(tmp_path)))
    (file,) = tmp_path.glob("*.sqlite")
    refused = said(team.newswatch("ledger", "restore", str(file)))
    assert "this is a back-up of a sqlite ledger, and the ledger is postgresql" in refused
