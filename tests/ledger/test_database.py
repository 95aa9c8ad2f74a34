"""Opening, migrating and refusing ledgers."""

from __future__ import annotations

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from pipeline.errors import LedgerError, LedgerVersion
from pipeline.ledger import Ledger, open_ledger, work
from pipeline.ledger.schema import metadata
from pipeline.settings import Settings, load_settings


def test_the_migrations_make_the_schema(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_ledger_opens_again(ledger: Ledger, settings: Settings) -> None:
    again = open_ledger(settings)
    with again.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM source")).scalar() == 2
    again.close()


def test_a_newer_ledger_is_refused(ledger: Ledger, settings: Settings) -> None:
    with ledger.transaction("test") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerVersion, match="another version"):
        open_ledger(settings)


def test_a_failed_transaction_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(StatementError):
        _add_and_fail(ledger)
    with ledger.read() as connection:
        assert work.due_times(connection, "index") == {}


def _add_and_fail(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        work.add(connection, "index", [("a", 1)], due=datetime.fromisoformat("2026-11-24T12:00Z"))
        work.add(connection, "index", [("b", 1)], due=datetime.fromisoformat("2026-11-24T12:00"))  # no time zone


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql://nobody@127.0.0.1:9/none"])
def test_what_cannot_be_a_ledger_is_refused_in_words(url: str) -> None:
    with pytest.raises(LedgerError):
        open_ledger(load_settings({"NEWSWATCH_LEDGER": url}))
