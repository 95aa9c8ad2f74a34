"""Upkeep of a ledger while others work: back-ups that are pruned, vacuuming that keeps nobody waiting."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from pipeline.errors import LedgerBusy
from pipeline.ledger import Ledger, copying, open_ledger
from pipeline.ledger import vacuum as vacuuming
from pipeline.ledger.schema import metadata
from pipeline.settings import Settings, load_settings
from pipeline.steps.context import Context, open_context
from pipeline.steps.upkeep import back_up, restore, vacuum
from tests.crash.test_others import wait_until
from tests.ledger.examples import NOW
from tests.ledger.filling import fill
from tests.servers.postgres import started


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    given = {"NEWSWATCH_HOME": str(tmp_path / "var"), "NEWSWATCH_BACKUP_KEEP": "2"}
    if request.param == "postgresql":
        given["NEWSWATCH_LEDGER"] = request.getfixturevalue("postgres_url")
    return load_settings(given)


@pytest.fixture
def context(settings: Settings) -> Iterator[Context]:
    days = itertools.count()
    with open_context(settings, clock=lambda: NOW + timedelta(days=next(days))) as context:
        with context.ledger.transaction("test") as connection:
            fill(connection)
        yield context


def test_the_newest_back_ups_are_kept_and_can_be_restored(context: Context) -> None:
    made = [back_up(context) for _ in range(4)]
    folder = context.settings.home / "backups"
    assert sorted(folder.iterdir()) == made[2:]
    before = _contents(context.ledger)
    with context.ledger.transaction("test") as connection:
        connection.execute(delete(metadata.tables["work"]))
    restored = restore(context.settings, made[-1], now=context.clock(), replace=True)
    assert restored.contents == before == _contents(context.ledger)
    assert restored.kept is not None
    back_up(context)
    back_up(context)
    assert restored.kept.exists()


def test_the_folder_of_back_ups_is_a_setting(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"backup_folder": tmp_path / "elsewhere"})
    with open_context(elsewhere) as context:
        assert back_up(context).parent == tmp_path / "elsewhere"


def _contents(ledger: Ledger) -> tuple[copying.Contents, ...]:
    with ledger.read() as connection:
        return copying.all_contents(connection)


def test_vacuuming_changes_no_row_and_waits_for_nobody(context: Context) -> None:
    before = _contents(context.ledger)
    vacuum(context)
    with context.ledger.read() as reader:
        reader.execute(text("SELECT * FROM article")).all()
        vacuum(context)
    assert _contents(context.ledger) == before


def test_vacuuming_folds_the_write_ahead_log_into_the_file(tmp_path: Path) -> None:
    settings = load_settings({"NEWSWATCH_HOME": str(tmp_path)})
    with open_context(settings) as context:
        with context.ledger.transaction("test") as connection:
            fill(connection)
        log = tmp_path / "ledger.sqlite-wal"
        assert log.stat().st_size > 0
        vacuum(context)
        assert log.stat().st_size == 0


def test_a_writer_goes_first(tmp_path: Path) -> None:
    settings = load_settings({"NEWSWATCH_HOME": str(tmp_path)})
    with open_context(settings) as context, closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM work")
        vacuum(context)
        writer.rollback()


def test_vacuuming_leaves_out_a_table_that_is_locked(postgres_url: str, tmp_path: Path) -> None:
    given = {"NEWSWATCH_HOME": str(tmp_path), "NEWSWATCH_LEDGER": postgres_url}
    with open_context(load_settings(given)) as context:
        with context.ledger.transaction("test") as connection:
            fill(connection)
            connection.execute(text("LOCK TABLE work IN ACCESS EXCLUSIVE MODE"))
            vacuum(context)

        def vacuumed() -> set[str]:
            with context.ledger.read() as connection:
                query = "SELECT relname FROM pg_stat_user_tables WHERE last_vacuum IS NOT NULL"
                return set(connection.execute(text(query)).scalars())

        others = set(metadata.tables) - {"work"}
        wait_until(lambda: vacuumed() >= others)
        assert vacuumed() == others


def test_vacuuming_without_a_server_is_worth_another_try() -> None:
    with started() as server:
        ledger = open_ledger(load_settings({"NEWSWATCH_LEDGER": f"{server.url}/postgres"}))
        server.stop()
        with pytest.raises(LedgerBusy, match="cannot be vacuumed now"):
            vacuuming.vacuum(ledger)
