"""Facts of the ledger as documents of the small search indices, under the field names of their mappings.

Promises the same document for the same fact, names of the Elastic Common Schema where there is one, and no key without
a value. It reads and writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from pipeline.index.base import Fact
from pipeline.ledger import facts
from pipeline.ledger.sources import feeding
from pipeline.text import clean

LONGEST = 2000  # code points of a keyword


def documents(connection: Connection, kind: facts.Kind, keys: Sequence[str]) -> list[Fact]:
    """What the ledger says now of each key, in order."""
    return _READERS[kind](connection, keys)


def family(found: facts.Family) -> dict[str, Any]:
    return {
        "id": found.id,
        "@timestamp": _moment(found.first),
        "title": clean(found.title)[:LONGEST],
        "url": {"full": clean(found.url)[:LONGEST] if found.url else None},
        "source": found.source,
        "size": found.size,
        "outlets": len(found.sources),
        "sources": list(found.sources),
        "countries": list(found.countries),
        "languages": list(found.languages),
        "topics": list(found.topics),
        "alerts": list(found.alerts),
        "first_published": _moment(found.first),
        "last_published": _moment(found.last),
    }


def feed(found: facts.Feed) -> dict[str, Any]:
    return {
        "id": found.id,
        "@timestamp": _moment(found.last_attempt),
        "name": clean(found.name),
        "url": {"full": found.url[:LONGEST]},
        "country": found.country,
        "language": found.language,
        "kind": found.kind,
        "state": "left" if found.left else feeding(found.last_attempt, found.failures),
        "event": {"outcome": found.last_attempt and ("failure" if found.failures else "success")},
        "last_attempt": _moment(found.last_attempt),
        "last_success": _moment(found.last_success),
        "failures": found.failures,
        "error": {"code": found.error_code, "message": found.error and clean(found.error)},
        "articles": found.articles,
        "last_article": _moment(found.last_article),
    }


def delivery(found: facts.Delivery) -> dict[str, Any]:
    state = "sent" if found.sent else "refused" if found.refused else "waiting"
    return {
        "id": delivery_id(found.id),
        "@timestamp": _moment(found.sent or found.composed),
        "rule": {"name": list(found.rules)},
        "email": {"to": {"address": found.recipient}, "subject": clean(found.subject)},
        "families": list(found.families),
        "state": state,
        "event": {"outcome": {"sent": "success", "refused": "failure", "waiting": "unknown"}[state]},
        "composed": _moment(found.composed),
        "sent": _moment(found.sent),
        "attempts": found.attempts,
        "retransmissions": found.retransmissions,
        "error": {"message": found.error and clean(found.error)},
    }


def delivery_id(message: str) -> str:
    """Of a Message-ID, which could name the machine that it was made on."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]


def _families(connection: Connection, keys: Sequence[str]) -> list[Fact]:
    found = facts.families(connection, keys)
    return [Fact(key, _filled(family(found[key])) if key in found else None) for key in keys]


def _feeds(connection: Connection, keys: Sequence[str]) -> list[Fact]:
    found = facts.feeds(connection, keys)
    return [Fact(key, _filled(feed(found[key])) if key in found else None) for key in keys]


def _deliveries(connection: Connection, keys: Sequence[str]) -> list[Fact]:
    found = facts.deliveries(connection, keys)
    return [Fact(delivery_id(key), _filled(delivery(found[key])) if key in found else None) for key in keys]


_READERS: Mapping[facts.Kind, Callable[[Connection, Sequence[str]], list[Fact]]] = {
    "family": _families,
    "feed": _feeds,
    "delivery": _deliveries,
}


def _filled(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without keys that have no value."""
    inner = {name: _filled(value) if isinstance(value, Mapping) else value for name, value in body.items()}
    return {name: value for name, value in inner.items() if value not in (None, "", [], {})}


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
