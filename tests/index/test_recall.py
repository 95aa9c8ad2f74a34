"""How much of what stands in the texts a query finds, and how much else: in four languages, as typed in three places.

Texts, queries and what they should find are `training.recall`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.index import SearchIndex, open_index
from pipeline.index.dsl import translated
from pipeline.query import parse_query
from tests.index.conftest import Maker
from tests.index.corpus import NOW
from training.recall import PUBLIC, embedded, fill, queries, score, truth
from training.samples import data_folder


@dataclass(frozen=True, slots=True)
class Library:
    """All texts in both back ends, of which Elasticsearch is asked for many things at once."""

    embedded: SearchIndex
    client: Elasticsearch
    alias: str

    def sent(self, clauses: Iterable[Mapping[str, Any]]) -> list[set[str]]:
        """What Elasticsearch finds for each clause."""
        lines: list[Mapping[str, Any]] = []
        for clause in clauses:
            lines += [{"index": self.alias}, {"query": clause, "size": 2000, "_source": False}]
        answers = self.client.msearch(searches=lines)["responses"]
        return [{hit["_id"] for hit in answer["hits"]["hits"]} for answer in answers]


Way = Callable[[Library, Sequence[str]], list[set[str]]]


def _embedded(library: Library, asked: Sequence[str]) -> list[set[str]]:
    return embedded(library.embedded, asked)


def _elasticsearch(library: Library, asked: Sequence[str]) -> list[set[str]]:
    """What `newswatch search` sends."""
    return library.sent(translated(parse_query(query), now=NOW) for query in asked)


def _lucene(library: Library, asked: Sequence[str]) -> list[set[str]]:
    """Kibana's bar switched to Lucene, with its defaults; the fields are the index's own."""
    return library.sent({"query_string": {"query": query, "analyze_wildcard": True}} for query in asked)


def _kql(library: Library, asked: Sequence[str]) -> list[set[str]]:
    """What Kibana makes of a bare word, or of words in quotation marks, in its own language."""
    return library.sent(
        {"multi_match": {"type": "phrase", "query": query.strip('"'), "lenient": True}}
        if query.startswith('"')
        else {"multi_match": {"type": "best_fields", "query": query, "lenient": True}}
        for query in asked
    )


WAYS: Mapping[str, Way] = {"embedded": _embedded, "elasticsearch": _elasticsearch, "lucene": _lucene, "kql": _kql}


@pytest.fixture(scope="module")
def library(settings_for: Maker, request: pytest.FixtureRequest) -> Iterator[Library]:
    settings = settings_for("elasticsearch", request)
    beside, elasticsearch = open_index(settings_for("embedded", request)), open_index(settings)
    for index in (beside, elasticsearch):
        fill(index)
    with Elasticsearch(settings.elasticsearch_url, request_timeout=120) as client:
        yield Library(beside, client, f"{settings.elasticsearch_prefix}-articles")


LEAST = 0.98  # recall of every way, and precision of unquoted queries; quoted ones are exact


@pytest.mark.parametrize("public", [False, True], ids=["own", "public"])
@pytest.mark.parametrize("language", ["en", "fr", "km", "zh"])
@pytest.mark.parametrize("quoted", [False, True], ids=["unquoted", "quoted"])
@pytest.mark.parametrize("way", WAYS)
def test_what_stands_in_the_texts_is_found(
    way: str, quoted: bool, language: str, public: bool, library: Library
) -> None:
    if public and (language not in PUBLIC or not data_folder().is_dir()):
        pytest.skip("no public texts of this language: see NEWSWATCH_DATA")
    asked = [query for query in queries(language, public) if quoted or not re.search(r"[ ’'-]", query)]
    typed = [f'"{query}"' if quoted else query for query in asked]
    measured = score(WAYS[way](library, typed), [truth(query, language) for query in asked])
    assert measured.recall >= LEAST
    assert measured.precision == 1 if quoted else measured.precision >= LEAST
