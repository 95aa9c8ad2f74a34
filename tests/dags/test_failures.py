"""What fails in a run, what goes on all the same, and what the next run makes good."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.ledger import open_ledger
from pipeline.settings import Settings
from tests.dags.newsroom import (
    DESK,
    FRESH_TITLE,
    OPERATOR,
    SEED_TITLE,
    closed_port,
    configure,
    environment,
    routes,
    source,
)
from tests.dags.runs import Airflow, Order, Run
from tests.smtpserver import Received, smtp_server
from tests.webserver import Answer, serving

pytestmark = pytest.mark.timeout(600)

PAGES = "https://airflow.newsroom.example"
REFUSES = """CREATE TRIGGER refuses BEFORE UPDATE ON work
WHEN new.kind = 'collect' AND new.key = 'kingdom-daily' AND new.token IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the disk is odd'); END"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A run of ingest in which the ledger lets nobody take one source in hand and no search server answers, and one of
    alerts; then one of each without either trouble, in a new process. `between` are the mails of the first two."""

    failed: Run
    alerted: Run
    between: tuple[Received, ...]
    mended: Run
    mails: tuple[Received, ...]


@pytest.fixture(scope="module")
def trouble(migrated: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Trouble:
    folder = tmp_path_factory.mktemp("trouble")
    airflow = migrated.copy(folder / "airflow")
    ledger = folder / "home" / "ledger.sqlite"
    answers: dict[str, Answer] = {}
    with serving(answers, host="0.0.0.0") as first, smtp_server() as smtp:
        second = first.replace("127.0.0.1", "127.0.0.2")
        answers |= routes(second)
        sources = [
            source("kingdom-daily", f"{first}/kingdom-daily.xml"),
            source("fresh", f"{second}/fresh.xml", demo=False),
        ]
        home = Settings(home=folder / "home")
        given = environment(home, configure(folder / "config", sources), smtp) | {"AIRFLOW__API__BASE_URL": PAGES}
        nowhere = {
            "NEWSWATCH_SEARCH": "elasticsearch",
            "NEWSWATCH_ELASTICSEARCH_URL": f"http://127.0.0.3:{closed_port()}",
        }
        open_ledger(Settings(home=folder / "home")).close()
        change(ledger, REFUSES)
        orders = Order("ingest", nowhere), Order("alerts")
        failed, alerted = airflow.runs(*orders, extra=given, tried_once=["collect"])
        between = tuple(smtp.messages)
        change(ledger, "DROP TRIGGER refuses")
        mended, _ = airflow.runs(Order("ingest"), Order("alerts"), extra=given)
        return Trouble(failed, alerted, between, mended, tuple(smtp.messages))


def change(ledger: Path, statement: str) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute(statement)
    connection.close()


def subjects(mails: tuple[Received, ...]) -> list[str]:
    """Of those that are for subscribers."""
    return [each.mail["Subject"] for each in mails if OPERATOR not in each.recipients]


def test_a_batch_that_fails_keeps_no_other_from_its_work(trouble: Trouble) -> None:
    run = trouble.failed
    assert sorted(run.states("collect")) == ["failed", "success"]
    assert run.states("enrich") == ["success"]
    assert run.states("pages") == run.states("index") == run.states("facts") == ["success"]


def test_the_run_shows_that_a_task_failed(trouble: Trouble) -> None:
    assert trouble.failed.states("verdict") == ["failed"]
    assert trouble.failed.state == "failed"


def test_the_operator_is_told_what_failed_and_why(trouble: Trouble) -> None:
    (told,) = [each.mail for each in trouble.between if OPERATOR in each.recipients]
    failed = next(each.index for each in trouble.failed.of("collect") if each.state == "failed")
    assert told["Subject"] == "Newswatch: ingest failed"
    assert told.get_content_type() == "text/plain"
    text = told.get_content()
    assert f"collect[{failed}]:" in text
    assert "the disk is odd" in text
    assert f"{PAGES}/dags/ingest/runs/manual__" in text


def test_mails_go_out_though_no_search_server_answers(trouble: Trouble) -> None:
    assert trouble.failed.returned("index") == {"written": 0, "waiting": 1, "rejected": 0}
    assert trouble.alerted.returned("mail")["sent"] == 1
    (subject,) = subjects(trouble.between)
    assert FRESH_TITLE in subject
    assert (DESK,) in [each.recipients for each in trouble.between]


def test_the_next_run_reads_what_the_failed_batch_left(trouble: Trouble) -> None:
    assert trouble.mended.state == "success"
    assert [each.returned["new"] for each in trouble.mended.of("collect")] == [4]
    sent = subjects(trouble.mails[len(trouble.between) :])
    assert any("Cambodia-China ties" in subject for subject in sent), (SEED_TITLE, sent)
    assert not any(FRESH_TITLE in subject for subject in sent)


def test_a_wrong_configuration_fails_the_run_and_is_not_tried_again(airflow: Airflow, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feeds.yml").write_text("sources: none\n", encoding="utf-8")
    given = {"NEWSWATCH_HOME": str(tmp_path / "home"), "NEWSWATCH_CONFIG": str(tmp_path / "config")}
    (run,) = airflow.run("ingest", {}, extra=given)
    assert run.state == "failed"
    assert [(each.state, each.tries) for each in run.of("plan")] == [("failed", 1)]
    assert run.states("collect") == run.states("enrich") == ["upstream_failed"]
    assert [(each.state, each.tries) for each in run.of("index")] == [("failed", 1)]


def test_transient_and_unknown_errors_are_tried_again_permanent_ones_not(airflow: Airflow) -> None:
    (run,) = Airflow(airflow.home, Path(__file__).parent / "samples").run("tries", {})
    tries = {each.id: (each.state, each.tries) for each in run.tasks}
    assert tries == {
        "busy": ("failed", 3),
        "wrong": ("failed", 1),
        "odd": ("failed", 3),
        "recovers": ("success", 2),
        "after": ("success", 1),
        "verdict": ("failed", 1),
    }
    assert run.state == "failed"
