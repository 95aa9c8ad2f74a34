"""What the operator is told when no task is left to tell it, and that telling never makes things worse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.errors import LedgerBusy
from pipeline.steps import tasks
from tests.dags.newsroom import OPERATOR
from tests.dags.runs import DAGS
from tests.smtpserver import SmtpServer, smtp_server

TIMEOUT = {"reason": "timed_out", "dag": SimpleNamespace(dag_id="ingest"), "run_id": "scheduled__2026-11-26T06:00"}


@pytest.fixture
def smtp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpServer]:
    """Of an operator whose DAGs are where Airflow puts them."""
    monkeypatch.syspath_prepend(str(DAGS))
    with smtp_server() as server:
        given = {"HOME": str(tmp_path), "SMTP_HOST": server.host, "SMTP_PORT": str(server.port), "OPERATOR": OPERATOR}
        for name, value in given.items():
            monkeypatch.setenv(f"NEWSWATCH_{name}", value)
        monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.newsroom.example/")
        yield server


def test_a_run_that_took_too_long_is_told_with_a_link(smtp: SmtpServer) -> None:
    from on_failure import tell_timeout

    tell_timeout(TIMEOUT)
    (told,) = smtp.messages
    assert told.recipients == (OPERATOR,)
    text = told.mail.get_content()
    assert "it took too long and was ended" in text
    assert "https://airflow.newsroom.example/dags/ingest/runs/scheduled__2026-11-26T06%3A00" in text


def test_a_run_that_failed_otherwise_is_left_to_its_verdict(smtp: SmtpServer) -> None:
    from on_failure import tell_timeout

    tell_timeout({**TIMEOUT, "reason": "task_failure"})
    assert smtp.messages == []


def test_the_same_trouble_is_told_once_and_another_at_once(smtp: SmtpServer) -> None:
    def tell(run: str, failed: dict[str, str]) -> bool:
        return tasks.tell_failure("ingest", run, failed, why=f"not done: {', '.join(failed)}", link="")

    assert tell("one", {"collect[3]": "the disk is odd"})
    assert not tell("two", {"collect[3]": "the disk is odd"})
    assert tell("three", {"collect[3]": "the disk is full after 17 of 40 feeds"})
    assert not tell(
        "four",
        {"collect[1]": "the disk is full after 8 of 40 feeds", "collect[2]": "the disk is full after 9 of 40 feeds"},
    )
    assert tell("five", {"enrich[1]": "the disk is odd"})
    assert len(smtp.messages) == 3


def test_telling_never_raises(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSWATCH_SMTP_PORT", "1")
    assert not tasks.tell_failure("ingest", "one", {}, why="it took too long", link="")
    monkeypatch.setenv("NEWSWATCH_NO_SUCH_SETTING", "1")
    assert not tasks.tell_failure("ingest", "one", {}, why="it took too long", link="")
    assert smtp.messages == []


def test_a_reason_is_one_short_line() -> None:
    assert tasks.reason(LedgerBusy("ledger", "stayed\n  locked")) == "ledger: stayed locked"
    assert tasks.reason(ValueError("odd " * 200)).startswith("ValueError: odd odd")
    assert len(tasks.reason(ValueError("odd " * 200))) == tasks.LONGEST_REASON
