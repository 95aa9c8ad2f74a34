"""The record of passes: when each began and ended, and its counts by step and outcome.

Promises that a pass which was killed is told from one that is still going on, as far as it can be seen from this
machine, and that what is older than KEPT is forgotten with the next pass. It knows no step.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.ledger import work
from pipeline.ledger.schema import pass_record

KEPT = timedelta(days=7)
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


def begin(connection: Connection, *, now: datetime) -> str:
    """This process begins a pass; the id of its record."""
    id = secrets.token_hex(8)
    connection.execute(delete(pass_record).where(pass_record.c.began < now - KEPT))
    row = {"id": id, "owner": work.owner(), "began": now, "counts": {}, "failed": []}
    connection.execute(insert(pass_record).values(row))
    return id


def end(connection: Connection, id: str, *, counts: Counts, failed: Sequence[tuple[str, str]], now: datetime) -> None:
    values = {"ended": now, "counts": counts, "failed": [list(each) for each in failed]}
    connection.execute(update(pass_record).where(pass_record.c.id == id).values(values))


def latest(connection: Connection, *, limit: int) -> tuple[PassRecord, ...]:
    """The newest first."""
    query = select(pass_record).order_by(pass_record.c.began.desc(), pass_record.c.id).limit(limit)
    return tuple(
        PassRecord(
            began=row.began,
            ended=row.ended,
            state="ended" if row.ended else "going on" if work.lives(row.owner) else "broken off",
            counts=row.counts,
            failed=tuple((step, why) for step, why in row.failed),
        )
        for row in connection.execute(query)
    )
