"""What every search back end promises, and the data that goes in and comes out.

Promises one Protocol: the same documents and the same query give the same set of articles on every back end, whatever
their order. Expected failures of single documents are Outcomes; a server that does not answer or an index made by
another version is an exception of `pipeline.errors`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from pipeline.errors import NewswatchError, QueryError, QuerySyntaxError, UnknownField
from pipeline.index.histogram import Bucket
from pipeline.model import Interval
from pipeline.query.fields import fields, nearest, own_name
from pipeline.query.moments import Moments, literal
from pipeline.query.tree import And, DateRange, NumberRange, Query

FACET_VALUES = 20  # values listed of each facet
_COUNTED = 1000  # values of a facet that are counted before the best are listed
DEEPEST_HIT = 10_000  # Elasticsearch goes no further without a cursor
REINDEX = "run `newswatch reindex`"
OTHER = f"the search index was made by another version of Newswatch; {REINDEX}"
NEWER = "the search index was made by a newer version of Newswatch; use that one, or delete the index first"
NO_INDEX = "there is no search index yet; run `newswatch run`, or `newswatch reindex` if there are articles already"
State = Literal["absent", "current", "older"]
FACET_FIELDS = {"entity": "entity_name"}  # facets whose field has another name


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it is indexed; `body` is JSON by the field names of the mapping."""

    id: str
    revision: int
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """A document of a small index; a `body` of None is for something that is no more."""

    id: str
    body: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: written; kept = a newer revision is there; rejected for good; or later."""

    id: str
    revision: int
    status: Literal["written", "kept", "rejected", "later"]
    error: NewswatchError | None = None

    @property
    def done(self) -> bool:
        return self.status in ("written", "kept")


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of a field with what matched in it; spans are code points into `text`."""

    field: str
    text: str
    spans: tuple[tuple[int, int], ...]

    def marked(self, start: str, end: str) -> str:
        """The piece with `start` and `end` put around each match."""
        parts, at = [], 0
        for first, last in self.spans:
            parts += [self.text[at:first], start, self.text[first:last], end]
            at = last
        return "".join([*parts, self.text[at:]])


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found. `score` orders the hits of one search and means nothing beside another's."""

    id: str
    score: float
    title: str
    source: str
    published: datetime | None
    highlights: tuple[Highlight, ...]
    body: Mapping[str, Any] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """`total` articles match; `hits` are the asked piece of them; `facets` and `histogram` count all of them."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    histogram: tuple[Bucket, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: every document given is counted once."""

    written: int
    kept: int
    rejected: tuple[Outcome, ...] = ()


class SearchIndex(Protocol):
    def state(self) -> State:
        """What there is, beside what this version makes. Raises IndexMismatch if a newer version made it."""

    def setup(self, *, month: str | None = None) -> None:
        """Make what is missing; of `month`, too. Raises IndexMismatch if an index of another version is there."""

    def ping(self) -> str:
        """What answers, in words. Raises SearchUnavailable or IndexMismatch."""

    def write(self, documents: Iterable[Document], *, refresh: bool = True) -> Iterator[Outcome]:
        """One outcome for each document, once it is safe. It replaces the same revision or an older, never a newer.

        With `refresh` they are found as soon as the last outcome is there, without it perhaps some seconds later.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """How many of the articles were there and are no more. The same revisions can be written again at once."""

    def search(
        self,
        query: Query,
        *,
        limit: int,
        offset: int = 0,
        facets: Sequence[str] = (),
        facet_values: int = FACET_VALUES,
        histogram: Interval | None = None,
        since: datetime | None = None,
        now: datetime,
    ) -> Results:
        """Articles by how well they fit, or newest first if the query asks for no words."""

    def walk(self, query: Query, *, since: datetime | None = None, now: datetime) -> Iterator[Mapping[str, Any]]:
        """The bodies of all articles found, of any number, as they were when the walk began: newest first, by id.

        Raises SearchUnavailable if it cannot go on, as when a server's index is rebuilt meanwhile.
        """

    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        """In how many articles each term of a text field stands, about."""

    def get(self, article: str) -> Mapping[str, Any] | None:
        """The body as indexed."""

    def count(self) -> int: ...

    def ids(self) -> Iterator[str]:
        """The id of every article, in no order. Raises SearchUnavailable as `walk` does."""

    def revisions(self, ids: Sequence[str]) -> Mapping[str, int]:
        """In which revision each of these articles is found, if it is; at most 500 of them."""

    def drop(self, months: Collection[str]) -> int:
        """Remove all articles first seen in these months ("2026.11"); how many were found."""

    def rebuild(self, documents: Iterable[Document]) -> Rebuilt:
        """An index of exactly these, built beside the one in use, which it then replaces at once."""


def narrowed(query: Query, since: datetime | None) -> Query:
    """The query, for articles published (or first seen, if that is unknown) at `since` or later."""
    if since is None:
        return query
    start = literal(since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return Query(query.text, And((query.root, DateRange("date", Moments(start, None)))))


def facet_field(name: str) -> str:
    """The field that a facet counts. Raises UnknownField, QueryError for a field that has no values to count."""
    found = fields().get(FACET_FIELDS.get(name, own_name(name)))
    if found and found.countable:
        return found.name
    if found:
        raise QueryError("facet", f'the values of "{name}" cannot be counted')
    raise UnknownField("facet", name, nearest(name))


def facet_aggregation(field: str, most: int) -> dict[str, Any]:
    """What to ask an engine for, to list `most` values; tantivy and Elasticsearch take the same."""
    return {"terms": {"field": field, "size": max(_COUNTED, most)}}


def check_depth(query: Query, limit: int, offset: int) -> None:
    if limit < 0 or offset < 0 or limit + offset > DEEPEST_HIT:
        raise QuerySyntaxError(query.text, f"only the first {DEEPEST_HIT:,} articles can be listed; narrow the query")


def facet_counts(buckets: Iterable[Mapping[str, Any]], most: int) -> tuple[FacetCount, ...]:
    """An engine's buckets: the most frequent values, equal ones by name, so that every engine lists the same."""
    counts = (FacetCount(one["key"], int(one["doc_count"])) for one in buckets)
    return tuple(sorted(counts, key=lambda one: (-one.count, one.value))[:most])


def whole_bounds(wanted: NumberRange) -> tuple[int | None, int | None]:
    """The least and the greatest whole number within the range."""
    low = high = None
    if wanted.low is not None:
        low = math.ceil(wanted.low) if wanted.include_low else math.floor(wanted.low) + 1
    if wanted.high is not None:
        high = math.floor(wanted.high) if wanted.include_high else math.ceil(wanted.high) - 1
    return low, high
