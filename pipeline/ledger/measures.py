"""How much there is, how old and how late: the numbers that an operator watches, as the ledger has them.

Promises one consistent view and a few queries whose cost does not grow with the texts: counts are read from indices,
delays from the newest articles and mails only. The numbers survive restarts, and are right whichever process did the
work. What they are called outside, and when to worry, is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select

from pipeline.ledger.schema import annotation, article, article_version, message, notification, source, work
from pipeline.ledger.work import Queue, waiting

WINDOW = timedelta(days=1)  # over which delays are looked at
NEWEST = 1000  # articles and mails whose delays are looked at, at most


@dataclass(frozen=True, slots=True)
class FeedMeasures:
    """One feed of the configuration."""

    id: str
    articles: int
    failures: int  # in a row
    last_attempt: datetime | None
    last_success: datetime | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything at the moment `now`. Delays are in seconds, of what came or matched within WINDOW, newest first."""

    now: datetime
    articles: int
    revisions: int  # earlier states that were replaced
    annotated: int
    queues: tuple[Queue, ...]
    feeds: tuple[FeedMeasures, ...]
    left: int  # feeds that are no longer in the configuration
    sent: int
    retransmissions: int
    unsent_since: datetime | None  # when the oldest message that waits was composed
    notifications: Mapping[str, int]  # by state
    seen_delays: tuple[float, ...]  # published -> first seen
    index_delays: tuple[float, ...]  # published -> in the search index
    mail_delays: tuple[float, ...]  # matched -> mailed


def measures(connection: Connection, *, now: datetime) -> Measures:
    """Read them all."""
    sent, retransmissions = _sent(connection)
    feeds, left = _feeds(connection)
    return Measures(
        now=now,
        articles=sum(feed.articles for feed in feeds) + sum(each.articles for each in left),
        revisions=_count(connection, article_version.c.article),
        annotated=_count(connection, annotation.c.article),
        queues=waiting(connection, now=now),
        feeds=feeds,
        left=len(left),
        sent=sent,
        retransmissions=retransmissions,
        unsent_since=_unsent_since(connection),
        notifications=_notifications(connection),
        seen_delays=_delays(connection, now - WINDOW, until=article.c.first_seen),
        index_delays=_delays(connection, now - WINDOW, until=annotation.c.indexed),
        mail_delays=_mail_delays(connection, now - WINDOW),
    )


def _count(connection: Connection, column: ColumnElement[str]) -> int:
    return connection.execute(select(func.count(column))).scalar_one()


def _feeds(connection: Connection) -> tuple[tuple[FeedMeasures, ...], tuple[FeedMeasures, ...]]:
    """Those of the configuration, and those that left it; what is read now stands in the queue."""
    kept = select(func.count()).where(work.c.kind == "collect", work.c.key == source.c.id).scalar_subquery()
    columns = source.c.id, source.c.failures, source.c.last_attempt, source.c.last_success
    by_source = select(article.c.source, func.count().label("articles")).group_by(article.c.source)
    counts: dict[str, int] = {row.source: row.articles for row in connection.execute(by_source)}
    found: dict[bool, list[FeedMeasures]] = {True: [], False: []}
    for row in connection.execute(select(*columns, kept.label("kept")).order_by(source.c.id)):
        feed = FeedMeasures(row.id, counts.get(row.id, 0), row.failures, row.last_attempt, row.last_success)
        found[bool(row.kept)].append(feed)
    return tuple(found[True]), tuple(found[False])


def _sent(connection: Connection) -> tuple[int, int]:
    """How many messages were sent, and how often one went out again."""
    query = select(func.count(message.c.sent), func.coalesce(func.sum(message.c.retransmissions), 0))
    sent, again = connection.execute(query).one()
    return sent, again


def _unsent_since(connection: Connection) -> datetime | None:
    waiting = and_(work.c.kind == "mail", work.c.key == message.c.id, work.c.dead.is_(None))
    return connection.execute(select(func.min(message.c.composed)).select_from(work).join(message, waiting)).scalar()


def _notifications(connection: Connection) -> dict[str, int]:
    query = select(notification.c.state, func.count().label("held")).group_by(notification.c.state)
    return {row.state: row.held for row in connection.execute(query)}


def _delays(connection: Connection, since: datetime, *, until: ColumnElement[datetime]) -> tuple[float, ...]:
    """From publication, of articles that could alert when they came: what a feed held at its first reading is older."""
    query = (
        select(article.c.published, until.label("until"))
        .outerjoin(annotation)
        .where(
            article.c.first_seen >= since,
            article.c.backlog.is_(None),
            article.c.published.is_not(None),
            until.is_not(None),
        )
    )
    rows = connection.execute(query.order_by(article.c.first_seen.desc()).limit(NEWEST))
    return tuple(max((row.until - row.published).total_seconds(), 0.0) for row in rows)


def _mail_delays(connection: Connection, since: datetime) -> tuple[float, ...]:
    """Of instant notifications made since: digests wait for their time of day."""
    query = (
        select(message.c.sent, notification.c.created)
        .select_from(notification)
        .join(message, message.c.id == notification.c.message)
        .where(notification.c.created >= since, notification.c.send == "instant", message.c.sent.is_not(None))
    )
    rows = connection.execute(query.order_by(notification.c.created.desc()).limit(NEWEST))
    return tuple(max((row.sent - row.created).total_seconds(), 0.0) for row in rows)
