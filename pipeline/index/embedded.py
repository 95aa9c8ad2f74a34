"""The embedded back end: a tantivy index in a folder beside the ledger.

Promises what `SearchIndex` does, to any number of processes: one writes at a time, all read what was last committed,
and whoever is killed loses only what it had not said to be written. A newer revision is never overwritten. It refuses
an index that other mappings made, and never mends one: that is `rebuild`.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import tantivy

from pipeline.crashpoint import reach
from pipeline.errors import IndexMismatch, SearchUnavailable
from pipeline.index import histogram as histograms
from pipeline.index.base import (
    FACET_VALUES,
    NO_INDEX,
    Document,
    Outcome,
    Rebuilt,
    Results,
    State,
    check_depth,
    facet_aggregation,
    facet_counts,
    facet_field,
    narrowed,
)
from pipeline.index.generations import Generations
from pipeline.index.highlight import hit
from pipeline.index.tantivy_query import by_id, first_seen_in, translated
from pipeline.index.tantivy_schema import body, whole
from pipeline.index.tantivy_versions import check_replaceable, create, damaged, opened, state
from pipeline.index.tantivy_walk import walk
from pipeline.index.tantivy_write import batches, put, revision, searcher_of, writer_of
from pipeline.model import Interval
from pipeline.query.tree import Query, ranks

WAIT = 30.0  # seconds


class EmbeddedIndex:
    """The index in `folder`; `wait` = seconds that a writer waits for another process."""

    def __init__(self, folder: Path, *, wait: float = WAIT) -> None:
        self._generations = Generations(folder, wait=wait)
        self._opened: tuple[Path, tantivy.Index] | None = None

    def state(self) -> State:
        return state(self._generations.current())

    def setup(self, *, month: str | None = None) -> None:
        if self._generations.current() is None:
            with self._to_disk():
                self._begin()
        self._index()

    def ping(self) -> str:
        return f"embedded index in {self._generations.folder}, {self.count():,} articles"

    def write(self, documents: Iterable[Document], *, refresh: bool = True) -> Generator[Outcome, None, None]:
        with self._to_disk():
            if self._generations.current() is None:
                self._begin()
            yield from self._stream(self._index(), documents)

    def delete(self, ids: Iterable[str]) -> int:
        with self._to_disk():
            index = self._index()
            before = searcher_of(index).num_docs
            with writer_of(index) as writer:
                for article in ids:
                    writer.delete_documents_by_term("id", article)
                writer.commit()
            return before - searcher_of(index).num_docs

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
        check_depth(query, limit, offset)
        asked = {f"facet {name}": facet_aggregation(whole(facet_field(name)), facet_values) for name in facets}
        if histogram:
            asked["histogram"] = histograms.aggregation(histogram)
        index, searcher = self._reading()
        wanted = translated(narrowed(query, since), index, now=now)
        order = None if ranks(query) else "date"
        found = searcher.search(wanted, limit=max(limit, 1), offset=offset, order_by_field=order)
        addresses = found.hits[:limit]
        hits = tuple(hit(query, body(searcher.doc(at)), score=0.0 if order else score) for score, at in addresses)
        answer = searcher.aggregate(wanted, asked | {"total": {"value_count": {"field": "revision"}}})
        counts = {name: facet_counts(answer[f"facet {name}"]["buckets"], facet_values) for name in facets}
        times = histograms.buckets(answer["histogram"]["buckets"], histogram) if histogram else ()
        return Results(int(answer["total"]["value"]), hits, counts, times)

    def walk(self, query: Query, *, since: datetime | None = None, now: datetime) -> Iterator[Mapping[str, Any]]:
        index, searcher = self._reading()
        yield from walk(searcher, translated(narrowed(query, since), index, now=now))

    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        _, searcher = self._reading()
        return {term: searcher.doc_freq(field, term) for term in terms}

    def get(self, article: str) -> Mapping[str, Any] | None:
        _, searcher = self._reading()
        found = searcher.search(by_id(article), limit=1).hits
        return body(searcher.doc(found[0][1])) if found else None

    def count(self) -> int:
        return int(self._reading()[1].num_docs)

    def ids(self) -> Iterator[str]:
        _, searcher = self._reading()
        everything = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False)
        for _, address in everything.hits:
            yield body(searcher.doc(address))["id"]

    def revisions(self, ids: Sequence[str]) -> Mapping[str, int]:
        _, searcher = self._reading()
        found = ((article, revision(searcher, article)) for article in ids)
        return {article: number for article, number in found if number}

    def drop(self, months: Collection[str]) -> int:
        queries = [first_seen_in(month) for month in sorted(months)]
        if self._generations.current() is None:
            return 0
        with self._to_disk():
            index = self._index()
            before = searcher_of(index)
            if not any(before.search(query, limit=1).hits for query in queries):
                return 0
            with writer_of(index) as writer:
                for query in queries:
                    writer.delete_documents_by_query(query)
                reach("index.drop.before")
                writer.commit()
            return int(before.num_docs - searcher_of(index).num_docs)

    def rebuild(self, documents: Iterable[Document]) -> Rebuilt:
        with self._to_disk():
            check_replaceable(self._generations.current())
            self._generations.clear()
            folder = self._generations.fresh()
            outcomes: dict[str, int] = {"written": 0, "kept": 0}
            rejected: list[Outcome] = []
            for outcome in self._stream(create(folder), documents):
                if outcome.status == "rejected":
                    rejected.append(outcome)
                else:
                    outcomes[outcome.status] += 1
            self._generations.use(folder)
        return Rebuilt(outcomes["written"], outcomes["kept"], tuple(rejected))

    @contextmanager
    def _to_disk(self) -> Iterator[None]:
        """A disk that is full or gone is a reason to wait, like a server that is down."""
        try:
            with self._generations.writing():
                yield
        except (OSError, ValueError) as error:
            raise SearchUnavailable(
                str(self._generations.folder), f"the search index cannot be written: {error}"
            ) from error

    def _begin(self) -> None:
        """The first, empty generation, unless another process was faster."""
        if self._generations.current() is None:
            folder = self._generations.fresh()
            create(folder)
            self._generations.use(folder)

    def _index(self) -> tantivy.Index:
        """The generation in use, opened anew if it was replaced. Raises IndexMismatch."""
        folder = self._generations.current()
        if folder is None:
            raise IndexMismatch(str(self._generations.folder), NO_INDEX)
        if self._opened is None or self._opened[0] != folder:
            self._opened = (folder, opened(folder))
        return self._opened[1]

    def _reading(self) -> tuple[tantivy.Index, tantivy.Searcher]:
        """What was last committed; asked again if a rebuild replaced and removed the generation meanwhile."""
        while True:
            folder = self._generations.current()
            try:
                index = self._index()
                return index, searcher_of(index)
            except (IndexMismatch, OSError, ValueError) as error:
                if folder != self._generations.current():
                    continue
                if isinstance(error, IndexMismatch):
                    raise
                raise damaged(self._generations.folder, error) from error

    def _stream(self, index: tantivy.Index, documents: Iterable[Document]) -> Iterator[Outcome]:
        """Outcomes of each batch after its commit."""
        with writer_of(index) as writer:
            for batch in batches(documents):
                outcomes = put(index, writer, batch)
                reach("index.commit.before")
                writer.commit()
                reach("index.commit.after")
                yield from outcomes
