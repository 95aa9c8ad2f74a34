"""What the ledger knows of each source: how it was configured, and how its feed has fared.

The time of its next poll stands in the queue (`work`, kind "collect"); nothing here decides when that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from pipeline.errors import NewswatchError
from pipeline.ledger.dialect import insert
from pipeline.ledger.schema import source
from pipeline.model import Source, SourceKind, Validators

_CONFIGURED = ("name", "url", "home", "country", "language", "kind", "demo")

_UNREAD: Mapping[str, Any] = MappingProxyType({"etag": None, "last_modified": None, "last_success": None})

Feeding = Literal["new", "answering", "failing"]
FEEDING: tuple[Feeding, ...] = ("new", "answering", "failing")


@dataclass(frozen=True, slots=True)
class FeedState:
    """How one feed has fared."""

    id: str
    name: str
    url: str
    validators: Validators
    moved_to: str | None
    last_attempt: datetime | None
    last_success: datetime | None
    last_outcome: str | None  # changed, unchanged, failed
    failures: int  # in a row
    error_code: str | None
    error: str | None


def feeding(last_attempt: datetime | None, failures: int) -> Feeding:
    """How a feed fares, in one word."""
    if last_attempt is None:
        return "new"
    return "failing" if failures else "answering"


def register(connection: Connection, sources: Iterable[Source], *, now: datetime) -> tuple[str, ...]:
    """Write down how `sources` are configured; the ids of those for which that is new.

    A feed whose URL changed is a new one: its first reading is to come.
    """
    known = {row.id: row for row in connection.execute(select(source))}
    changed = [each for each in sources if each.id not in known or _configuration(each) != _configured(known[each.id])]
    for each in changed:
        values = {"id": each.id, "failures": 0, "registered": now} | _configuration(each)
        statement = insert(connection, source).values(values)
        renewed: dict[str, object] = {name: statement.excluded[name] for name in _CONFIGURED}
        if each.id in known and known[each.id].url != each.url:
            renewed |= {"moved_to": None, "registered": now, **_UNREAD}
        connection.execute(statement.on_conflict_do_update(index_elements=[source.c.id], set_=renewed))
    if any(row.registered is None for row in known.values()):  # from before this was written down
        connection.execute(update(source).where(source.c.registered.is_(None)).values(registered=now))
    return tuple(each.id for each in changed)


def welcome_back(connection: Connection, ids: Iterable[str], *, away_since: datetime, now: datetime) -> None:
    """These are in the configuration again. Of those not tried since `away_since`, the first reading is to come."""
    long_away = source.c.id.in_(list(ids)), source.c.last_attempt < away_since
    connection.execute(update(source).where(*long_away).values(registered=now, **_UNREAD))


def feed_states(connection: Connection, ids: Sequence[str] | None = None) -> dict[str, FeedState]:
    """By source id; of all sources if `ids` is None."""
    query = select(source)
    if ids is not None:
        query = query.where(source.c.id.in_(ids))
    return {row.id: _state(row) for row in connection.execute(query)}


def configured(connection: Connection, ids: Iterable[str]) -> dict[str, Source]:
    """Sources as last configured, by id, also those that have left feeds.yml."""
    rows = connection.execute(select(source).where(source.c.id.in_(list(ids))))
    return {
        row.id: Source(
            id=row.id,
            name=row.name,
            url=row.url,
            home=row.home,
            country=row.country,
            language=row.language,
            kind=SourceKind(row.kind),
            demo=row.demo,
        )
        for row in rows
    }


def record_success(
    connection: Connection, id: str, *, now: datetime, validators: Validators | None, moved_to: str | None = None
) -> None:
    """The feed was read: with new content if `validators` is given, unchanged if it is None."""
    values = {"last_attempt": now, "last_success": now, "failures": 0, "error_code": None, "error": None}
    if validators is None:
        values |= {"last_outcome": "unchanged"}
    else:
        values |= {"last_outcome": "changed", "etag": validators.etag, "last_modified": validators.last_modified}
        values |= {"moved_to": moved_to}
    connection.execute(update(source).where(source.c.id == id).values(values))


def record_failure(connection: Connection, id: str, *, now: datetime, error: NewswatchError) -> None:
    connection.execute(
        update(source)
        .where(source.c.id == id)
        .values(
            last_attempt=now,
            last_outcome="failed",
            failures=source.c.failures + 1,
            error_code=error.code,
            error=error.message,
        )
    )


def _configuration(each: Source) -> dict[str, object]:
    return {name: getattr(each, name) for name in _CONFIGURED}


def _configured(row: Row[Any]) -> dict[str, object]:
    return {name: getattr(row, name) for name in _CONFIGURED}


def _state(row: Row[tuple[object, ...]]) -> FeedState:
    return FeedState(
        id=row.id,
        name=row.name,
        url=row.url,
        validators=Validators(row.etag, row.last_modified),
        moved_to=row.moved_to,
        last_attempt=row.last_attempt,
        last_success=row.last_success,
        last_outcome=row.last_outcome,
        failures=row.failures,
        error_code=row.error_code,
        error=row.error,
    )
