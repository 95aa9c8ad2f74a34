"""What becomes of work whose document was handed to a search server.

Promises one of three ends for each piece: done, put off for longer each time, or buried with the server's reason. It
sends nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.index.base import Outcome
from pipeline.ledger import work
from pipeline.ledger.work import Lease
from pipeline.steps.context import Context
from pipeline.steps.reports import IndexReport

RETRY, LONGEST = timedelta(minutes=1), timedelta(hours=1)  # doubled with each attempt


def settle(connection: Connection, lease: Lease, outcome: Outcome | None, report: IndexReport, later: datetime) -> bool:
    """Put off until `later` or bury a piece of work, by what became of its document, and count it.

    Whether it is done, and so to be completed: by the caller, all at once.
    """
    match outcome.status if outcome else "kept":
        case "later":
            work.defer(connection, lease, due=later)
            report.waiting += 1
            return False
        case "rejected":
            reason = str(outcome.error) if outcome else ""
            work.bury(connection, lease, reason=reason)
            report.rejected.append((lease.key, reason))
            return False
        case status:
            report.written += status == "written"
            return True


def retry(context: Context, lease: Lease) -> datetime:
    """When to try again what failed."""
    return context.clock() + min(RETRY * (1 << min(lease.attempts - 1, 10)), LONGEST)
