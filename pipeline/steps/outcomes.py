"""What becomes of work whose document was handed to a search server.

Promises one of three ends for each piece: done, put off for longer each time, or buried with the server's reason. It
sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.index.base import Outcome
from pipeline.ledger import work
from pipeline.ledger.work import Lease
from pipeline.steps.context import Context
from pipeline.steps.reports import IndexReport

RETRY, LONGEST = timedelta(minutes=1), timedelta(hours=1)  # doubled with each attempt


def settle(
    context: Context, connection: Connection, found: Iterable[tuple[Lease, Outcome | None]], report: IndexReport
) -> None:
    """Complete, put off or bury each piece of work, by what became of its document, and count it."""
    done = []
    for lease, outcome in found:
        match outcome.status if outcome else "kept":
            case "later":
                work.defer(connection, lease, due=retry(context, lease))
                report.waiting += 1
            case "rejected":
                reason = str(outcome.error) if outcome else ""
                work.bury(connection, lease, reason=reason)
                report.rejected.append((lease.key, reason))
            case status:
                done.append(lease)
                report.written += status == "written"
    work.complete_all(connection, done)


def retry(context: Context, lease: Lease) -> datetime:
    """When to try again what failed."""
    return context.clock() + min(RETRY * (1 << min(lease.attempts - 1, 10)), LONGEST)
