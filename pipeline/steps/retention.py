"""Months that are too old leave the search index. The ledger keeps every article.

Promises that a month is written down as dropped before anything of it is, and that whatever of such months is in the
index (a run that was killed, a writer that was late) goes with the next run. Every writer of the index leaves these
months out, until a `reindex` under a longer setting brings them back. The same on every back end.
"""

from __future__ import annotations

from datetime import datetime

from pipeline.ledger import retention
from pipeline.logs import get_logger
from pipeline.steps.context import Context
from pipeline.steps.naming import at_work
from pipeline.steps.reports import RetentionReport

log = get_logger(__name__)


@at_work("retention")
def retire(context: Context) -> RetentionReport:
    """Drop the months that `retention_months` leaves behind. Raises SearchUnavailable; then the next run goes on."""
    with context.ledger.transaction("retire") as connection:
        before = retention.retired_months(connection)
        fresh = [month for month in _too_old(context, retention.oldest(connection)) if month not in before]
        retention.retire(connection, fresh, now=context.clock())
    gone = before.union(fresh)
    report = RetentionReport(fresh, context.index.drop(gone) if gone else 0)
    if fresh or report.dropped:
        log.info("months left the index", months=fresh, articles=report.dropped)
    return report


def restore(context: Context) -> tuple[str, ...]:
    """Let months that are not too old any more be indexed again; these months."""
    with context.ledger.transaction("restore") as connection:
        kept = context.settings.retention_months
        found = sorted(retention.retired_months(connection))
        young = tuple(month for month in found if kept is None or _number(month) >= _first(context, kept))
        retention.restore(connection, young)
    return young


def _too_old(context: Context, oldest: datetime | None) -> list[str]:
    """Every month from the oldest article's on that ended `retention_months` ago or earlier."""
    kept = context.settings.retention_months
    if kept is None or oldest is None:
        return []
    return [_name(number) for number in range(_number(retention.month_of(oldest)), _first(context, kept))]


def _first(context: Context, kept: int) -> int:
    """The oldest month to be kept: this month, and `kept` whole ones before it."""
    return _number(retention.month_of(context.clock())) - kept


def _number(month: str) -> int:
    year, number = map(int, month.split("."))
    return year * 12 + number - 1


def _name(number: int) -> str:
    return f"{number // 12:04}.{number % 12 + 1:02}"
