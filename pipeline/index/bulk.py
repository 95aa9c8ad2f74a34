"""Bulk writes to Elasticsearch: as many outcomes as documents, each with its reason.

Promises that the answer's items and the documents are counted against each other, that one bad document harms no
other, and that a server in trouble makes outcomes for later. It does not retry: who holds the outbox does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.crashpoint import reach
from pipeline.errors import DocumentRejected, NewswatchError, SearchUnavailable
from pipeline.index.base import Document, Outcome
from pipeline.index.dsl import source
from pipeline.index.transport import LATER, blocked, reason

MOST = 500  # documents in one request
LARGEST = 5_000_000  # code points in one request, roughly
_WAIT = "20s"  # for a shard to take a document
_FORGOTTEN = 0.3  # seconds; the servers look at their clock every 0.2, and then forget with a refresh (`gc_deletes`)


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


def writing(index: str) -> str:
    """The alias by which an index is written to: a server makes a missing index by itself, but not a missing alias."""
    return f"{index}-write"


def sent(client: Elasticsearch, placed: Sequence[tuple[str, Document]]) -> list[Outcome]:
    """Index each document in the index named beside it. One outcome each, in order.

    `external_gte`: a revision that was deleted can be written again while the server remembers the deletion.
    """
    operations: list[Any] = []
    for index, document in placed:
        meta = {"_id": document.id, "version": document.revision, "version_type": "external_gte"}
        operations += [
            {"index": {"_index": writing(index), **meta}},
            json.dumps(source(document), ensure_ascii=False),
        ]
    reach("index.bulk.before")
    answer = client.bulk(operations=operations, timeout=_WAIT, require_alias=True)
    reach("index.bulk.after")
    items = (item["index"] for item in answer["items"])
    outcomes = [outcome(one.id, one.revision, item) for (_, one), item in zip(placed, items, strict=True)]
    refused = [pair for pair, one in zip(placed, outcomes, strict=True) if one.status == "kept"]
    absent = _absent(client, refused) if refused else set()
    return [_forgetting(one) if one.id in absent else one for one in outcomes]


def _absent(client: Elasticsearch, placed: Sequence[tuple[str, Document]]) -> set[str]:
    """Ids of documents that are not there: the server remembers that a newer revision was deleted."""
    wanted = [{"_index": index, "_id": document.id, "_source": False} for index, document in placed]
    return {each["_id"] for each in client.mget(docs=wanted)["docs"] if not each.get("found")}


def _forgetting(refused: Outcome) -> Outcome:
    """It can be written once the server has forgotten, with one of its next refreshes."""
    why = SearchUnavailable(refused.id, "a newer revision was just deleted from the index")
    return Outcome(refused.id, refused.revision, "later", why)


def deleted(client: Elasticsearch, alias: str, ids: Sequence[str]) -> int:
    """Delete articles in the revision that is found; how many. One that is replaced meanwhile stays.

    Where it is remembered, it is under that revision, not under a later one that nobody could write any more; and not
    for longer than this call.
    """
    gone = 0
    client.indices.refresh(index=alias, ignore_unavailable=True, allow_no_indices=True)
    for start in range(0, len(ids), MOST):
        asked = {"ids": {"values": ids[start : start + MOST]}}
        found = client.search(index=alias, query=asked, source=False, version=True, size=MOST, ignore_unavailable=True)[
            "hits"
        ]["hits"]
        if found:
            answer = client.bulk(operations=[_deletion(hit) for hit in found], refresh=True, require_alias=True)
            gone += sum(item["delete"].get("result") == "deleted" for item in answer["items"])
    if gone:
        time.sleep(_FORGOTTEN)
        client.indices.refresh(index=alias, ignore_unavailable=True, allow_no_indices=True)
    return gone


def found(client: Elasticsearch, alias: str, ids: Sequence[str]) -> dict[str, int]:
    """The revision of each article that a search can find, of at most MOST."""
    asked = {"ids": {"values": list(ids)}}
    answer = client.search(index=alias, query=asked, source=False, version=True, size=MOST, ignore_unavailable=True)
    return {hit["_id"]: int(hit["_version"]) for hit in answer["hits"]["hits"]}


def _deletion(hit: Mapping[str, Any]) -> dict[str, Any]:
    place = {"_index": writing(hit["_index"]), "_id": hit["_id"]}
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
    if status in LATER or status == 404 or blocked(item):  # 404: the index was replaced or dropped meanwhile
        return Outcome(id, revision, "later", SearchUnavailable(id, f"the server answered {status}: {reason(item)}"))
    return Outcome(id, revision, "rejected", DocumentRejected(id, reason(item)))
