"""The DAGs of every day on real parts: web server, PostgreSQL, Elasticsearch, SMTP server, and `dag.test()` of Airflow."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from pipeline.index import SearchIndex, open_index
from pipeline.query import parse_query
from pipeline.settings import Settings
from tests.dags.newsroom import (
    ANALYST,
    DESK,
    FRESH_TITLE,
    LIBRARY,
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

pytestmark = pytest.mark.timeout(900)

ANYWAY = ("note_rules", "share_out", "plan_pages", "share_out_again", "index", "facts", "verdict")
NOTHING = {"composed": 0, "sent": 0, "waiting": 0, "refused": 0, "retransmitted": 0}


@dataclass(frozen=True, slots=True)
class Story:
    """Three runs of ingest on one ledger: all is new; every feed is read again; no feed is due. Alerts run after the
    first and the second, digests twice, the second time when one is due."""

    ingest: tuple[Run, ...]
    alerts: tuple[Run, ...]
    digests: tuple[Run, ...]
    mails: tuple[Received, ...]
    index: SearchIndex
    asked: tuple[str, ...]
    airflow: Airflow

    def found(self, query: str) -> set[str]:
        """Titles of the articles in Elasticsearch."""
        return {hit.title for hit in self.index.search(parse_query(query), limit=50, now=datetime.now(UTC)).hits}

    def to(self, recipient: str) -> list[Received]:
        return [each for each in self.mails if recipient in each.recipients]


@pytest.fixture(scope="module")
def story(migrated: Airflow, team: Settings, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    answers: dict[str, Answer] = {}
    with serving(answers, host="0.0.0.0") as first, smtp_server() as smtp:
        second = first.replace("127.0.0.1", "127.0.0.2")
        answers |= routes(second)
        sources = [
            source("kingdom-daily", f"{first}/kingdom-daily.xml"),
            source("copies", f"{second}/copies.xml"),
            source("fresh", f"{second}/fresh.xml", demo=False),
            source("silent", f"http://127.0.0.3:{closed_port()}/feed.xml"),
        ]
        given = environment(team, configure(folder / "config", sources), smtp)
        airflow = migrated.copy(folder / "airflow")
        soon, later = {"NEWSWATCH_POLL_INTERVAL": "0.1"}, {"NEWSWATCH_POLL_INTERVAL": "3600"}
        orders = [Order("ingest", soon), Order("alerts"), Order("ingest", later), Order("alerts")]
        orders += [Order("ingest"), Order("digests")]
        one, mail_one, two, mail_two, three, too_early = airflow.runs(*orders, extra=given)
        pass_the_night(team)
        (in_time,) = airflow.run("digests", {}, extra=given)
        runs = (one, two, three), (mail_one, mail_two), (too_early, in_time)
        return Story(*runs, tuple(smtp.messages), open_index(team), tuple(first.paths()), airflow)


def pass_the_night(team: Settings) -> None:
    """Until the digests are due."""
    with psycopg.connect(team.ledger_url) as connection:
        connection.execute("UPDATE work SET due = now() WHERE kind = 'compose'")


def asset_events(home: Path) -> list[tuple[str, str, str]]:
    """(asset, DAG, task) of each event that Airflow knows of."""
    with sqlite3.connect(home / "airflow.db") as connection:
        query = "SELECT uri, source_dag_id, source_task_id FROM asset_event JOIN asset ON asset.id = asset_id"
        return connection.execute(query).fetchall()


def test_every_run_succeeds(story: Story) -> None:
    assert {run.state for run in (*story.ingest, *story.alerts, *story.digests)} == {"success"}
    assert [run.states("verdict") for run in story.ingest] == [["success"]] * 3


def test_hosts_are_shared_out_among_batches(story: Story) -> None:
    planned = [set(batch) for batch in story.ingest[0].returned("plan")]
    assert {"copies", "fresh"} in planned
    assert {"kingdom-daily"} in planned
    assert {"silent"} in planned


def test_a_host_that_is_down_keeps_no_other_from_being_read(story: Story) -> None:
    collected = story.ingest[0].of("collect")
    assert [each.state for each in collected] == ["success"] * 3
    assert sorted((each.returned["tried"], each.returned["failed"]) for each in collected) == [(1, 0), (1, 1), (2, 0)]
    assert sum(each.returned["new"] for each in collected) == story.index.count()


def test_the_seed_article_is_in_elasticsearch(story: Story) -> None:
    assert SEED_TITLE in story.found('entity:"Prak Sokhonn" AND topic:cambodia_china')
    assert SEED_TITLE in story.found('entity:"Sokhonn"')
    assert FRESH_TITLE in story.found("topic:asem")


def test_who_mails_hears_of_each_batch_that_was_annotated(story: Story) -> None:
    asset = "newswatch://ledger/notifications"
    assert asset_events(story.airflow.home) == [(asset, "ingest", "enrich"), (asset, "ingest", "enrich_again")]


def test_the_seed_article_is_mailed_once_its_copies_with_it(story: Story) -> None:
    about = [each.mail for each in story.to(ANALYST) if "Cambodia-China ties" in each.mail["Subject"]]
    assert len(about) == 1
    plain = about[0].get_body(("plain",))
    assert plain is not None
    assert SEED_TITLE in plain.get_content()
    assert about[0]["To"] == ANALYST
    assert about[0]["List-Unsubscribe"]


def test_a_page_is_read_and_its_article_enriched_again(story: Story) -> None:
    run = story.ingest[0]
    assert "/report.html" in story.asked
    assert [each.returned for each in run.of("pages")] == [{"fetched": 1, "improved": 1, "failed": 0}]
    assert [each.returned["articles"] for each in run.of("enrich_again")] == [1]
    assert story.found("Zanzibar") == {FRESH_TITLE}
    assert len([each for each in story.to(DESK) if FRESH_TITLE in each.mail["Subject"]]) == 1


def test_a_second_run_reads_the_feeds_again_and_sends_nothing(story: Story) -> None:
    run = story.ingest[1]
    collected = [each.returned for each in run.of("collect")]
    assert sum(each["tried"] for each in collected) == 4
    assert sum(each["unchanged"] for each in collected) == 1
    assert sum(each["known"] for each in collected) > 0
    assert sum(each["new"] + each["updated"] for each in collected) == 0
    assert run.returned("index")["written"] == 0
    assert story.alerts[1].returned("mail") == NOTHING
    assert len(story.to(ANALYST) + story.to(DESK)) == story.alerts[0].returned("mail")["sent"] > 0


def test_a_digest_waits_for_its_time_and_no_alert_carries_it(story: Story) -> None:
    assert story.digests[0].returned("mail") == NOTHING
    assert story.digests[1].returned("mail") == {**NOTHING, "composed": 1, "sent": 1}
    (digest,) = story.to(LIBRARY)
    assert digest == story.mails[-1]
    assert "Digest of" in digest.mail["Subject"]


def test_mails_and_feeds_are_told_to_the_small_indices(story: Story) -> None:
    assert story.ingest[0].returned("facts")["written"] > 0
    assert story.ingest[1].returned("facts")["written"] >= len(story.to(ANALYST) + story.to(DESK))


def test_empty_batches_are_skipped_and_the_rest_runs(story: Story) -> None:
    run = story.ingest[2]
    mapped = ("collect", "enrich", "pages", "enrich_again")
    assert run.returned("plan") == []
    assert {name: run.states(name) for name in mapped} == dict.fromkeys(mapped, ["skipped"])
    assert [run.states(name) for name in ANYWAY] == [["success"]] * len(ANYWAY)


def test_ids_and_counts_are_all_that_passes_from_task_to_task(story: Story) -> None:
    for run in (*story.ingest, *story.alerts, *story.digests):
        for each in run.tasks:
            assert only_ids_and_counts(each.returned), each


def only_ids_and_counts(value: object) -> bool:
    match value:
        case None | int():
            return True
        case dict():
            return all(isinstance(number, int) for number in value.values())
        case list():
            return all(isinstance(id, str) and " " not in id for batch in value for id in batch)
    return False
