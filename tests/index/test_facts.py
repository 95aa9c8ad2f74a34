"""The small indices on real servers: made, lost, filled again, and never put back in time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from pipeline.errors import IndexMismatch, SearchUnavailable
from pipeline.index import open_facts
from pipeline.index.base import Fact
from pipeline.index.elasticsearch import connect
from pipeline.index.facts import NAMES, FactsIndex
from pipeline.settings import Settings
from tests.index.conftest import SERVERS, Maker


@pytest.fixture(params=SERVERS)
def settings(request: pytest.FixtureRequest, settings_for: Maker) -> Settings:
    return settings_for(request.param, request)


@pytest.fixture
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with connect(settings) as client:
        yield client


@pytest.fixture
def facts(settings: Settings) -> FactsIndex:
    made = opened(settings)
    for name in NAMES:
        made.make(name)
        made.call_filled(name)
    return made


def opened(settings: Settings) -> FactsIndex:
    made = open_facts(settings)
    assert made is not None
    return made


def feed(id: str, **fields: object) -> Fact:
    return Fact(id, {"id": id, "name": id.title(), **fields})


def put(facts: FactsIndex, version: int, *given: Fact) -> list[str]:
    return [outcome.status for outcome in facts.write("feeds", given, version=version)]


def failures(client: Elasticsearch, settings: Settings) -> dict[str, int]:
    alias = f"{settings.elasticsearch_prefix}-feeds"
    client.indices.refresh(index=alias)
    hits = client.search(index=alias, size=100)["hits"]["hits"]
    return {hit["_id"]: hit["_source"].get("failures", 0) for hit in hits}


def test_the_embedded_back_end_has_none(settings: Settings) -> None:
    assert open_facts(Settings(home=settings.home)) is None


def test_what_is_missing_or_was_not_filled_to_the_end_is_found_out(settings: Settings, client: Elasticsearch) -> None:
    facts = opened(settings)
    assert facts.unfilled() == NAMES
    for name in NAMES:
        facts.make(name)
    assert facts.unfilled() == NAMES
    for name in NAMES:
        facts.make(name)
        facts.call_filled(name)
    assert facts.unfilled() == ()
    client.indices.delete(index=f"{settings.elasticsearch_prefix}-feeds-1.1")
    assert facts.unfilled() == ("feeds",)


def test_what_was_read_earlier_replaces_nothing(facts: FactsIndex, settings: Settings, client: Elasticsearch) -> None:
    assert put(facts, 20, feed("a", failures=2), feed("b")) == ["written", "written"]
    assert put(facts, 10, feed("a", failures=1)) == ["kept"]
    assert put(facts, 20, feed("a", failures=3)) == ["written"]
    assert failures(client, settings) == {"a": 3, "b": 0}


def test_what_is_no_more_goes(facts: FactsIndex, settings: Settings, client: Elasticsearch) -> None:
    put(facts, 10, feed("a"), feed("b"))
    assert put(facts, 20, Fact("a", None), Fact("never", None)) == ["written", "kept"]
    assert failures(client, settings) == {"b": 0}


def test_a_document_that_does_not_fit_harms_no_other(facts: FactsIndex) -> None:
    good, bad = feed("a"), feed("b", failures="many")
    outcomes = facts.write("feeds", [bad, good], version=1)
    assert [outcome.status for outcome in outcomes] == ["rejected", "written"]
    assert "failures" in str(outcomes[0].error)


def test_a_lost_index_is_not_made_by_a_write(facts: FactsIndex, settings: Settings, client: Elasticsearch) -> None:
    client.indices.delete(index=f"{settings.elasticsearch_prefix}-feeds-1.1")
    assert put(facts, 1, feed("a")) == ["later"]
    assert not client.indices.exists(index=f"{settings.elasticsearch_prefix}-feeds")


def test_another_generation_takes_the_place_of_the_first(
    facts: FactsIndex, settings: Settings, client: Elasticsearch
) -> None:
    put(facts, 1, feed("a"))
    facts.make("feeds", anew=True)
    alias = f"{settings.elasticsearch_prefix}-feeds"
    assert list(client.indices.get(index=f"{alias}*")) == [f"{alias}-1.2"]
    assert facts.unfilled() == ("feeds",)
    facts.make("feeds")
    facts.call_filled("feeds")
    assert facts.unfilled() == ()
    assert failures(client, settings) == {}


def test_an_index_of_older_mappings_is_replaced_and_one_of_newer_is_left(
    facts: FactsIndex, settings: Settings, client: Elasticsearch
) -> None:
    alias = f"{settings.elasticsearch_prefix}-feeds"
    client.indices.delete(index=f"{alias}-1.1")
    client.indices.create(index=f"{alias}-0.7", aliases={alias: {}}, mappings={"_meta": {"filled": True}})
    assert facts.unfilled() == ("feeds",)
    facts.make("feeds")
    assert list(client.indices.get(index=f"{alias}*")) == [f"{alias}-1.1"]
    client.indices.create(index=f"{alias}-99.1", aliases={alias: {}})
    with pytest.raises(IndexMismatch, match="newer version"):
        facts.unfilled()


def test_a_dead_server_is_for_later() -> None:
    facts = opened(Settings(search="elasticsearch", elasticsearch_url="http://127.0.0.1:1"))
    with pytest.raises(SearchUnavailable):
        facts.unfilled()
    with pytest.raises(SearchUnavailable):
        facts.write("feeds", [feed("a")], version=1)
