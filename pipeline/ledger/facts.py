"""What stands in no single article: how far a text has spread, how a feed fares, what became of a mail.

Promises what the ledger says at this moment, one fact for each key that it still knows; a key that is missing from
an answer is no more. Nothing is stored here: every fact is worked out from the tables of the steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, and_, func, select

from pipeline.ledger.schema import annotation, article, family_member, message, notification, source, work

Kind = Literal["family", "feed", "delivery"]
KINDS: tuple[Kind, ...] = ("family", "feed", "delivery")


@dataclass(frozen=True, slots=True)
class Family:
    """Copies of one text. `title`, `url` and `source` are those of the member that was published first."""

    id: str
    title: str
    url: str | None
    source: str
    size: int
    sources: tuple[str, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    alerts: tuple[str, ...]
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed. `left` = it is in the configuration no more; `last_article` = when a new article came from it.

    `registered` = since when it is read under this URL, if that is known.
    """

    id: str
    name: str
    url: str
    country: str
    language: str
    kind: str
    left: bool
    registered: datetime | None
    last_attempt: datetime | None
    last_success: datetime | None
    failures: int
    error_code: str | None
    error: str | None
    articles: int
    last_article: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message and what it is about. `refused` = it was given up."""

    id: str
    recipient: str
    subject: str
    rules: tuple[str, ...]
    families: tuple[str, ...]
    composed: datetime
    sent: datetime | None
    attempts: int
    retransmissions: int
    refused: bool
    error: str | None


def families(connection: Connection, ids: Sequence[str]) -> dict[str, Family]:
    """By the family's id."""
    query = (
        select(
            family_member.c.family,
            *(article.c[name] for name in ("id", "title", "url", "source", "published", "first_seen")),
            source.c.country,
            annotation.c.language,
            annotation.c.topics,
            annotation.c.alerts,
        )
        .join(article, article.c.id == family_member.c.article)
        .join(source, source.c.id == article.c.source)
        .join(annotation, annotation.c.article == article.c.id)
        .where(family_member.c.family.in_(ids))
        .order_by(family_member.c.family)
    )
    groups = groupby(connection.execute(query), key=lambda row: row.family)
    return {family: _family(family, list(rows)) for family, rows in groups}


def feeds(connection: Connection, ids: Sequence[str]) -> dict[str, Feed]:
    """By the source's id."""
    brought = (
        select(article.c.source, func.count().label("articles"), func.max(article.c.first_seen).label("last_article"))
        .where(article.c.source.in_(ids))
        .group_by(article.c.source)
        .subquery()
    )
    polled = and_(work.c.kind == "collect", work.c.key == source.c.id)
    query = (
        select(source, work.c.key, brought.c.articles, brought.c.last_article)
        .outerjoin(brought, brought.c.source == source.c.id)
        .outerjoin(work, polled)
        .where(source.c.id.in_(ids))
    )
    return {row.id: _feed(row) for row in connection.execute(query)}


def deliveries(connection: Connection, ids: Sequence[str]) -> dict[str, Delivery]:
    """By the message's id. Its families are those in which its articles now are."""
    about: dict[str, set[tuple[str, str]]] = {id: set() for id in ids}
    pairs = select(notification.c.message, notification.c.rule, family_member.c.family)
    pairs = pairs.join(family_member, family_member.c.article == notification.c.article)
    for row in connection.execute(pairs.where(notification.c.message.in_(ids))):
        about[row.message].add((row.rule, row.family))
    mailed = and_(work.c.kind == "mail", work.c.key == message.c.id)
    query = select(message, work.c.dead).outerjoin(work, mailed).where(message.c.id.in_(ids))
    return {row.id: _delivery(row, about[row.id]) for row in connection.execute(query)}


def keys(connection: Connection, kind: Kind) -> Iterator[Sequence[str]]:
    """Every key of one kind, in chunks."""
    yield from connection.execute(_KEYS[kind]).scalars().partitions(500)


def messages_about(connection: Connection, article: str) -> tuple[str, ...]:
    """Ids of the messages that tell of an article."""
    told = select(notification.c.message).where(notification.c.article == article)
    return tuple(connection.execute(told.where(notification.c.message.is_not(None)).distinct()).scalars())


_KEYS: dict[Kind, Select[Any]] = {
    "family": select(family_member.c.family).distinct(),
    "feed": select(source.c.id),
    "delivery": select(message.c.id),
}


def _family(id: str, rows: Sequence[Any]) -> Family:
    first = min(rows, key=lambda row: (row.published or row.first_seen, row.first_seen, row.id))
    return Family(
        id=id,
        title=first.title,
        url=first.url,
        source=first.source,
        size=len(rows),
        sources=_distinct(row.source for row in rows),
        countries=_distinct(row.country for row in rows),
        languages=_distinct(row.language for row in rows if row.language),
        topics=_distinct(score["topic"] for row in rows for score in row.topics if score["match"]),
        alerts=_distinct(name for row in rows for name in row.alerts),
        first=min(row.published or row.first_seen for row in rows),
        last=max(row.published or row.first_seen for row in rows),
    )


def _feed(row: Row[Any]) -> Feed:
    return Feed(
        id=row.id,
        name=row.name,
        url=row.url,
        country=row.country,
        language=row.language,
        kind=row.kind,
        left=row.key is None,
        registered=row.registered,
        last_attempt=row.last_attempt,
        last_success=row.last_success,
        failures=row.failures,
        error_code=row.error_code,
        error=row.error,
        articles=row.articles or 0,
        last_article=row.last_article,
    )


def _delivery(row: Row[Any], about: set[tuple[str, str]]) -> Delivery:
    return Delivery(
        id=row.id,
        recipient=row.recipient,
        subject=row.subject,
        rules=_distinct(rule for rule, _ in about),
        families=_distinct(family for _, family in about),
        composed=row.composed,
        sent=row.sent,
        attempts=row.attempts,
        retransmissions=row.retransmissions,
        refused=row.dead is not None,
        error=row.error,
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
