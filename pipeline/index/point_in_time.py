"""Everything that a query finds in Elasticsearch, of any number, as it was when the walk began.

Promises each article once and no gap, newest first and equals by id, whatever is written or rebuilt meanwhile, with a
page of them in memory at a time. It is a point in time with `search_after`; OpenSearch has the same under another address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from elasticsearch import ApiError, BadRequestError, Elasticsearch

PAGE = 500  # articles
KEEP = "10m"  # between two pages, for who takes the articles slowly
_ORDER = [{"date": "desc"}, {"id": "asc"}]
_OPENSEARCH = "_search/point_in_time"


def walk(client: Elasticsearch, index: str, query: Mapping[str, Any], *, page: int = PAGE) -> Iterator[dict[str, Any]]:
    """Bodies of articles. Raises the client's errors."""
    with _opened(client, index) as pit:
        after: Any = None
        while True:
            found = client.search(
                pit={"id": pit, "keep_alive": KEEP},
                query=query,
                sort=_ORDER,
                size=page,
                search_after=after,
                track_total_hits=False,
            )
            hits = found["hits"]["hits"]
            for hit in hits:
                yield hit["_source"]
            if len(hits) < page:
                return
            after = hits[-1]["sort"]


@contextmanager
def _opened(client: Elasticsearch, index: str) -> Iterator[str]:
    """The id of a point in time, which is given back, also by a walk that stops early."""
    try:
        pit = client.open_point_in_time(index=index, keep_alive=KEEP, ignore_unavailable=True)["id"]
    except ApiError as error:
        if not (isinstance(error, BadRequestError) or error.status_code == 405):
            raise
        pit = _ask(client, "POST", f"/{index}/{_OPENSEARCH}?keep_alive={KEEP}&ignore_unavailable=true")["pit_id"]
        close = lambda: _ask(client, "DELETE", f"/{_OPENSEARCH}", {"pit_id": [pit]})  # noqa: E731
    else:
        close = lambda: client.close_point_in_time(id=pit)  # noqa: E731
    try:
        yield pit
    finally:
        with suppress(ApiError):  # it ends by itself
            close()


def _ask(client: Elasticsearch, method: str, target: str, body: Any = None) -> Any:
    json = {"accept": "application/json", "content-type": "application/json"}
    return client.perform_request(method, target, headers=json, body=body)
