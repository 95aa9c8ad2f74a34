"""Notifications and messages: who is to hear of what, and the mails made of it.

Promises one first notification per (rule, family, recipient), ever; a message whose members and body never change
once it is written; and a count of every attempt that may have been a retransmission. When work is due stands in
the queue (`work`, kinds "compose" and "mail").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, func, select, update

from pipeline.ledger.dialect import insert
from pipeline.ledger.schema import article, message, notification, rule_seen
from pipeline.model import Message, Notification, Reason

_REASONS = TypeAdapter(tuple[Reason, ...])


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message about to be sent; `again` if an earlier attempt's end is unknown."""

    message: Message
    again: bool


def add(connection: Connection, found: Iterable[Notification]) -> tuple[Notification, ...]:
    """Write down notifications that are not there yet; those that are now to be sent.

    One that waits in the backlog becomes due when a copy comes later that may alert: the recipient has not heard of
    the story. What was there already when the notification went to the backlog stays there, however it is edited.
    """
    due = []
    for each in found:
        known = connection.execute(_same(each)).one_or_none()
        if known is None:
            connection.execute(insert(connection, notification).values(_values(each)))
        elif known.state != "backlog" or each.backlog or _first_seen(connection, each.article) <= known.created:
            continue
        else:
            _come_due(connection, known, each)
        if not each.backlog:
            due.append(each)
    return tuple(due)


def pending(
    connection: Connection, *, recipient: str, send: str, family: str | None = None
) -> tuple[Notification, ...]:
    """What a recipient is to hear of and no message holds yet, oldest first; locked, so that it stays so."""
    wanted = [notification.c.state == "pending", notification.c.recipient == recipient, notification.c.send == send]
    if family is not None:
        wanted.append(notification.c.family == family)
    query = select(notification).where(*wanted).order_by(notification.c.created, notification.c.id)
    return tuple(_notification(row) for row in connection.execute(query.with_for_update()))


def backlog(connection: Connection, *, rule: str | None = None) -> tuple[Notification, ...]:
    """What was matched but not sent, newest first."""
    query = select(notification).where(notification.c.state == "backlog").order_by(notification.c.created.desc())
    if rule is not None:
        query = query.where(notification.c.rule == rule)
    return tuple(_notification(row) for row in connection.execute(query.order_by(notification.c.id)))


def release(connection: Connection, ids: Sequence[str]) -> None:
    """Let backlog notifications be sent after all."""
    chosen = notification.c.id.in_(ids), notification.c.state == "backlog"
    connection.execute(update(notification).where(*chosen).values(state="pending", backlog=None))


def move_family(connection: Connection, old: str, new: str) -> tuple[Notification, ...]:
    """Family `old` turned out to be copies of `new`: what was said of the one counts as said of the other.

    What waits under `old` moves to `new`, unless the recipient has heard of that or will; what moved and is to be sent.
    """
    moved = (_move(connection, row, new) for row in _of_family(connection, old))
    return tuple(each for each in moved if each is not None)


def _move(connection: Connection, row: Row[Any], family: str) -> Notification | None:
    """One of them; itself if it is to be sent."""
    there = replace(_notification(row), family=family)
    known = connection.execute(_same(there)).one_or_none()
    if known is None:
        _change(connection, row.id, family=family)
    elif row.state == "pending" and known.state == "backlog":
        _come_due(connection, known, there)
        _change(connection, row.id, state="merged")
    elif row.state in ("pending", "backlog"):
        _change(connection, row.id, state="merged")  # `known` stands for it
        return None
    elif row.state == "frozen" and known.state in ("pending", "backlog"):
        _change(connection, known.id, state="merged")
    return there if row.state == "pending" else None


def freeze(connection: Connection, made: Message, *, now: datetime) -> None:
    """Write a message and tie its notifications to it."""
    values = {"id": made.id, "recipient": made.recipient, "subject": made.subject, "body": made.body, "composed": now}
    connection.execute(insert(connection, message).values(**values, attempts=0, unresolved=False, retransmissions=0))
    chosen = notification.c.id.in_(made.notifications)
    connection.execute(update(notification).where(chosen).values(state="frozen", message=made.id))


def begin_attempt(connection: Connection, id: str) -> Attempt | None:
    """Note that message `id` is about to go out; None if it is sent already."""
    row = connection.execute(select(message).where(message.c.id == id)).one()
    if row.sent is not None:
        return None
    again = int(row.unresolved)
    counts = {"attempts": row.attempts + 1, "retransmissions": row.retransmissions + again, "unresolved": True}
    connection.execute(update(message).where(message.c.id == id).values(counts))
    members = connection.execute(select(notification.c.id).where(notification.c.message == id)).scalars()
    return Attempt(Message(row.id, row.recipient, row.subject, row.body, tuple(members)), bool(again))


def record_sent(connection: Connection, id: str, *, now: datetime) -> None:
    values = {"sent": now, "unresolved": False, "error": None}
    connection.execute(update(message).where(message.c.id == id).values(values))


def record_unsent(connection: Connection, id: str, *, error: str, unresolved: bool) -> None:
    """The attempt failed; `unresolved` if the server may have taken the message all the same."""
    connection.execute(update(message).where(message.c.id == id).values(error=error, unresolved=unresolved))


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one notification: its state, and when it was mailed."""

    notification: Notification
    state: Literal["pending", "backlog", "frozen", "merged"]
    sent: datetime | None
    error: str | None


def about(connection: Connection, family: str) -> tuple[Story, ...]:
    """Everything that anybody heard or will hear of a family."""
    query = select(notification, message.c.sent, message.c.error).outerjoin(message)
    query = query.where(notification.c.family == family).order_by(notification.c.created, notification.c.id)
    return tuple(Story(_notification(row), row.state, row.sent, row.error) for row in connection.execute(query))


def counts(connection: Connection) -> dict[str, int]:
    """How many messages were sent, wait and were retransmitted, and how many notifications are in the backlog."""
    sent, waiting, again = connection.execute(
        select(
            func.count().filter(message.c.sent.is_not(None)),
            func.count().filter(message.c.sent.is_(None)),
            func.coalesce(func.sum(message.c.retransmissions), 0),
        ).select_from(message)
    ).one()
    held = connection.execute(select(func.count()).where(notification.c.state == "backlog")).scalar_one()
    return {"sent": sent, "waiting": waiting, "retransmitted": again, "backlog": held}


def rules_seen(connection: Connection) -> dict[str, str]:
    """The fingerprint of every rule that has been matched against the past."""
    return {row.name: row.fingerprint for row in connection.execute(select(rule_seen))}


def record_rule(connection: Connection, name: str, fingerprint: str, *, now: datetime) -> None:
    statement = insert(connection, rule_seen).values(name=name, fingerprint=fingerprint, seen=now)
    renewed = {"fingerprint": fingerprint, "seen": now}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=renewed))


def _same(each: Notification) -> Any:
    return select(notification).where(
        notification.c.rule == each.rule,
        notification.c.family == each.family,
        notification.c.recipient == each.recipient,
        notification.c.kind == "first",
        notification.c.sequence == 1,
    )


def _of_family(connection: Connection, family: str) -> Sequence[Row[Any]]:
    query = select(notification).where(notification.c.family == family)
    return connection.execute(query.order_by(notification.c.id).with_for_update()).all()


def _come_due(connection: Connection, known: Row[Any], found: Notification) -> None:
    """What is `known` and waits in the backlog is to be sent, for the reasons of `found`."""
    _change(connection, known.id, **_values(found) | {"id": known.id})


def _change(connection: Connection, id: str, /, **values: object) -> None:
    connection.execute(update(notification).where(notification.c.id == id).values(values))


def _first_seen(connection: Connection, id: str) -> datetime:
    seen: datetime = connection.execute(select(article.c.first_seen).where(article.c.id == id)).scalar_one()
    return seen


def _values(each: Notification) -> dict[str, object]:
    return {
        "id": each.id,
        "rule": each.rule,
        "family": each.family,
        "recipient": each.recipient,
        "kind": "first",
        "sequence": 1,
        "article": each.article,
        "send": each.when,
        "reasons": _REASONS.dump_python(each.reasons, mode="json"),
        "created": each.created,
        "state": "backlog" if each.backlog else "pending",
        "backlog": each.backlog,
    }


def _notification(row: Row[Any]) -> Notification:
    return Notification(
        id=row.id,
        rule=row.rule,
        family=row.family,
        recipient=row.recipient,
        article=row.article,
        when=row.send,
        reasons=_REASONS.validate_python(row.reasons),
        created=row.created,
        backlog=row.backlog,
    )
