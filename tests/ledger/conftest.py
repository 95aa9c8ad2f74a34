"""The contract suite's ledger: every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.ledger import Ledger, open_ledger
from pipeline.ledger import sources as ledger_sources
from pipeline.settings import Settings, load_settings
from tests.ledger.examples import NOW, SOURCES


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    given = {"NEWSWATCH_HOME": str(tmp_path)}
    if request.param == "postgresql":
        given["NEWSWATCH_LEDGER"] = request.getfixturevalue("postgres_url")
    return load_settings(given)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    opened = open_ledger(settings)
    with opened.transaction("setup") as connection:
        ledger_sources.register(connection, SOURCES, now=NOW)
    yield opened
    opened.close()
