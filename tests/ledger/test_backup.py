"""Back-ups of both kinds of ledger: one consistent view, restored whole or not at all, old ones pruned."""

from __future__ import annotations

import itertools
import os
import sqlite3
import stat
import subprocess
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, delete, make_url, select, text, update

from pipeline.errors import LedgerBusy, LedgerError, LedgerVersion
from pipeline.ledger import Ledger, backup, copying, open_ledger, postgres_tools
from pipeline.ledger.copying import Contents
from pipeline.ledger.database import known_versions
from pipeline.ledger.schema import alias, article, metadata
from pipeline.settings import Settings, load_settings
from tests.crash.test_others import wait_until
from tests.ledger.examples import NOW
from tests.ledger.filling import ROWS, fill, hold, make_older

SOON = NOW + timedelta(days=1)
_SECONDS = itertools.count()


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    opened = open_ledger(settings)
    with opened.transaction("test") as connection:
        fill(connection)
    return opened


def held(settings: Settings) -> tuple[Contents, ...]:
    with closing(open_ledger(settings)) as ledger, ledger.read() as connection:
        return copying.all_contents(connection)


def change(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        connection.execute(update(article).values(title="changed"))
        connection.execute(delete(metadata.tables["work"]))


def restore(settings: Settings, file: Path, *, replace: bool = True) -> Path | None:
    with closing(open_ledger(settings)) as ledger:
        now = SOON + timedelta(seconds=next(_SECONDS))
        return backup.restore(ledger, file, now=now, replace=replace, kept_in=settings.home / "kept", patience=0.5)


def test_a_back_up_brings_every_row_back(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    before = held(settings)
    file = backup.back_up(ledger, tmp_path / "new" / "folder", now=NOW)
    assert file.name == f"newswatch-20261124T120000.000000Z{backup.SUFFIXES[ledger.kind]}"
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    change(ledger)
    changed = held(settings)
    with pytest.raises(LedgerBusy, match="there is a back-up of this very microsecond already"):
        backup.back_up(ledger, file.parent, now=NOW)
    ledger.close()
    kept = restore(settings, file)
    assert held(settings) == before != changed
    assert kept is not None
    restore(settings, kept)
    assert held(settings) == changed


def test_an_empty_ledger_needs_no_leave_to_be_replaced(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    before = held(settings)
    file = backup.back_up(ledger, tmp_path, now=NOW)
    with pytest.raises(LedgerError, match=r'table "\w+" is not empty; --replace'):
        restore(settings, file, replace=False)
    with ledger.transaction("test") as connection:
        for table in reversed(copying.TABLES):
            connection.execute(delete(table))
    assert restore(settings, file, replace=False) is None
    assert held(settings) == before


def test_who_has_the_ledger_open_goes_on_with_what_was_restored(ledger: Ledger, settings: Settings) -> None:
    file = backup.back_up(ledger, settings.home, now=NOW)
    change(ledger)
    restore(settings, file)
    with ledger.transaction("test") as connection:
        assert (
            connection.execute(select(article.c.title).order_by("id")).scalars().first() == ROWS["article"][0]["title"]
        )
        connection.execute(update(article).values(title="again"))
    assert {each.rows for each in held(settings) if each.table == "article"} == {2}


def _write_pairs(ledger: Ledger, number: int) -> None:
    """An article and its alias, never one without the other."""
    with ledger.transaction("test") as connection:
        connection.execute(article.insert().values(ROWS["article"][0] | {"id": f"w{number}"}))
        connection.execute(alias.insert().values(hash=f"w{number}", kind="guid", article=f"w{number}"))
        # The oldest goes: a view made of two moments would miss or double it.
        connection.execute(delete(alias).where(alias.c.hash == f"w{number - 20}"))
        connection.execute(delete(article).where(article.c.id == f"w{number - 20}"))


def test_a_back_up_while_others_write_is_one_view(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            written += 1
            _write_pairs(ledger, written)

    writer = threading.Thread(target=write)
    writer.start()
    disturbed: list[Path] = []
    try:
        wait_until(lambda: written > 30)
        for second in range(100):
            before = written
            file = backup.back_up(ledger, tmp_path, now=NOW + timedelta(seconds=second))
            disturbed += [file] if written > before + 1 else []
            if len(disturbed) == 2:
                break
    finally:
        stop.set()
        writer.join(60)
    assert len(disturbed) == 2
    for file in disturbed:
        restore(settings, file)
        with ledger.read() as connection:
            assert _ids(connection, article.c.id) == _ids(connection, alias.c.article) != set()


def _ids(connection: Connection, column: Column[str]) -> set[str]:
    return {id for id in connection.execute(select(column)).scalars() if id.startswith("w")}


def test_an_older_back_up_is_migrated(settings: Settings, tmp_path: Path) -> None:
    make_older(settings, min(known_versions()))
    url, file = make_url(settings.ledger_url), tmp_path / "older"
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as connection:
            connection.execute("VACUUM INTO ?", (str(file),))
    else:
        postgres_tools.dump(url, file)
    with closing(open_ledger(settings)) as ledger:
        before = held(settings)
        change(ledger)
    restore(settings, file)
    assert held(settings) == before


def test_a_newer_back_up_is_refused(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    before = held(settings)
    with ledger.transaction("test") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    file = tmp_path / "newer"
    with pytest.raises(LedgerVersion, match='made by a newer Newswatch: its schema is "9999"'):
        backup.back_up(ledger, tmp_path, now=NOW)  # it would be of no use to this Newswatch
    backup._write(ledger, file)
    with ledger.transaction("test") as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{_head()}'"))
    with pytest.raises(LedgerVersion, match=f'{file}: made by a newer Newswatch: its schema is "9999"'):
        restore(settings, file)
    assert held(settings) == before


def _head() -> str:
    return max(known_versions())


@pytest.mark.parametrize("whole", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_back_up_is_refused(ledger: Ledger, settings: Settings, tmp_path: Path, whole: float) -> None:
    before = held(settings)
    file = backup.back_up(ledger, tmp_path, now=NOW)
    os.truncate(file, int(file.stat().st_size * whole))
    with pytest.raises(LedgerError, match=r"Z\.(sqlite|dump): this is no (sound )?back-up of a ledger"):
        restore(settings, file)
    assert held(settings) == before


def _wrong_files(folder: Path) -> dict[str, str]:
    """What is no back-up, and what is to be said of it."""
    (folder / "text").write_text("title,text\n", encoding="utf-8")
    (folder / "other.sqlite").touch()
    with closing(sqlite3.connect(folder / "other.sqlite")) as connection:
        connection.execute("CREATE TABLE x (y)")
    return {
        "missing": "cannot be read: No such file",
        ".": "cannot be read: Is a directory",
        "text": "this is no back-up of a ledger",
        "other.sqlite": "(no such table: alembic_version|this is a back-up of a sqlite ledger)",
    }


def test_what_is_no_back_up_is_refused(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    for name, said in _wrong_files(tmp_path).items():
        with pytest.raises(LedgerError, match=said) as caught:
            restore(settings, tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


def test_a_ledger_that_is_in_use_is_no_back_up(tmp_path: Path) -> None:
    settings = load_settings({"NEWSWATCH_HOME": str(tmp_path)})
    with closing(open_ledger(settings)) as ledger, pytest.raises(LedgerError, match="not a back-up of one"):
        backup.check(tmp_path / "ledger.sqlite", ledger.kind)


def test_a_dump_of_another_database_is_refused(postgres_url: str, tmp_path: Path) -> None:
    with closing(open_ledger(_at(postgres_url, tmp_path))) as ledger, ledger.transaction("test") as connection:
        connection.execute(text("CREATE TABLE other (x int)"))
    file = tmp_path / "other.dump"
    command = [postgres_tools.found("pg_dump"), "--format=custom", "--table=other", f"--file={file}", postgres_url]
    subprocess.run(command, check=True)
    with pytest.raises(LedgerError, match=r"other\.dump: this is a dump of a database, but not of a ledger"):
        restore(_at(postgres_url, tmp_path), file)
    with pytest.raises(LedgerError, match="back-up of a postgresql ledger, and the ledger is sqlite"):
        backup.check(file, "sqlite")


def _at(url: str, home: Path) -> Settings:
    return load_settings({"NEWSWATCH_LEDGER": url, "NEWSWATCH_HOME": str(home)})


def test_what_others_made_of_the_tables_is_not_dropped(postgres_url: str, tmp_path: Path) -> None:
    settings = _at(postgres_url, tmp_path)
    with closing(open_ledger(settings)) as ledger:
        with ledger.transaction("test") as connection:
            fill(connection)
            connection.execute(text("CREATE VIEW titles AS SELECT title FROM article"))
        file = backup.back_up(ledger, tmp_path, now=NOW)
    before = held(settings)
    with pytest.raises(LedgerError, match="view titles depends on table article"):
        restore(settings, file)
    assert held(settings) == before


def test_tools_newer_than_the_server_restore_all_the_same(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _at(postgres_url, tmp_path)
    with closing(open_ledger(settings)) as ledger:
        with ledger.transaction("test") as connection:
            fill(connection)
        file = backup.back_up(ledger, tmp_path, now=NOW)
    before = held(settings)
    newer = tmp_path / "pg_restore"  # as that of PostgreSQL 17, which does not ask what the server knows
    newer.write_text(
        f"#!/bin/sh\n{postgres_tools.found('pg_restore')} \"$@\" | sed '1a SET transaction_timeout = 0;'\n"
    )
    newer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    restore(settings, file)
    assert held(settings) == before


def test_programs_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="pg_dump: is not installed; it is in PostgreSQL's client package"):
        postgres_tools.found("pg_dump", among=[tmp_path])


def test_a_ledger_that_somebody_is_at_work_on_is_not_replaced(ledger: Ledger, settings: Settings) -> None:
    file = backup.back_up(ledger, settings.home, now=NOW)
    with ledger.transaction("test") as connection:
        hold(connection)
    with pytest.raises(LedgerBusy, match="is at work on this ledger; stop Newswatch"):
        restore(settings, file)


def test_a_ledger_that_stays_locked_is_not_replaced(ledger: Ledger, settings: Settings) -> None:
    before = held(settings)
    file = backup.back_up(ledger, settings.home, now=NOW)
    with ledger.transaction("test") as connection:
        connection.execute(update(article).values(title=article.c.title))
        with pytest.raises(LedgerBusy, match=r"another process is writing|lock timeout"):
            restore(settings, file)
    assert held(settings) == before


def test_a_folder_that_cannot_be_written_is_named(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="file/folder: no back-up can be written there: Not a directory"):
        backup.back_up(ledger, tmp_path / "file" / "folder", now=NOW)


def test_the_oldest_back_ups_go(tmp_path: Path) -> None:
    names = [
        f"newswatch-2026112{day}T000000Z.{kind}" for day, kind in zip(range(5), ["sqlite", "dump"] * 3, strict=False)
    ]
    others = ["newswatch-20250101T000000Z-replaced.sqlite", "newswatch.sqlite", "notes", ".newswatch-x.dump.1.part"]
    for name in names + others:
        (tmp_path / name).touch()
    old = tmp_path / ".newswatch-20251124T120000Z.sqlite.x.part"
    old.touch()
    os.utime(old, (0, 0))
    spare = tmp_path / names[0]
    deleted = backup.prune(tmp_path, keep=2, now=NOW, spare=spare)
    assert [file.name for file in deleted] == names[1:3]
    assert sorted(os.listdir(tmp_path)) == sorted([names[0], *names[3:], *others])
    assert backup.prune(tmp_path, keep=9, now=NOW) == ()
    with pytest.raises(LedgerError, match="missing: old back-ups cannot be deleted: No such file"):
        backup.prune(tmp_path / "missing", keep=2, now=NOW)
