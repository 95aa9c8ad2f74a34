"""One pass, in the order of the way, and passes for ever.

Promises that a failure of one step does not keep the others from what they can do, and that `watch` returns when it
is told to stop, with the step in hand finished.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.ledger import findings, outbox, work
from pipeline.ledger.findings import Totals
from pipeline.steps.collect import collect, plan
from pipeline.steps.context import Context
from pipeline.steps.enrich import enrich, note_new_rules
from pipeline.steps.index import index
from pipeline.steps.mail import mail
from pipeline.steps.pages import pages
from pipeline.steps.reports import CollectReport, EnrichReport, IndexReport, MailReport, PagesReport

LONGEST_NAP = timedelta(minutes=1)


@dataclass(slots=True)
class PassReport:
    """Everything that one pass did, and what the ledger holds after it."""

    began: datetime
    collect: CollectReport = field(default_factory=CollectReport)
    enrich: EnrichReport = field(default_factory=EnrichReport)
    pages: PagesReport = field(default_factory=PagesReport)
    index: IndexReport = field(default_factory=IndexReport)
    mail: MailReport = field(default_factory=MailReport)
    backlog: int = 0  # matched by new alerts in the past
    ended: datetime | None = None


def run_pass(context: Context, *, everything: bool = False) -> PassReport:
    """Collect what is due (or every feed), and take it all the way to search and mail."""
    report = PassReport(context.clock())
    ids = plan(context, everything=everything)
    report.backlog = note_new_rules(context)
    report.collect = collect(context, ids)
    report.enrich = enrich(context)
    report.mail = mail(context)  # before the pages, which may take long
    report.pages = pages(context)
    report.enrich += enrich(context)
    report.index = index(context)
    report.mail += mail(context)
    report.ended = context.clock()
    return report


def watch(context: Context, *, stop: threading.Event, each: Callable[[PassReport], None]) -> None:
    """Passes over what is due, with naps between, until `stop` is set."""
    while not stop.is_set():
        each(run_pass(context))
        stop.wait(_nap(context).total_seconds())


def _nap(context: Context) -> timedelta:
    """Until the next piece of work of any kind is due, a minute at most."""
    now = context.clock()
    with context.ledger.read() as connection:
        due = work.next_due(connection)
    return min(max(due - now, timedelta(seconds=1)), LONGEST_NAP) if due else LONGEST_NAP


def totals(context: Context) -> tuple[Totals, dict[str, int]]:
    """What the ledger holds: articles, and mail by state."""
    with context.ledger.read() as connection:
        return findings.totals(connection), outbox.counts(connection)
