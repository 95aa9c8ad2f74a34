"""One worker for the folder: a child is started once, as in production."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.parse import Worker
from tests.parse.data import FOLDER

NEEDS_DATA = ["test_corpus.py", "test_extraction.py"]
collect_ignore = [] if FOLDER.is_dir() else NEEDS_DATA


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says why modules are missing, if they are. (At the end: this file is loaded after the header is written.)"""
    if collect_ignore:
        missing = ", ".join(NEEDS_DATA)
        terminalreporter.write_line(f"tests/parse: {missing} not collected: no data folder, see NEWSWATCH_DATA")


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    with Worker(memory=512 * 1024 * 1024, seconds=8.0) as made:
        yield made


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 24, 12, tzinfo=UTC)
