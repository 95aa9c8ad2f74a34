"""Bulk writes to Elasticsearch: as many outcomes as documents, each with its reason.

Promises that the answer's items and the documents are counted against each other, that one bad document harms no
other, and that a server in trouble makes outcomes for later. It does not retry: who holds the outbox does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.crashpoint import reach
from pipeline.errors import DocumentRejected, NewswatchError, SearchUnavailable
from pipeline.index.base import Document, Outcome
from pipeline.index.dsl import source
from pipeline.index.transport import LATER, reason

MOST = 500  # documents in one request
LARGEST = 5_000_000  # code points in one request, roughly
_WAIT = "20s"  # for a shard to take a document


def chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents in pieces that fit a request; an over-large one goes alone."""
    chunk: list[Document] = []
    size = 0
    for document in documents:
        length = len(str(document.body.get("text", ""))) * 3 + 5000
        if chunk and (len(chunk) >= MOST or size + length > LARGEST):
            yield chunk
            chunk, size = [], 0
        chunk.append(document)
        size += length
    if chunk:
        yield chunk


def sent(client: Elasticsearch, placed: Sequence[tuple[str, Document]]) -> list[Outcome]:
    """Index each document in the index named beside it. One outcome each, in order.

    `external_gte`: a revision that was deleted can be written again while the server remembers the deletion.
    """
    operations: list[Any] = []
    for index, document in placed:
        meta = {"_index": index, "_id": document.id, "version": document.revision, "version_type": "external_gte"}
        operations += [{"index": meta}, json.dumps(source(document), ensure_ascii=False)]
    reach("index.bulk.before")
    answer = client.bulk(operations=operations, timeout=_WAIT)
    reach("index.bulk.after")
    items = (item["index"] for item in answer["items"])
    return [outcome(one.id, one.revision, item) for (_, one), item in zip(placed, items, strict=True)]


def deleted(client: Elasticsearch, alias: str, ids: Sequence[str]) -> int:
    """Delete articles in the revision that is found; how many. One that is replaced meanwhile stays.

    The deletion is remembered under that revision, not under a later one that nobody could write any more.
    """
    gone = 0
    client.indices.refresh(index=alias, ignore_unavailable=True, allow_no_indices=True)
    for start in range(0, len(ids), MOST):
        asked = {"ids": {"values": ids[start : start + MOST]}}
        found = client.search(
            index=alias, query=asked, source=False, version=True, size=MOST, ignore_unavailable=True
        )["hits"]["hits"]
        if found:
            answer = client.bulk(operations=[_deletion(hit) for hit in found], refresh=True)
            gone += sum(item["delete"].get("result") == "deleted" for item in answer["items"])
    return gone


def _deletion(hit: Mapping[str, Any]) -> dict[str, Any]:
    place = {"_index": hit["_index"], "_id": hit["_id"]}
    return {"delete": {**place, "version": hit["_version"], "version_type": "external_gte"}}


def later(document: Document, error: NewswatchError) -> Outcome:
    return Outcome(document.id, document.revision, "later", error)


def outcome(id: str, revision: int, item: Mapping[str, Any]) -> Outcome:
    """What one item of a bulk answer says of its document."""
    status = int(item["status"])
    if status < 300:
        return Outcome(id, revision, "written")
    if status == 409 or (status == 404 and "error" not in item):  # to be deleted, and not there
        return Outcome(id, revision, "kept")
    if status in LATER or status == 404:  # 404: the index was replaced or dropped meanwhile
        return Outcome(id, revision, "later", SearchUnavailable(id, f"the server answered {status}: {reason(item)}"))
    return Outcome(id, revision, "rejected", DocumentRejected(id, reason(item)))
