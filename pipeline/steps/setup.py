"""The search index as this version of Newswatch makes it.

Promises that it can be called at any time: what is right is left alone; what an older version made is built anew beside
it and then takes its place, while searches go on; what a newer version made is an error.
"""

from __future__ import annotations

from pipeline.ledger.retention import month_of
from pipeline.steps.context import Context
from pipeline.steps.index import reindex
from pipeline.steps.reports import SetupReport


def setup(context: Context) -> SetupReport:
    """Raises IndexMismatch, SearchUnavailable."""
    state = context.index.state()
    report = SetupReport(state)
    if state != "current":
        rebuilt = reindex(context)
        report.written = rebuilt.written
        report.rejected = [(each.id, str(each.error)) for each in rebuilt.rejected]
    context.index.setup(month=month_of(context.clock()))
    return report
