"""Months whose articles were dropped from the search index on purpose; in the ledger the articles stay.

Promises that a month is named by first sight in UTC ("2026.11"), as the search indices are, and that what is written
down here is what every writer of the index goes by. It decides nothing: what is too old is the steps' business.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, select

from pipeline.ledger.dialect import insert
from pipeline.ledger.schema import article, retired


def month_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y.%m}"


def bounds(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month, and of the next."""
    year, number = map(int, month.split("."))
    following = divmod(year * 12 + number, 12)
    return datetime(year, number, 1, tzinfo=UTC), datetime(following[0], following[1] + 1, 1, tzinfo=UTC)


def retired_months(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(retired.c.month)).scalars())


def oldest(connection: Connection) -> datetime | None:
    """When the first of all articles was seen."""
    return connection.execute(select(func.min(article.c.first_seen))).scalar()


def count(connection: Connection, months: Iterable[str]) -> int:
    """How many articles were first seen in these months."""
    return sum(_count(connection, month) for month in months)


def retire(connection: Connection, months: Iterable[str], *, now: datetime) -> None:
    """Write down that these months are to be in no search index."""
    for month in months:
        statement = insert(connection, retired).values(month=month, retired=now)
        connection.execute(statement.on_conflict_do_nothing())


def restore(connection: Connection, months: Iterable[str]) -> None:
    """These months may be indexed again."""
    connection.execute(delete(retired).where(retired.c.month.in_(list(months))))


def _count(connection: Connection, month: str) -> int:
    start, end = bounds(month)
    query = select(func.count()).where(article.c.first_seen >= start, article.c.first_seen < end)
    return connection.execute(query).scalar_one()
