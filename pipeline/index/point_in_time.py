"""Everything that a query finds in Elasticsearch, of any number, as it was when the walk began.

Promises each article once and no gap, newest first and equals by id, whatever is written meanwhile, with a page of them
in memory at a time; a rebuild meanwhile is an error, not a gap. It is a point in time with `search_after`, which
OpenSearch has under another address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http.client import METHOD_NOT_ALLOWED
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from pipeline.errors import SearchUnavailable

PAGE = 500  # articles
KEEP = "10m"  # between two pages, for who takes the articles slowly
_ORDER = [{"date": "desc"}, {"id": "asc"}]
_OPENSEARCH = "_search/point_in_time"


def walk(client: Elasticsearch, index: str, query: Mapping[str, Any], *, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Bodies of articles. Raises the client's errors."""
    with _opened(client, index) as pit:
        after: Any = None
        while hits := _page(client, index, pit, query, page, after):
            for hit in hits:
                yield hit["_source"]
            if len(hits) < page:
                return
            after = hits[-1]["sort"]


def _page(client: Elasticsearch, index: str, pit: str, query: Mapping[str, Any], page: int, after: Any) -> Any:
    try:
        found = client.search(
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
    return found["hits"]["hits"]


@contextmanager
def _opened(client: Elasticsearch, index: str) -> Iterator[str]:
    """The id of a point in time, which is given back, also by a walk that stops early."""
    pit, close = _open(client, index)
    try:
        yield pit
    finally:
        with suppress(ApiError):  # it ends by itself
            close()


def _open(client: Elasticsearch, index: str) -> tuple[str, Callable[[], Any]]:
    """Its id, and what gives it back."""
    try:
        pit = client.open_point_in_time(index=index, keep_alive=KEEP, ignore_unavailable=True)["id"]
        return pit, partial(client.close_point_in_time, id=pit)
    except ApiError as error:
        if not isinstance(error, BadRequestError) and error.status_code != METHOD_NOT_ALLOWED:
            raise
    pit = _ask(client, "POST", f"/{index}/{_OPENSEARCH}?keep_alive={KEEP}&ignore_unavailable=true")["pit_id"]
    return pit, partial(_ask, client, "DELETE", f"/{_OPENSEARCH}", {"pit_id": [pit]})


def _ask(client: Elasticsearch, method: str, target: str, body: Any = None) -> Any:
    json = {"accept": "application/json", "content-type": "application/json"}
    return client.perform_request(method, target, headers=json, body=body)
