"""Everything that a query finds in the embedded index, of any number, as it was when the walk began.

Promises each article once and no gap, newest first and equals by id, whatever is written or rebuilt meanwhile: a
searcher sees no later commit, and keeps its files. A page of places is in memory at a time; each page asks for what is
older than the last, since tantivy has no cursor and grows slower with an offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import tantivy
from tantivy import Occur

from pipeline.index.tantivy_schema import body, schema

PAGE = 500  # articles
_Found = tuple[int, tantivy.DocAddress]  # nanoseconds since 1970, and the place
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def walk(searcher: tantivy.Searcher, query: tantivy.Query, *, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Bodies of articles."""
    rest = query
    while True:
        found = _newest(searcher, rest, page)
        if len(found) < page:
            yield from _ordered(searcher, found)
            return
        oldest = found[-1][0]  # of which there may be more than fit the page
        yield from _ordered(searcher, (one for one in found if one[0] > oldest))
        yield from _ordered(searcher, _newest(searcher, _dated(query, oldest, oldest), searcher.num_docs))
        rest = _dated(query, None, oldest - 1)


def _newest(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[_Found]:
    return list(searcher.search(query, limit=max(1, limit), count=False, order_by_field="date").hits)


def _ordered(searcher: tantivy.Searcher, found: Iterable[_Found]) -> Iterator[dict[str, Any]]:
    """Articles of one moment by id."""
    for _, group in groupby(found, key=lambda one: one[0]):
        places = [address for _, address in group]
        if len(places) > 1:
            places = [place for _, place in sorted(((body(searcher.doc(at))["id"], at) for at in places), key=_by_id)]
        for at in places:
            yield body(searcher.doc(at))


def _by_id(pair: tuple[str, tantivy.DocAddress]) -> str:
    return pair[0]


def _dated(query: tantivy.Query, low: int | None, high: int | None) -> tantivy.Query:
    """What the query finds between two moments in nanoseconds; dates are indexed to the second."""
    start, end = (None if at is None else _FIRST + timedelta(microseconds=at // 1000) for at in (low, high))
    between = tantivy.Query.range_query(schema(), "date", tantivy.FieldType.Date, start, end)
    return tantivy.Query.boolean_query([(Occur.Must, query), (Occur.Must, between)])
