"""Everything that a query finds in Elasticsearch, of any number, as it was when the walk began.

Promises each article once and no gap, newest first and equals by id, whatever is written meanwhile, with a page of them
in memory at a time; a rebuild meanwhile is an error, not a gap. It is a point in time with `search_after`, which
OpenSearch has under another address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from pipeline.errors import SearchUnavailable
from pipeline.index.transport import JSON

PAGE = 500  # articles
KEEP = "10m"  # between two pages, for who takes the articles slowly
_ORDER = [{"date": "desc"}, {"id": "asc"}]
_OPENSEARCH = "_search/point_in_time"


def walk(
    client: Elasticsearch, index: str, query: Mapping[str, Any], *, opensearch: bool = False, page: int = PAGE
) -> Iterator[dict[str, Any]]:
    """Bodies of articles. Raises the client's errors."""
    pit, after = _open(client, index, opensearch=opensearch), None
    try:
        while pit:
            found = _page(client, index, pit, query, page, after)
            pit, hits = found["pit_id"], found["hits"]["hits"]  # a server may give it another name with each page
            for hit in hits:
                yield hit["_source"]
            if len(hits) < page:
                return
            after = hits[-1]["sort"]
    finally:
        with suppress(ApiError, TransportError):  # it ends by itself
            _close(client, pit, opensearch=opensearch)


def _page(client: Elasticsearch, index: str, pit: str, query: Mapping[str, Any], page: int, after: Any) -> Any:
    try:
        return client.search(
            pit={"id": pit, "keep_alive": KEEP},
            query=query,
            sort=_ORDER,
            size=page,
            search_after=after,
            track_total_hits=False,
            allow_partial_search_results=False,
        )
    except NotFoundError as error:
        why = f"the index was rebuilt while its articles were read, or nobody asked for {KEEP}; begin again"
        raise SearchUnavailable(index, why) from error


def _open(client: Elasticsearch, index: str, *, opensearch: bool) -> str | None:
    """Its id; OpenSearch makes none, but an error, where there is no index yet."""
    if not opensearch:
        return str(client.open_point_in_time(index=index, keep_alive=KEEP, ignore_unavailable=True)["id"])
    if not client.indices.exists_alias(name=index):
        return None
    target = f"/{index}/{_OPENSEARCH}?keep_alive={KEEP}&ignore_unavailable=true"
    return str(client.perform_request("POST", target, headers=JSON)["pit_id"])


def _close(client: Elasticsearch, pit: str | None, *, opensearch: bool) -> None:
    if pit and opensearch:
        client.perform_request("DELETE", f"/{_OPENSEARCH}", headers=JSON, body={"pit_id": [pit]})
    elif pit:
        client.close_point_in_time(id=pit)
