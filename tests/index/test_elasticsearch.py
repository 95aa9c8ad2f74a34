"""What is the search servers' own: months, versions, a server in trouble, and what people type into Kibana."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.errors import IndexMismatch, SearchError, SearchUnavailable
from pipeline.index import document, open_index
from pipeline.index.base import Document
from pipeline.index.bulk import MOST
from pipeline.index.elasticsearch import ElasticsearchIndex, connect
from pipeline.index.kibana_files import contents
from pipeline.query import parse_query
from pipeline.query.fields import fields
from pipeline.settings import ROOT, Settings
from tests.index.conftest import SERVERS, Maker, remove
from tests.index.corpus import NOW, annotated, documents
from tests.servers.proxy import Forward, proxying
from tests.webserver import Answer, serving

WRITER = """
import sys
from pipeline.index import open_index
from pipeline.settings import load_settings
from tests.index.corpus import documents
index = open_index(load_settings())
if sys.argv[1] == "write":
    list(index.write(documents()[:6]))
else:
    index.rebuild(documents()[:6])
"""


@pytest.fixture(params=SERVERS)
def settings(request: pytest.FixtureRequest, settings_for: Maker) -> Settings:
    return settings_for(request.param, request)


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with connect(settings) as client:
        yield client


def test_an_article_lives_in_the_month_it_was_first_seen_in(settings: Settings, client: Elasticsearch) -> None:
    index = open_index(settings)
    november, january = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    list(index.write([document(annotated("a", first_seen=november)), document(annotated("b", first_seen=january))]))
    alias = f"{settings.elasticsearch_prefix}-articles"
    assert set(client.indices.get_alias(name=alias)) == {f"{alias}-2026.11", f"{alias}-2027.01"}
    assert client.get(index=f"{alias}-2026.11", id="a")["_version"] == 1
    index.rebuild([document(annotated("a", first_seen=november))])
    assert set(client.indices.get(index=f"{alias}-*")) == {f"{alias}-2026.11-2"}
    list(index.write([document(annotated("b", first_seen=january))]))
    assert set(client.indices.get_alias(name=alias)) == {f"{alias}-2026.11-2", f"{alias}-2027.01-2"}


def test_an_index_of_another_version_is_refused_and_rebuilt(settings: Settings, client: Elasticsearch) -> None:
    list(open_index(settings).write(documents()[:2]))
    name = f"{settings.elasticsearch_prefix}-articles-2020.01"
    client.indices.put_mapping(index=name, meta={"schema": 0})
    other = open_index(settings)
    for ask in (other.setup, other.ping, other.count, lambda: list(other.write(documents()[:1]))):
        with pytest.raises(IndexMismatch, match="newswatch reindex"):
            ask()
    other.rebuild(documents()[:2])
    assert open_index(settings).count() == 2


def test_a_dropped_month_is_made_again(settings: Settings, client: Elasticsearch) -> None:
    index = open_index(settings)
    list(index.write(documents()[:2]))
    client.indices.delete(index=f"{settings.elasticsearch_prefix}-articles-2020.01")
    assert index.count() == 0
    assert [outcome.status for outcome in index.write(documents()[:2])] == ["written", "written"]


def test_who_goes_on_while_the_server_loses_its_disk_writes_with_the_same_mappings(settings: Settings) -> None:
    index = open_index(settings)
    list(index.write(documents()[:2]))
    remove(settings)
    assert [outcome.status for outcome in index.write(documents()[:2])] == ["written", "written"]
    assert open_index(settings).count() == 2


def test_a_disk_lost_in_mid_write_makes_no_index_without_our_mappings(
    settings: Settings, client: Elasticsearch
) -> None:
    given = [document(annotated(f"n{number}")) for number in range(MOST + 2)]

    def losing() -> Iterator[Document]:
        yield from given[: MOST + 1]
        remove(settings)  # the first chunk has been written
        yield given[-1]

    statuses = [outcome.status for outcome in open_index(settings).write(losing())]
    assert statuses == ["written"] * MOST + ["later"] * 2
    assert dict(client.indices.get(index=f"{settings.elasticsearch_prefix}-*")) == {}
    index = open_index(settings)
    assert {outcome.status for outcome in index.write(given)} == {"written"}
    assert index.state() == "current"
    assert index.count() == len(given)


def test_an_index_that_somebody_else_made_is_refused(settings: Settings, client: Elasticsearch) -> None:
    name = f"{settings.elasticsearch_prefix}-articles-2020.01"
    client.indices.create(index=name)
    index = open_index(settings)
    with pytest.raises(IndexMismatch, match="newswatch reindex"):
        list(index.write(documents()[:2]))
    assert index.rebuild(documents()[:2]).written == 2
    assert [outcome.status for outcome in index.write(documents()[:2])] == ["written", "written"]


@pytest.mark.parametrize("settings", ["elasticsearch"], indirect=True)
@pytest.mark.parametrize("point", ["index.bulk.before", "index.bulk.after", "index.swap.before", "index.swap.after"])
def test_a_process_killed_at_a_boundary_can_be_run_again(settings: Settings, point: str) -> None:
    index = open_index(settings)
    list(index.write(documents()[:3]))
    names = {"SEARCH": settings.search, "ELASTICSEARCH_URL": settings.elasticsearch_url}
    names |= {"ELASTICSEARCH_PREFIX": settings.elasticsearch_prefix, "TEST_CRASH": point}
    environment = {**os.environ, **{f"NEWSWATCH_{name}": value for name, value in names.items()}}
    task = "rebuild" if "swap" in point else "write"
    done = subprocess.run(
        [sys.executable, "-c", WRITER, task], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    again = open_index(settings)
    assert {outcome.done for outcome in again.write(documents()[:8])} == {True}
    assert set(again.ids()) == {one.id for one in documents()[:8]}
    assert again.rebuild(documents()[:4]).written == 4
    assert set(again.ids()) == {one.id for one in documents()[:4]}


def test_a_dead_server_is_for_later(tmp_path: Path) -> None:
    index = open_index(Settings(search="elasticsearch", elasticsearch_url="http://127.0.0.1:1", home=tmp_path))
    for ask in (index.ping, index.count, lambda: index.search(parse_query("a"), limit=1, now=NOW)):
        with pytest.raises(SearchUnavailable, match="does not answer") as caught:
            ask()
        assert caught.value.transient
    with pytest.raises(SearchUnavailable):
        list(index.write(documents()[:2]))


def _answer(body: Any, status: int = 200) -> Answer:
    headers = {
        "X-Elastic-Product": "Elasticsearch",
        "Content-Type": "application/vnd.elasticsearch+json;compatible-with=9",
    }
    return status, headers, json.dumps(body)


def _server(bulk: Answer) -> dict[str, Answer]:
    """Enough of a server to write one document to; the routes it lacks answer 404."""
    done, name = _answer({"acknowledged": True}), "newswatch-articles"
    index = f"{name}-2020.01"
    return {
        f"/{name}/_mapping": _answer({}),
        "/_component_template/newswatch-settings": done,
        "/_component_template/newswatch-fields": done,
        f"/_index_template/{name}": done,
        f"/_alias/{name}": _answer({index: {"aliases": {name: {}}}}),
        f"/{index}/_refresh": _answer({"_shards": {}}),
        "/_bulk": bulk,
        "/_mget": _answer({"docs": [{"_id": documents()[0].id, "found": True}]}),
    }


def _item(status: int) -> Answer:
    error = {"type": "some_exception", "reason": "because", "caused_by": {"reason": "deeper"}}
    return _answer({"errors": True, "items": [{"index": {"_id": documents()[0].id, "status": status, "error": error}}]})


@pytest.mark.parametrize(
    ("bulk", "status", "code"),
    [
        (_item(409), "kept", None),
        (_item(400), "rejected", "document_rejected"),
        (_item(429), "later", "search_unavailable"),
        (_item(503), "later", "search_unavailable"),
        (_item(404), "later", "search_unavailable"),
        (_answer({"error": "too many requests"}, 429), "later", "search_unavailable"),
        (_answer({"error": "unavailable"}, 503), "later", "search_unavailable"),
    ],
)
def test_each_trouble_of_a_write_has_its_outcome(bulk: Answer, status: str, code: str | None) -> None:
    with serving(_server(bulk)) as url:
        index = open_index(Settings(search="elasticsearch", elasticsearch_url=url))
        (outcome,) = index.write(documents()[:1])
    assert outcome.status == status
    assert (outcome.error.code if outcome.error else None) == code
    assert status != "rejected" or "because (deeper)" in str(outcome.error)


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (401, SearchError, "credentials"),
        (403, SearchError, "not allow"),
        (503, SearchUnavailable, "503"),
        (500, SearchUnavailable, "500"),
    ],
)
def test_a_refusing_server_is_named_in_words(status: int, error: type[SearchError], says: str) -> None:
    with serving({"/": _answer({"error": {"reason": "no"}}, status)}) as url:
        index = open_index(Settings(search="elasticsearch", elasticsearch_url=url))
        with pytest.raises(error, match=says):
            index.ping()


# What an analyst types into Kibana's bar, unquoted and quoted; it must find what `newswatch search` finds.
TYPED = [
    "柬埔寨",
    "亚欧首脑会议",
    '"亚欧首脑会议"',
    "王毅",
    "title:柬埔寨",
    "កម្ពុជា",
    "កិច្ចប្រជុំកំពូល",
    '"កិច្ចប្រជុំកំពូល"',
    "រដ្ឋាភិបាលកម្ពុជា",
    "title:ម្ចាស់ផ្ទះ",
    "手机",
    '"5G手机"',
    "ក្រុមហ៊ុន",
    "Huawei",
    "Sokhonn",
    "europeenne",
    "title:Cambodge",
    'entity:"Prak Sokhonn"',
    "entity:sokhonn",
    "entity:王毅",
    'entity:"ប្រាក់ សុខុន"',
    "topic:asem",
    "topic:(asem OR cambodia_china)",
    "topics.asem:>=0.9",
    "language:km",
    "country:KH",
    "country:kh",
    "source:Mekong-Ribao",
    "published:[2019-06-01 TO 2019-06-30]",
    "person:wang",
    'entity_name:"Wang Yi"',
    "backlog:*",
    "NOT title:*",
    "story:op-a*",
    "tags:ASEM",
    "message:柬埔寨",
    "rule.name:kingdom",
    "rule.name:*",
    'url.full:"https://example.example/edge"',
    "@timestamp:[2019-06-01 TO 2019-06-30]",
    "sokh*",
]


@pytest.mark.parametrize("typed", TYPED)
def test_kibanas_bar_finds_the_same(typed: str, filled: dict[str, Any]) -> None:
    expected = filled["embedded"].search(parse_query(typed), limit=1000, now=NOW).hits
    for server in SERVERS:
        asked = {"query_string": {"query": typed, "analyze_wildcard": True}}
        found = filled[server]._client.search(index=filled[server]._months.alias, query=asked, size=1000)
        assert {hit["_id"] for hit in found["hits"]["hits"]} == {hit.id for hit in expected} != set()


@pytest.mark.parametrize("typed", ["柬埔寨", "亚欧首脑会议", "王毅", "កម្ពុជា", "កិច្ចប្រជុំកំពូល", "Sokhonn"])
def test_kibanas_own_language_finds_the_same(typed: str, filled: dict[str, Any]) -> None:
    """KQL sends words without a field as multi_match, and `title: words` as match."""
    free, title = {"multi_match": {"query": typed, "lenient": True}}, {"match": {"title": typed}}
    for clause, query in ((free, typed), (title, f"title:{typed}")):
        expected = filled["embedded"].search(parse_query(query), limit=1000, now=NOW).hits
        for server in SERVERS:
            found = filled[server]._client.search(index=filled[server]._months.alias, query=clause, size=1000)
            assert {hit["_id"] for hit in found["hits"]["hits"]} == {hit.id for hit in expected}


def test_the_data_view_shows_the_fields_of_the_mapping() -> None:
    view = next(one for one in contents(prefix="newswatch").objects if one["id"] == "newswatch-articles")
    assert view["attributes"]["timeFieldName"] == "date"
    assert json.loads(view["attributes"]["sourceFilters"]) == [{"value": "terms.*"}]
    described = json.loads(view["attributes"]["fieldAttrs"])
    nested = ("entities.", "quotes.")
    about = {name: one["customDescription"] for name, one in described.items() if not name.startswith(nested)}
    assert set(about) <= set(fields())
    assert all(said == fields()[name].about for name, said in about.items())


def test_when_the_server_dies_the_rest_is_for_later_at_once() -> None:
    given = [document(annotated(f"n{number}")) for number in range(1200)]
    with serving(_server(_answer({"error": "unavailable"}, 503))) as url:
        outcomes = list(open_index(Settings(search="elasticsearch", elasticsearch_url=url)).write(given))
        bulks = [path for path in url.paths() if path.startswith("/_bulk")]
    assert [outcome.id for outcome in outcomes] == [one.id for one in given]
    assert {outcome.status for outcome in outcomes} == {"later"}
    assert len(bulks) <= 2


def test_an_answer_that_comes_too_late_is_for_later_and_writing_again_does_no_harm(settings: Settings) -> None:
    straight = open_index(settings)
    straight.setup()
    given = documents()[:3]
    with proxying(settings.elasticsearch_url) as proxy:
        client = connect(settings.model_copy(update={"elasticsearch_url": proxy.url})).options(request_timeout=1)
        slow = ElasticsearchIndex(
            client, prefix=settings.elasticsearch_prefix, opensearch=settings.search == "opensearch"
        )
        list(slow.write(given[:1]))
        proxy.trouble = late
        assert {outcome.status for outcome in slow.write(given)} == {"later"}
    assert {outcome.status for outcome in straight.write(given)} == {"written"}
    assert sorted(straight.ids()) == sorted(one.id for one in given)


def late(path: str, body: bytes, forward: Forward) -> tuple[int, bytes]:
    """A bulk request is carried out, and answered when nobody waits any more."""
    answer = forward(body)
    if path.startswith("/_bulk"):
        time.sleep(3)
    return answer
