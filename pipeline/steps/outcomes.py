"""What becomes of work whose document was handed to a search server.

Promises one of three ends for each piece: done, put off for longer each time, or buried with the server's reason. It
sends nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pipeline.index.base import Outcome
from pipeline.ledger import work
from pipeline.ledger.work import Lease
from pipeline.logs import get_logger
from pipeline.steps.context import Context
from pipeline.steps.reports import IndexReport

log = get_logger(__name__)
_SAID = {
    "later": (logging.INFO, "document put off"),
    "rejected": (logging.ERROR, "document refused"),
    "kept": (logging.DEBUG, "document known already"),
}
RETRY, LONGEST = timedelta(minutes=1), timedelta(hours=1)  # doubled with each attempt


def settle(connection: Connection, lease: Lease, outcome: Outcome | None, report: IndexReport, later: datetime) -> bool:
    """Put off until `later` or bury a piece of work, by what became of its document, and count it.

    Whether it is done, and so to be completed: by the caller, all at once.
    """
    status = outcome.status if outcome else "kept"
    reason = str(outcome.error) if outcome and outcome.error else ""
    if status in _SAID:
        level, event = _SAID[status]
        log.log(level, event, kind=lease.kind, key=lease.key, reason=reason)
    match status:
        case "later":
            work.defer(connection, lease, due=later)
            report.waiting += 1
            return False
        case "rejected":
            work.bury(connection, lease, reason=reason)
            report.rejected.append((lease.key, reason))
            return False
        case _:
            report.written += status == "written"
            return True


def retry(context: Context, lease: Lease) -> datetime:
    """When to try again what failed."""
    return context.clock() + min(RETRY * (1 << min(lease.attempts - 1, 10)), LONGEST)
