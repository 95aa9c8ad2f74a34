"""The queue and the outbox: what is still to be done, and who is doing it.

Promises that a piece of work is held by one worker at a time and is neither lost nor done twice: it is added in the
transaction that makes it necessary, and completed in the one that does it. A lease carries a random fencing token;
whoever lost his lease meanwhile cannot complete. The leases of processes that are seen to be dead on this host are
free at once, others when they run out. It knows nothing of what the work is.
"""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import psutil
from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, update

from pipeline.errors import LeaseLost
from pipeline.ledger.dialect import insert
from pipeline.ledger.schema import work

Kind = Literal["collect", "page", "enrich", "index", "compose", "mail", "family", "feed", "delivery"]
LEASE = timedelta(minutes=10)
_CLOCK_SLACK = 5.0  # seconds by which a process's start seems to move when the host's clock is set


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do one piece of work. `attempts` counts this one."""

    kind: Kind
    key: str
    version: int
    token: str
    attempts: int


def add(connection: Connection, kind: Kind, items: Iterable[tuple[str, int]], *, due: datetime) -> None:
    """Put (key, version) pairs into the queue. Work that is there already becomes this version, alive and due again.

    A worker that holds an earlier version keeps his lease; completing it leaves the newer version in the queue.
    """
    rows = [{"kind": kind, "key": key, "version": version, "due": due, "attempts": 0} for key, version in items]
    if not rows:
        return
    statement = insert(connection, work)
    renewed = {"version": statement.excluded.version, "due": statement.excluded.due, "attempts": 0, "dead": None}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "key"], set_=renewed), rows)


def renew(connection: Connection, kind: Kind, keys: Iterable[str], *, due: datetime) -> None:
    """Put keys into the queue in a version that nobody holds: who has one in hand completes less than all."""
    rows = [{"kind": kind, "key": key, "version": 1, "due": due, "attempts": 0} for key in sorted(set(keys))]
    if not rows:
        return
    statement = insert(connection, work)
    renewed = {"version": work.c.version + 1, "due": statement.excluded.due, "attempts": 0, "dead": None}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "key"], set_=renewed), rows)


def add_missing(connection: Connection, kind: Kind, keys: Iterable[str], *, due: datetime) -> None:
    """Put keys into the queue that are not there or were given up; the others stay as they are.

    "Do nothing" would not wait for a worker that is about to complete what is there, and so lose what comes too late
    for him: the row is locked by an update, also where that changes nothing.
    """
    rows = [{"kind": kind, "key": key, "version": 1, "due": due, "attempts": 0} for key in sorted(set(keys))]
    if rows:
        statement = insert(connection, work)
        when = case((work.c.dead.is_(None), work.c.due), else_=statement.excluded.due)
        alive = {"due": when, "dead": None}
        connection.execute(statement.on_conflict_do_update(index_elements=["kind", "key"], set_=alive), rows)


def claim(
    connection: Connection,
    kind: Kind,
    *,
    now: datetime,
    limit: int,
    keys: Sequence[str] | None = None,
    beginning: str = "",
    even_if_not_due: bool = False,
    lease: timedelta = LEASE,
) -> tuple[Lease, ...]:
    """Take up to `limit` pieces of work that nobody holds, the longest due first.

    Of `keys` only, if given, and of those whose key has this `beginning`.
    """
    wanted = [work.c.kind == kind, work.c.dead.is_(None), or_(work.c.lease_until.is_(None), work.c.lease_until <= now)]
    if not even_if_not_due:
        wanted.append(work.c.due <= now)
    if keys is not None:
        wanted.append(work.c.key.in_(keys))
    if beginning:
        wanted.append(work.c.key.startswith(beginning, autoescape=True))
    query = select(work.c.key, work.c.version, work.c.attempts).where(*wanted).order_by(work.c.due, work.c.key)
    rows = connection.execute(query.limit(limit).with_for_update(skip_locked=True)).all()
    token, mine = secrets.token_hex(8), owner()
    if rows:
        connection.execute(
            update(work)
            .where(work.c.kind == kind, work.c.key.in_([row.key for row in rows]))
            .values(token=token, owner=mine, lease_until=now + lease, attempts=work.c.attempts + 1)
        )
    return tuple(Lease(kind, row.key, row.version, token, row.attempts + 1) for row in rows)


def complete(connection: Connection, lease: Lease) -> bool:
    """The work is done; if a newer version was added meanwhile, that stays, and this is False. Raises LeaseLost."""
    done = connection.execute(delete(work).where(_held(lease), work.c.version == lease.version)).rowcount
    if not done:
        _free(connection, lease, attempts=0)
    return bool(done)


def complete_all(connection: Connection, leases: Iterable[Lease]) -> None:
    """`complete` for many, by one statement for all that were claimed together. Raises LeaseLost."""
    claimed: dict[tuple[str, str, int], list[Lease]] = {}
    for lease in leases:
        claimed.setdefault((lease.kind, lease.token, lease.version), []).append(lease)
    for (kind, token, version), some in claimed.items():
        ours = work.c.kind == kind, work.c.token == token, work.c.version == version
        keys = work.c.key.in_([lease.key for lease in some])
        done = set(connection.execute(delete(work).where(*ours, keys).returning(work.c.key)).scalars())
        for lease in some:
            if lease.key not in done:
                _free(connection, lease, attempts=0)


def defer(connection: Connection, lease: Lease, *, due: datetime) -> None:
    """Give the work back, to be done from `due`; a newer version added meanwhile keeps its own. Raises LeaseLost."""
    later = update(work).where(_held(lease), work.c.version == lease.version).values(due=due, **_FREE)
    if not connection.execute(later).rowcount:
        _free(connection, lease, attempts=0)


def bury(connection: Connection, lease: Lease, *, reason: str) -> None:
    """Give the work up, for `reason`; a newer version added meanwhile stays alive. Raises LeaseLost."""
    given_up = update(work).where(_held(lease), work.c.version == lease.version).values(dead=reason, **_FREE)
    if not connection.execute(given_up).rowcount:
        _free(connection, lease, attempts=0)


def discard(connection: Connection, kind: Kind, keys: Sequence[str]) -> None:
    """Take work out of the queue that is no longer wanted, whoever holds it."""
    connection.execute(delete(work).where(work.c.kind == kind, work.c.key.in_(keys)))


def free_dead_owners(connection: Connection) -> int:
    """Free the leases of this host's processes that no longer live; the number freed."""
    owners = connection.execute(select(work.c.owner).where(work.c.owner.is_not(None)).distinct()).scalars().all()
    gone = [owner for owner in owners if not lives(owner)]
    if not gone:
        return 0
    return connection.execute(update(work).where(work.c.owner.in_(gone)).values(**_FREE)).rowcount


def someone_at_work(connection: Connection, *, now: datetime) -> str | None:
    """An owner of a lease that has not run out, and whose process is not seen to be dead; "HOST:PID:STARTED"."""
    held = select(work.c.owner).where(work.c.owner.is_not(None), work.c.lease_until > now).distinct()
    return next((owner for owner in connection.execute(held).scalars() if lives(owner)), None)


def revive(connection: Connection, *, now: datetime) -> int:
    """Make everything that was given up due again; the number revived."""
    dead = work.c.dead.is_not(None)
    return connection.execute(update(work).where(dead).values(dead=None, attempts=0, due=now)).rowcount


@dataclass(frozen=True, slots=True)
class Queue:
    """One kind of work: due now, later, given up; `oldest` = since when the longest due has been due."""

    kind: str
    due: int
    later: int
    dead: int
    oldest: datetime | None


def waiting(connection: Connection, *, now: datetime) -> tuple[Queue, ...]:
    """Per kind, how much is to be done."""
    alive = work.c.dead.is_(None)
    due = and_(alive, work.c.due <= now)
    query = select(
        work.c.kind,
        func.count().filter(due).label("due"),
        func.count().filter(and_(alive, work.c.due > now)).label("later"),
        func.count().filter(work.c.dead.is_not(None)).label("dead"),
        func.min(work.c.due).filter(due).label("oldest"),
    ).group_by(work.c.kind)
    rows = connection.execute(query.order_by(work.c.kind))
    return tuple(Queue(row.kind, row.due, row.later, row.dead, row.oldest) for row in rows)


def due_times(connection: Connection, kind: Kind) -> dict[str, datetime]:
    """When each key of one kind is to be done."""
    rows = connection.execute(select(work.c.key, work.c.due).where(work.c.kind == kind))
    return {row.key: row.due for row in rows}


def next_due(connection: Connection) -> datetime | None:
    """When the next piece of work that nobody holds is to be done."""
    free = work.c.dead.is_(None), work.c.token.is_(None)
    return connection.execute(select(work.c.due).where(*free).order_by(work.c.due).limit(1)).scalar()


def given_up(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """(kind, key, reason) of all work that was given up."""
    rows = connection.execute(select(work.c.kind, work.c.key, work.c.dead).where(work.c.dead.is_not(None)))
    return tuple((row.kind, row.key, row.dead) for row in rows)


_FREE = {"token": None, "owner": None, "lease_until": None}


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(work.c.kind == lease.kind, work.c.key == lease.key, work.c.token == lease.token)


def _free(connection: Connection, lease: Lease, **values: object) -> None:
    freed = connection.execute(update(work).where(_held(lease)).values(**_FREE, **values)).rowcount
    if not freed:
        raise LeaseLost(lease.key, f"another worker took over this {lease.kind} work")


def owner() -> str:
    """Who this process is, in leases and in logs: HOST:PID:STARTED."""
    pid = os.getpid()
    return f"{platform.node()}:{pid}:{psutil.Process(pid).create_time():.0f}"


def lives(owner: str) -> bool:
    """Whether that process is still there; of one on another machine nobody knows, so it counts as if it were."""
    host, pid, started = owner.rsplit(":", 2)
    if host != platform.node():
        return True
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) <= _CLOCK_SLACK
    except psutil.NoSuchProcess:
        return False
