"""The functions that tasks call, without Airflow."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import LedgerError
from pipeline.ledger import open_ledger, pass_records, work
from pipeline.ledger.pass_records import PassRecord
from pipeline.settings import load_settings
from pipeline.steps import tasks
from tests.dags.newsroom import closed_port, configure, source


@given(st.integers(0, 5), st.integers(0, tasks.ARTICLES))
def test_batches_hold_every_id_once_in_order(full: int, more: int) -> None:
    ids = tuple(f"{number:032x}" for number in range(full * tasks.ARTICLES + more))
    found = tasks.batches(ids)
    assert [id for batch in found for id in batch] == list(ids)
    assert all(0 < len(batch) <= tasks.ARTICLES for batch in found)


def test_batches_are_never_more_than_airflow_maps() -> None:
    ids = tuple(map(str, range(tasks.MOST_BATCHES * tasks.ARTICLES + 1)))
    found = tasks.batches(ids)
    assert len(found) <= tasks.MOST_BATCHES < 1024
    assert sum(map(len, found)) == len(ids)


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources on hosts that are down, six on one of them; demonstration feeds beside them."""
    port = closed_port()
    addresses = ["127.0.0.4", "127.0.0.5", *["127.0.0.3"] * 6]
    sources = [
        source(f"source-{number}", f"http://{address}:{port}/{number}.xml") for number, address in enumerate(addresses)
    ]
    config = configure(tmp_path / "config", sources)
    (config / "demo.yml").write_bytes((config / "feeds.yml").read_bytes().replace(b"source-", b"demo-"))
    monkeypatch.setenv("NEWSWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEWSWATCH_CONFIG", str(config))
    return tmp_path


@pytest.mark.usefixtures("newsroom")
def test_a_host_is_in_one_batch_and_demonstration_feeds_are_in_none() -> None:
    planned = tasks.plan()
    assert {frozenset(batch) for batch in planned} == {
        frozenset({"source-0"}),
        frozenset({"source-1"}),
        frozenset(f"source-{number}" for number in range(2, 8)),
    }


@pytest.mark.usefixtures("newsroom")
def test_what_failed_is_counted_and_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    tasks.plan()
    with caplog.at_level(logging.INFO, "pipeline"):
        counts = tasks.collect(["source-0", "source-1"])
    assert counts == {"tried": 2, "busy": 0, "changed": 0, "unchanged": 0, "failed": 2, "flawed": 0} | dict.fromkeys(
        ("new", "updated", "known"), 0
    )
    said = [record for record in caplog.records if record.getMessage() == "feed failed"]
    assert [vars(record)["error"] for record in said] == ["unreachable", "unreachable"]


@pytest.mark.usefixtures("newsroom")
def test_a_pass_of_tasks_is_written_down_as_one() -> None:
    for batch in tasks.plan():
        tasks.collect(batch)
    tasks.enrich([])
    tasks.index()
    tasks.facts()  # of another DAG
    assert [(each.state, each.counts["collect"]["failed"]) for each in record()] == [("going on", 8)]
    tasks.facts(ends_pass=True)
    (ended,) = record()
    assert (ended.state, ended.counts["collect"]["tried"], ended.counts["index"]["written"]) == ("ended", 8, 0)
    tasks.collect(["source-0"])
    assert record() == (ended,)
    for _ in range(2):
        tasks.plan()
    assert [each.state for each in record()] == ["going on", "broken off", "ended"]


def record() -> tuple[PassRecord, ...]:
    with closing(open_ledger(load_settings())) as ledger, ledger.read() as connection:
        return pass_records.latest(connection, limit=10)


def test_a_source_that_was_removed_since_the_plan_is_left_alone(newsroom: Path) -> None:
    tasks.plan()
    feeds = newsroom / "config" / "feeds.yml"
    feeds.write_text(feeds.read_text(encoding="utf-8").replace("source-1", "another"), encoding="utf-8")
    assert tasks.collect(["source-0", "source-1"])["tried"] == 1


@pytest.mark.usefixtures("newsroom")
def test_articles_that_were_given_up_are_not_shared_out() -> None:
    ledger, now = open_ledger(load_settings()), datetime.now(UTC)
    with ledger.transaction("test") as connection:
        work.add(connection, "enrich", [("a", 1), ("b", 1)], due=now)
        (lease,) = work.claim(connection, "enrich", now=now, limit=1, keys=["a"])
        work.bury(connection, lease, reason="could not be annotated")
    ledger.close()
    assert tasks.share_out() == [["b"]]


@pytest.mark.usefixtures("newsroom")
def test_a_second_try_takes_over_what_a_killed_one_had_in_hand() -> None:
    (batch,) = [each for each in tasks.plan() if len(each) == 6]
    program = f"from pipeline.steps import tasks; tasks.collect({batch!r})"
    killed = {**os.environ, "NEWSWATCH_TEST_CRASH": "collect.claim.commit.after"}
    assert subprocess.run([sys.executable, "-c", program], env=killed, check=False).returncode == -signal.SIGKILL
    assert tasks.collect(batch)["tried"] == 6


@pytest.mark.usefixtures("newsroom")
@pytest.mark.parametrize("executor", ["CeleryExecutor", "KubernetesExecutor", "LocalExecutor,CeleryExecutor"])
def test_a_sqlite_ledger_is_refused_where_tasks_run_on_several_machines(
    executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executor)
    with pytest.raises(LedgerError, match="SQLite") as refused:
        tasks.plan()
    assert not refused.value.transient


@pytest.mark.usefixtures("newsroom")
def test_a_sqlite_ledger_is_fine_on_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    assert len(tasks.plan()) == 3
