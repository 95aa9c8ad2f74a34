"""The DAG on real parts: web server, Elasticsearch, SMTP server, and `dag.test()` of the installed Airflow."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch

from pipeline.index import SearchIndex, open_index
from pipeline.query import parse_query
from pipeline.settings import Settings
from tests.dags.newsroom import (
    ANALYST,
    DESK,
    FRESH_TITLE,
    SEED_TITLE,
    closed_port,
    configure,
    environment,
    routes,
    source,
)
from tests.dags.runs import Airflow, Run
from tests.smtpserver import Received, smtp_server
from tests.webserver import Answer, serving

pytestmark = pytest.mark.timeout(600)

ANYWAY = ("note_rules", "share_out", "pages", "share_out_again", "index", "mail")


@dataclass(frozen=True, slots=True)
class Story:
    """Three runs on one ledger: all is new; every feed is read again; no feed is due."""

    runs: tuple[Run, ...]
    mails: tuple[Received, ...]
    index: SearchIndex
    asked: tuple[str, ...]

    def found(self, query: str) -> set[str]:
        """Titles of the articles in Elasticsearch."""
        return {hit.title for hit in self.index.search(parse_query(query), limit=50, now=datetime.now(UTC)).hits}

    def to(self, recipient: str) -> list[Received]:
        return [each for each in self.mails if recipient in each.recipients]


@pytest.fixture(scope="module")
def search(elasticsearch_url: str) -> Iterator[Settings]:
    """An index of its own on the real Elasticsearch, removed afterwards."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    yield Settings(search="elasticsearch", elasticsearch_url=elasticsearch_url, elasticsearch_prefix=prefix)
    with Elasticsearch(elasticsearch_url) as client:
        quiet = client.options(ignore_status=404)
        for name in quiet.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            quiet.indices.delete(index=name)
        quiet.indices.delete_index_template(name=f"{prefix}-articles")
        for part in ("settings", "fields"):
            quiet.cluster.delete_component_template(name=f"{prefix}-{part}")


@pytest.fixture(scope="module")
def story(migrated: Airflow, search: Settings, tmp_path_factory: pytest.TempPathFactory) -> Story:
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
        given = environment(folder / "home", configure(folder / "config", sources), smtp) | {
            "NEWSWATCH_SEARCH": "elasticsearch",
            "NEWSWATCH_ELASTICSEARCH_URL": search.elasticsearch_url,
            "NEWSWATCH_ELASTICSEARCH_PREFIX": search.elasticsearch_prefix,
        }
        soon, later = {"NEWSWATCH_POLL_INTERVAL": "0.1"}, {"NEWSWATCH_POLL_INTERVAL": "3600"}
        runs = migrated.copy(folder / "airflow").run("ingest", soon, later, {}, extra=given)
        return Story(runs, tuple(smtp.messages), open_index(search), tuple(first.paths()))


def test_every_run_succeeds(story: Story) -> None:
    assert [run.state for run in story.runs] == ["success"] * 3
    assert [run.states("verdict") for run in story.runs] == [["skipped"]] * 3


def test_hosts_are_shared_out_among_batches(story: Story) -> None:
    planned = [set(batch) for batch in story.runs[0].returned("plan")]
    assert {"copies", "fresh"} in planned
    assert {"kingdom-daily"} in planned
    assert {"silent"} in planned


def test_a_host_that_is_down_keeps_no_other_from_being_read(story: Story) -> None:
    collected = story.runs[0].of("collect")
    assert [each.state for each in collected] == ["success"] * 3
    assert sorted((each.returned["tried"], each.returned["failed"]) for each in collected) == [(1, 0), (1, 1), (2, 0)]
    assert sum(each.returned["new"] for each in collected) == story.index.count()


def test_the_seed_article_is_in_elasticsearch(story: Story) -> None:
    assert SEED_TITLE in story.found('entity:"Prak Sokhonn" AND topic:cambodia_china')
    assert SEED_TITLE in story.found('entity:"Sokhonn"')
    assert FRESH_TITLE in story.found("topic:asem")


def test_the_seed_article_is_mailed_once_its_copies_with_it(story: Story) -> None:
    about = [each.mail for each in story.to(ANALYST) if "Cambodia-China ties" in each.mail["Subject"]]
    assert len(about) == 1
    plain = about[0].get_body(("plain",))
    assert plain is not None
    assert SEED_TITLE in plain.get_content()
    assert about[0]["To"] == ANALYST
    assert about[0]["List-Unsubscribe"]


def test_a_page_is_read_and_its_article_enriched_again(story: Story) -> None:
    run = story.runs[0]
    assert "/report.html" in story.asked
    assert run.returned("pages") == {"fetched": 1, "improved": 1, "failed": 0}
    assert [each.returned["articles"] for each in run.of("enrich_again")] == [1]
    assert story.found("Zanzibar") == {FRESH_TITLE}
    assert len([each for each in story.to(DESK) if FRESH_TITLE in each.mail["Subject"]]) == 1


def test_a_second_run_reads_the_feeds_again_and_sends_nothing(story: Story) -> None:
    run = story.runs[1]
    collected = [each.returned for each in run.of("collect")]
    assert sum(each["tried"] for each in collected) == 4
    assert sum(each["unchanged"] for each in collected) == 1
    assert sum(each["known"] for each in collected) > 0
    assert sum(each["new"] + each["updated"] for each in collected) == 0
    assert run.returned("index")["written"] == 0
    for step in ("mail_first", "mail"):
        assert run.returned(step) == {"composed": 0, "sent": 0, "waiting": 0, "refused": 0, "retransmitted": 0}
    assert len(story.mails) == story.runs[0].returned("mail_first")["sent"] > 0


def test_empty_batches_are_skipped_and_the_rest_runs(story: Story) -> None:
    run = story.runs[2]
    assert run.returned("plan") == []
    assert {name: run.states(name) for name in ("collect", "enrich", "enrich_again")} == {
        "collect": ["skipped"],
        "enrich": ["skipped"],
        "enrich_again": ["skipped"],
    }
    assert [run.states(name) for name in ANYWAY] == [["success"]] * len(ANYWAY)


def test_ids_and_counts_are_all_that_passes_from_task_to_task(story: Story) -> None:
    for run in story.runs:
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
