"""One pass, in the order of the way, and passes for ever.

Promises that a failure of one step is a line in the report and does not keep the others from what they can do, that
each pass is written down in the ledger when it begins and when it ends, and that `watch` returns when it is told to
stop, with the step in hand finished.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.errors import NewswatchError
from pipeline.ledger import findings, outbox, pass_records, work
from pipeline.ledger.findings import Totals
from pipeline.logs import get_logger
from pipeline.steps.collect import collect, plan
from pipeline.steps.context import Context
from pipeline.steps.enrich import enrich
from pipeline.steps.facts import facts
from pipeline.steps.index import index
from pipeline.steps.mail import mail
from pipeline.steps.pages import pages
from pipeline.steps.reports import (
    CollectReport,
    EnrichReport,
    FactsReport,
    IndexReport,
    MailReport,
    PagesReport,
    RetentionReport,
)
from pipeline.steps.retention import retire
from pipeline.steps.rules import note_new_rules

log = get_logger(__name__)
RECORDED = ("collect", "enrich", "pages", "index", "mail", "facts", "retention")  # with their counts
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
    facts: FactsReport = field(default_factory=FactsReport)
    retention: RetentionReport = field(default_factory=RetentionReport)
    backlog: int = 0  # matched by new alerts in the past
    failed: list[tuple[str, str]] = field(default_factory=list)  # (step, why)
    ended: datetime | None = None


def run_pass(context: Context, *, everything: bool = False) -> PassReport:
    """Collect what is due (or every feed), and take it all the way to search and mail."""
    report = PassReport(context.clock())
    with _recording(context, report):
        _run(context, report, everything=everything)
    _say(report, report.ended or context.clock())
    return report


def _run(context: Context, report: PassReport, *, everything: bool) -> None:
    with _noting(report, "collect"):
        ids = plan(context, everything=everything)
        report.backlog = note_new_rules(context)
        report.collect = collect(context, ids)
    with _noting(report, "enrich"):
        report.enrich = enrich(context)
    with _noting(report, "mail"):  # before the pages, which may take long
        report.mail = mail(context)
    with _noting(report, "pages"):
        report.pages = pages(context)
    with _noting(report, "enrich"):
        report.enrich += enrich(context)
    with _noting(report, "index"):
        report.index = index(context)
    with _noting(report, "mail"):
        report.mail += mail(context)
    with _noting(report, "facts"):
        report.facts = facts(context)
    if context.settings.retention_months is not None:
        with _noting(report, "retention"):
            report.retention = retire(context)


@contextmanager
def _recording(context: Context, report: PassReport) -> Iterator[None]:
    """Whatever breaks it off leaves it without an end."""
    record = None
    with _noting(report, "record"), context.ledger.transaction("pass") as connection:
        record = pass_records.begin(connection, now=report.began)
    yield
    report.ended = context.clock()
    if record is not None:
        with _noting(report, "record"), context.ledger.transaction("pass") as connection:
            counts = {step: getattr(report, step).counts() for step in RECORDED}
            pass_records.end(connection, record, counts=counts, failed=report.failed, now=report.ended)


def _say(report: PassReport, ended: datetime) -> None:
    log.info(
        "pass done",
        seconds=round((ended - report.began).total_seconds(), 1),
        feeds=report.collect.tried,
        failed=len(report.collect.failed),
        new=report.collect.new,
        updated=report.collect.updated,
        indexed=report.index.written,
        mails=len(report.mail.sent),
    )


@contextmanager
def _noting(report: PassReport, step: str) -> Iterator[None]:
    """Our errors become a line of the report; any other is a bug and goes on."""
    try:
        yield
    except NewswatchError as error:
        log.warning("step failed", step=step, error=error.code, reason=str(error))
        log.debug("where it failed", step=step, exc_info=True)
        if (step, str(error)) not in report.failed:
            report.failed.append((step, str(error)))


def watch(context: Context, *, stop: threading.Event, each: Callable[[PassReport], None]) -> None:
    """Passes over what is due, with naps between, until `stop` is set. What failed is tried again after a long one."""
    while not stop.is_set():
        report = run_pass(context)
        each(report)
        stop.wait((LONGEST_NAP if report.failed else _nap(context)).total_seconds())


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
