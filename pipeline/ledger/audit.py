"""What a search index must hold if nothing has happened to it, read chunk by chunk.

Promises one consistent view of each chunk, with what is known to be on its way, and memory for one chunk. It looks at
no index: `steps.verify` compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, case, func, select

from pipeline.ledger.retention import month_of, retired_months
from pipeline.ledger.schema import annotation, article, family_member, work

CHUNK = 500
State = Literal["indexed", "waiting", "refused", "retired"]


@dataclass(frozen=True, slots=True)
class Expected:
    """An article: the revision that is to be found, and whether it is; or why it need not be there (yet)."""

    id: str
    revision: int
    state: State


def after(connection: Connection, last: str, *, limit: int = CHUNK) -> tuple[Expected, ...]:
    """The articles that follow the id `last`, by id."""
    return _expected(connection, article.c.id > last, limit)


def of(connection: Connection, ids: Sequence[str]) -> dict[str, Expected]:
    """Those of `ids` that the ledger knows."""
    return {each.id: each for each in _expected(connection, article.c.id.in_(ids), len(ids))}


def _expected(connection: Connection, wanted: Any, limit: int) -> tuple[Expected, ...]:
    queued = and_(work.c.key == article.c.id, work.c.kind.in_(("enrich", "index")))
    query = (
        select(
            article.c.id,
            article.c.first_seen,
            case((annotation.c.revision > article.c.revision, annotation.c.revision), else_=article.c.revision).label(
                "revision"
            ),
            func.count(family_member.c.article).label("enriched"),
            func.count(work.c.key).label("queued"),
            func.count(work.c.dead).label("dead"),
        )
        .outerjoin(annotation, annotation.c.article == article.c.id)
        .outerjoin(family_member, family_member.c.article == article.c.id)
        .outerjoin(work, queued)
        .where(wanted)
        .group_by(article.c.id, article.c.first_seen, article.c.revision, annotation.c.revision)
        .order_by(article.c.id)
        .limit(limit)
    )
    gone = retired_months(connection)
    return tuple(Expected(row.id, row.revision, _state(row, row.first_seen, gone)) for row in connection.execute(query))


def _state(row: Row[Any], first_seen: datetime, gone: frozenset[str]) -> State:
    if month_of(first_seen) in gone:
        return "retired"
    if row.dead:
        return "refused"
    return "waiting" if row.queued or not row.enriched else "indexed"
