"""Queries on a batch of documents in memory: what `query:` clauses of alert rules ask.

Promises the same answers as a search for the same queries in an index of just these documents, without a server
or a file. It keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import tantivy

from pipeline.index.base import Document
from pipeline.index.tantivy_query import translated
from pipeline.index.tantivy_schema import body, made, schema
from pipeline.query.tree import Query

_HEAP = 15_000_000  # bytes, the least that tantivy takes


def match_queries(
    queries: Mapping[str, Query], batch: Sequence[Document], *, now: datetime | None = None
) -> Mapping[str, frozenset[str]]:
    """By the name of each query, the ids of the documents that it finds.

    `now` is what "now" in a query means; a query that says it raises ValueError without.
    """
    if not queries or not batch:
        return {name: frozenset() for name in queries}
    index = tantivy.Index(schema())
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for document in batch:
        writer.add_document(made(document))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    return {name: _ids(searcher, translated(query, index, now=now), len(batch)) for name, query in queries.items()}


def _ids(searcher: tantivy.Searcher, query: tantivy.Query, most: int) -> frozenset[str]:
    found = searcher.search(query, limit=most, count=False).hits
    return frozenset(body(searcher.doc(address))["id"] for _, address in found)
