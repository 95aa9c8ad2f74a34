"""The record of passes: when each began and ended, and its counts by step and outcome.

Promises that a pass which was killed is told from one that is still going on, as far as it can be seen from this
machine, and that what is older than KEPT is forgotten with the next pass. It knows no step.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from pipeline.ledger import work
from pipeline.ledger.schema import pass_record

KEPT = timedelta(days=7)
SCHEDULED = "scheduler"  # owns a pass whose steps are tasks in processes of their own, one such pass at a time
Counts = Mapping[str, Mapping[str, int]]
State = Literal["ended", "going on", "broken off"]


@dataclass(frozen=True, slots=True)
class PassRecord:
    """`counts` by step and outcome, as {"collect": {"new": 3}}; `failed` are steps that could not be done, and why."""

    began: datetime
    ended: datetime | None
    state: State
    counts: Counts
    failed: tuple[tuple[str, str], ...]


def begin(connection: Connection, *, now: datetime, owner: str | None = None) -> str:
    """This process, or `owner`, begins a pass; the id of its record."""
    id = secrets.token_hex(8)
    connection.execute(delete(pass_record).where(pass_record.c.began < now - KEPT))
    row = {"id": id, "owner": owner or work.owner(), "began": now, "counts": {}, "failed": []}
    connection.execute(insert(pass_record).values(row))
    return id


def end(connection: Connection, id: str, *, counts: Counts, failed: Sequence[tuple[str, str]], now: datetime) -> None:
    values = {"ended": now, "counts": counts, "failed": [list(each) for each in failed]}
    connection.execute(update(pass_record).where(pass_record.c.id == id).values(values))


def add(connection: Connection, step: str, counts: Mapping[str, int], *, now: datetime, last: bool = False) -> None:
    """Add counts to the scheduled pass that goes on, if there is one; with the `last` of its steps it ends."""
    going_on = pass_record.c.owner == SCHEDULED, pass_record.c.ended.is_(None)
    query = select(pass_record.c.id, pass_record.c.counts).where(*going_on).order_by(pass_record.c.began.desc())
    if (row := connection.execute(query.limit(1).with_for_update()).first()) is None:
        return
    before = row.counts.get(step, {})
    summed = {name: before.get(name, 0) + count for name, count in counts.items()}
    values = {"counts": {**row.counts, step: summed}, "ended": now if last else None}
    connection.execute(update(pass_record).where(pass_record.c.id == row.id).values(values))


def latest(connection: Connection, *, limit: int) -> tuple[PassRecord, ...]:
    """The newest first."""
    query = select(pass_record).order_by(pass_record.c.began.desc(), pass_record.c.id).limit(limit)
    rows = connection.execute(query).all()
    going_on = next((row.id for row in rows if row.owner == SCHEDULED), None)
    return tuple(
        PassRecord(
            began=row.began,
            ended=row.ended,
            state=_state(row, going_on),
            counts=row.counts,
            failed=tuple((step, why) for step, why in row.failed),
        )
        for row in rows
    )


def _state(row: Row[Any], going_on: str | None) -> State:
    if row.ended:
        return "ended"
    lives = row.id == going_on if row.owner == SCHEDULED else work.lives(row.owner)
    return "going on" if lives else "broken off"
