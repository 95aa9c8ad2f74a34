"""newswatch search, after a pass over the demonstration feeds; and the same on a real Elasticsearch."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.cli.conftest import After
from tests.cli.machine import offline
from tests.world import World

SEED = "Cambodia-China ties ‘stronger than ever’, says Sokhonn"
# Each query, and how many articles of the demonstration feeds it finds: with this title among them.
QUERIES = [
    ('entity:"Prak Sokhonn"', 8, SEED),
    ('entity:"Sokhonn"', 8, SEED),
    ("topic:asem", 10, "Pandemic pushes ASEM 13 into 2021"),
    ("亚欧首脑会议", 2, "柬埔寨成立筹委会 迎接第十三届亚欧首脑会议"),
    ("កិច្ចប្រជុំកំពូល", 2, "កម្ពុជាត្រៀមធ្វើជាម្ចាស់ផ្ទះកិច្ចប្រជុំកំពូលអាស៊ី-អឺរ៉ុប (ASEM) លើកទី១៣"),
    ("topic:cambodia_china AND entity:王毅 AND NOT language:zh", 6, SEED),
]


def found(world: World, query: str, *options: str, **environment: str) -> dict[str, Any]:
    done = world.newswatch("search", query, "--json", "--limit", "100", *options, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def ids(results: dict[str, Any]) -> set[str]:
    return {hit["id"] for hit in results["hits"]}


@pytest.fixture(scope="module")
def here(demo: After) -> dict[str, dict[str, Any]]:
    """What the embedded index finds, by query."""
    return {query: found(demo.world, query, "--facet", "source") for query, _, _ in QUERIES}


@pytest.mark.parametrize(("query", "total", "title"), QUERIES)
def test_a_query_finds_what_it_should(here: dict[str, dict[str, Any]], query: str, total: int, title: str) -> None:
    results = here[query]
    assert title in {hit["title"] for hit in results["hits"]}
    assert (results["total"], len(ids(results))) == (total, total)


def test_results_as_a_page(demo: After) -> None:
    done = demo.world.newswatch(
        "search", 'entity:"Sokhonn"', "--limit", "3", "--facet", "source", "--facet", "language"
    )
    assert done.returncode == 0
    assert SEED in done.stdout
    assert done.stdout.count("(demonstration)") == 3
    assert "Sokhonn’s remarks followed his return" in " ".join(done.stdout.split())
    assert "8 articles, the first 3 shown" in done.stdout
    assert "demo-wire-mirror          3" in done.stdout
    assert "\nlanguage\n en  5" in done.stdout


def test_highlights_and_facets_as_json(demo: After) -> None:
    results = found(demo.world, "Sokhonn", "--facet", "source", "--facet", "topic")
    for hit in results["hits"]:
        for each in hit["highlights"]:
            assert any("sokhonn" in each["text"][start:end].lower() for start, end in each["spans"])
    assert {each["value"]: each["count"] for each in results["facets"]["source"]}["demo-wire-mirror"] == 3
    assert {each["value"] for each in results["facets"]["topic"]} == {"asem", "cambodia_china"}


def test_since_leaves_out_what_is_older(newsroom: After) -> None:
    everything = ids(found(newsroom.world, "*"))
    late = ids(found(newsroom.world, "*", "--since", "90m"))
    assert len(everything) == 6
    assert len(late) == 5
    assert late < everything


def test_limit_cuts_the_list_and_not_the_count(demo: After) -> None:
    done = demo.world.newswatch("search", "topic:asem", "--json", "--limit", "2")
    results = json.loads(done.stdout)
    assert (results["total"], len(results["hits"])) == (10, 2)


def test_nothing_found_is_an_answer(demo: After) -> None:
    done = demo.world.newswatch("search", "zzyzx")
    assert (done.returncode, done.stdout.strip()) == (0, "0 articles")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["topik:asem"], 'there is no field "topik"; did you mean "topic"?'),
        (["asem", "--facet", "sorce"], 'there is no field "sorce"; did you mean "source"?'),
        (["topic:asen"], 'there is no topic "asen"; did you mean "asem"?'),
        (["rice OR tags:zzyzx"], 'there is no topic "zzyzx"; there are: asem, cambodia_china'),
        (["topics.asen:>0.5"], 'there is no topic "asen"; did you mean "asem"?'),
        (["(asem"], "(asem: "),
        (["asem", "--since", "7x"], "is not a span of time"),
        (["asem", "--limit", "0"], "greater than or equal to 1"),
        (["asem", "--limt", "5"], "--limt"),
        ([], "Missing argument"),
    ],
)
def test_asked_wrongly(demo: After, arguments: list[str], said: str) -> None:
    done = demo.world.newswatch("search", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_before_any_pass_the_error_says_what_to_do(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("search", "asem")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no search index yet; run `newswatch run`" in " ".join(done.stderr.split())


# --- Elasticsearch ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(demo: After, elasticsearch_url: str) -> Iterator[dict[str, str]]:
    """The environment of a command that searches Elasticsearch, into which the same ledger has been indexed."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    environment = {
        "NEWSWATCH_SEARCH": "elasticsearch",
        "NEWSWATCH_ELASTICSEARCH_URL": elasticsearch_url,
        "NEWSWATCH_ELASTICSEARCH_PREFIX": prefix,
    }
    before = demo.world.newswatch("search", "asem", **environment)
    assert_no_index(before)
    done = demo.world.newswatch("reindex", **environment)
    assert (done.returncode, done.stdout.strip()) == (0, "25 articles indexed"), done.stderr
    yield environment
    with Elasticsearch(elasticsearch_url) as client:
        quiet = client.options(ignore_status=404)
        for name in quiet.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            quiet.indices.delete(index=name)
        quiet.indices.delete_index_template(name=f"{prefix}-articles")
        for part in ("settings", "fields"):
            quiet.cluster.delete_component_template(name=f"{prefix}-{part}")


def assert_no_index(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1
    assert "there is no search index yet" in done.stderr


@pytest.mark.parametrize("query", [query for query, _, _ in QUERIES])
def test_the_same_articles_on_elasticsearch(
    demo: After, here: dict[str, dict[str, Any]], elsewhere: dict[str, str], query: str
) -> None:
    there = found(demo.world, query, "--facet", "source", **elsewhere)
    assert ids(there) == ids(here[query])
    assert there["total"] == here[query]["total"]
    assert there["facets"] == here[query]["facets"]


def test_a_typo_is_the_same_error_on_elasticsearch(demo: After, elsewhere: dict[str, str]) -> None:
    done = demo.world.newswatch("search", "topik:asem", **elsewhere)
    assert done.returncode == 2
    assert 'did you mean "topic"?' in done.stderr


def test_a_search_server_that_is_not_there_is_said_in_words(demo: After, elsewhere: dict[str, str]) -> None:
    done = demo.world.newswatch("search", "asem", **elsewhere | {"NEWSWATCH_ELASTICSEARCH_URL": "http://127.0.0.1:9"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "the server does not answer" in done.stderr
    assert "Traceback" not in done.stderr
