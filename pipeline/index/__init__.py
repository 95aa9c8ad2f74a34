"""Search: documents, and the back ends that hold them, behind one Protocol.

Promises that importing it loads no search engine; `open_index` and `match_queries` load what they need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.index.base import Document, FacetCount, Highlight, Hit, Outcome, Rebuilt, Results, SearchIndex
from pipeline.index.documents import by_name, document
from pipeline.index.histogram import Bucket
from pipeline.index.named_topics import check_topics, named_topics
from pipeline.index.similar import Similar, similar
from pipeline.index.suggest import Suggestion, suggest
from pipeline.query import Query
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.index.facts import FactsIndex

__all__ = [
    "Bucket",
    "Document",
    "FacetCount",
    "Highlight",
    "Hit",
    "Outcome",
    "Rebuilt",
    "Results",
    "SearchIndex",
    "Similar",
    "Suggestion",
    "by_name",
    "check_topics",
    "document",
    "match_queries",
    "named_topics",
    "open_facts",
    "open_index",
    "similar",
    "suggest",
]


def open_index(settings: Settings) -> SearchIndex:
    """The back end that the settings name. Nothing is made or asked before it is used."""
    if settings.search_server:
        from pipeline.index.elasticsearch import ElasticsearchIndex, connect

        opensearch = settings.search == "opensearch"
        return ElasticsearchIndex(connect(settings), prefix=settings.elasticsearch_prefix, opensearch=opensearch)
    from pipeline.index.embedded import EmbeddedIndex

    return EmbeddedIndex(settings.home / "search")


def open_facts(settings: Settings) -> FactsIndex | None:
    """The small indices beside the articles; None for the embedded back end, which has none."""
    if not settings.search_server:
        return None
    from pipeline.index.elasticsearch import connect
    from pipeline.index.facts import FactsIndex

    return FactsIndex(connect(settings), prefix=settings.elasticsearch_prefix)


def match_queries(
    queries: Mapping[str, Query], batch: Sequence[Document], *, now: datetime | None = None
) -> Mapping[str, frozenset[str]]:
    """By the name of each query, the ids of the documents that it finds: see `matching`."""
    from pipeline.index import matching

    return matching.match_queries(queries, batch, now=now)
