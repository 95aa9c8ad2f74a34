"""The Elasticsearch back end, through the official client; OpenSearch, too.

Promises what `SearchIndex` does. An article lives in the index of the month it was first seen in, which never changes,
under its own id, with the ledger's revision as external version: an old revision cannot replace a newer one, whoever
writes or deletes. A dead server is SearchUnavailable, never a lost document. It needs no scripts, no lifecycle policies
and no delete-by-query. Indices, templates and the alias are in `months`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError, helpers

from pipeline.errors import NewswatchError, SearchUnavailable
from pipeline.index import histogram as histograms
from pipeline.index.base import (
    FACET_VALUES,
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
from pipeline.index.bulk import chunks, deleted, found, later, sent
from pipeline.index.dsl import translated, whole
from pipeline.index.highlight import hit
from pipeline.index.months import Months
from pipeline.index.opensearch import OpenSearchNode
from pipeline.index.point_in_time import walk
from pipeline.index.transport import translating
from pipeline.model import Interval
from pipeline.query.tree import Query, ranks
from pipeline.settings import Settings

TIMEOUT = 30.0  # seconds for one exchange
_NEWEST = [{"date": "desc"}, {"id": "asc"}]
_BEST = [{"_score": "desc"}, {"date": "desc"}, {"id": "asc"}]


def connect(settings: Settings) -> Elasticsearch:
    """A client for the server in the settings; it connects when it is first used."""
    given: dict[str, Any] = {}
    if settings.elasticsearch_api_key is not None:
        given["api_key"] = settings.elasticsearch_api_key.get_secret_value()
    elif settings.elasticsearch_user:
        password = settings.elasticsearch_password
        given["basic_auth"] = (settings.elasticsearch_user, password.get_secret_value() if password else "")
    if settings.search == "opensearch":
        given["node_class"] = OpenSearchNode
    return Elasticsearch(settings.elasticsearch_url, request_timeout=TIMEOUT, max_retries=1, **given)


class ElasticsearchIndex:
    """The indices whose names start with `prefix`."""

    def __init__(self, client: Elasticsearch, *, prefix: str, opensearch: bool = False) -> None:
        self._client, self._opensearch = client, opensearch
        self._months = Months(client, prefix, opensearch=opensearch)

    @translating()
    def state(self) -> State:
        return self._months.state()

    @translating()
    def setup(self, *, month: str | None = None) -> None:
        self._months.setup()
        if month is not None:
            self._months.of(month)

    @translating()
    def ping(self) -> str:
        answer = self._client.info()
        self._months.check()
        name = "OpenSearch" if answer["version"].get("distribution") == "opensearch" else "Elasticsearch"
        return f"{name} {answer['version']['number']}, {self.count():,} articles"

    def write(self, documents: Iterable[Document], *, refresh: bool = True) -> Iterator[Outcome]:
        """As promised by SearchIndex; raises SearchUnavailable only if the server is away from the start."""
        self.setup()
        self._months.forget()
        touched: set[str] = set()
        down: NewswatchError | None = None
        for chunk in chunks(documents):
            outcomes = self._send(chunk, touched) if down is None else [later(one, down) for one in chunk]
            if all(outcome.status == "later" for outcome in outcomes):
                down = outcomes[0].error  # asking again would cost a time-out for each chunk
            yield from outcomes
        if refresh:
            with suppress(SearchUnavailable):  # they are safe, and seen within a second without it
                self._refresh(touched)

    def _send(self, chunk: Sequence[Document], touched: set[str]) -> list[Outcome]:
        try:
            with translating():
                places = [self._months.place(document) for document in chunk]
                touched.update(places)
                return sent(self._client, list(zip(places, chunk, strict=True)))
        except SearchUnavailable as error:
            return [later(one, error) for one in chunk]

    @translating()
    def _refresh(self, touched: set[str]) -> None:
        if touched:
            self._client.indices.refresh(index=sorted(touched), ignore_unavailable=True)

    @translating()
    def delete(self, ids: Iterable[str]) -> int:
        self._months.check()
        return deleted(self._client, self._months.alias, list(dict.fromkeys(ids)))

    @translating()
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
        counted = {name: whole(facet_field(name)) for name in facets}
        asked = {f"facet {name}": facet_aggregation(field, facet_values) for name, field in counted.items()}
        if histogram:
            asked["histogram"] = histograms.aggregation(histogram)
        self._months.check()
        found = self._client.search(
            index=self._months.alias,
            query=translated(narrowed(query, since), now=now),
            size=limit,
            from_=offset,
            sort=_BEST if ranks(query) else _NEWEST,
            track_total_hits=True,
            aggregations=asked,
            allow_no_indices=True,
            ignore_unavailable=True,
        )
        hits = tuple(hit(query, each["_source"], score=each["_score"] or 0.0) for each in found["hits"]["hits"])
        counts = {name: facet_counts(_buckets(found, f"facet {name}"), facet_values) for name in counted}
        times = histograms.buckets(_buckets(found, "histogram"), histogram) if histogram else ()
        return Results(found["hits"]["total"]["value"], hits, counts, times)

    def walk(self, query: Query, *, since: datetime | None = None, now: datetime) -> Iterator[Mapping[str, Any]]:
        with translating():
            self._months.check()
            wanted = translated(narrowed(query, since), now=now)
            yield from walk(self._client, self._months.alias, wanted, opensearch=self._opensearch)

    @translating()
    def frequencies(self, field: str, terms: Sequence[str]) -> Mapping[str, int]:
        self._months.check()
        filters = {str(at): {"term": {f"terms.{field}": term}} for at, term in enumerate(terms)}
        found = self._client.search(
            index=self._months.alias,
            size=0,
            aggregations={"terms": {"filters": {"filters": filters}}} if filters else None,
            ignore_unavailable=True,
        )
        counts = found["aggregations"]["terms"]["buckets"] if "aggregations" in found else {}
        return {term: int(counts.get(str(at), {}).get("doc_count", 0)) for at, term in enumerate(terms)}

    @translating()
    def get(self, article: str) -> Mapping[str, Any] | None:
        self._months.check()
        asked = {"ids": {"values": [article]}}
        found = self._client.search(index=self._months.alias, query=asked, size=1, ignore_unavailable=True)
        hits = found["hits"]["hits"]
        return dict(hits[0]["_source"]) if hits else None

    @translating()
    def count(self) -> int:
        self._months.check()
        return int(self._client.count(index=self._months.alias, ignore_unavailable=True)["count"])

    def ids(self) -> Iterator[str]:
        asked = {"query": {"match_all": {}}, "sort": ["_doc"]}
        with translating():
            self._months.check()
            found = helpers.scan(
                self._client, index=self._months.alias, query=asked, size=2000, _source=False, ignore_unavailable=True
            )
            try:
                for hit in found:
                    yield hit["_id"]
            except (helpers.ScanError, NotFoundError) as error:
                why = "the index was rebuilt, or months of it dropped, while it was read; begin again"
                raise SearchUnavailable(self._months.alias, why) from error

    @translating()
    def revisions(self, ids: Sequence[str]) -> Mapping[str, int]:
        self._months.check()
        return found(self._client, self._months.alias, ids)

    @translating()
    def drop(self, months: Collection[str]) -> int:
        return self._months.drop(months)

    @translating()
    def rebuild(self, documents: Iterable[Document]) -> Rebuilt:
        beside = self._months.beside()
        counts, rejected = {"written": 0, "kept": 0}, []
        for chunk in chunks(documents):
            places = [beside.place(document) for document in chunk]
            for outcome in sent(self._client, list(zip(places, chunk, strict=True))):
                if outcome.status == "later" and outcome.error:
                    raise outcome.error
                if outcome.status == "rejected":
                    rejected.append(outcome)
                else:
                    counts[outcome.status] += 1
        beside.swap()
        return Rebuilt(counts["written"], counts["kept"], tuple(rejected))


def _buckets(found: Any, name: str) -> Any:
    """None at all where there is no index yet."""
    return found.get("aggregations", {}).get(name, {}).get("buckets", ())
