"""Outbox -> search index, and the index made anew from the ledger.

Promises that every enriched article is found, sooner or later: a search server that is down only makes the outbox
longer, a document that it refuses is buried by name. The ledger is the truth; nothing is read back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from pipeline.crashpoint import reach
from pipeline.enrich.quotes import quotes_in
from pipeline.errors import SearchError, SearchUnavailable
from pipeline.index.base import Document, Rebuilt
from pipeline.index.documents import document
from pipeline.ledger import articles, findings, retention, work
from pipeline.ledger.work import Lease
from pipeline.logs import get_logger
from pipeline.model import Annotated, Quote
from pipeline.steps.context import Context
from pipeline.steps.facts import refill
from pipeline.steps.naming import at_work
from pipeline.steps.outcomes import retry, settle
from pipeline.steps.progress import Progress
from pipeline.steps.reports import IndexReport
from pipeline.steps.retention import restore

log = get_logger(__name__)
BATCH = 500


def documents(context: Context, batch: Sequence[Annotated]) -> list[Document]:
    """Articles as they are indexed, findable by every name the watch-list knows, and by who is quoted with what."""
    return [document(each, known=context.known, quotes=_quotes(each)) for each in batch]


def _quotes(annotated: Annotated) -> tuple[Quote, ...]:
    article, annotation = annotated.article, annotated.annotation
    return quotes_in(f"{article.title}\n{article.text}", annotation.language, annotation.mentions)


@at_work("index")
def index(context: Context) -> IndexReport:
    """Write what waits for it, until nothing does or the server is not there."""
    report, ready = IndexReport(), False
    while not context.stopping() and not report.waiting:
        with context.ledger.transaction("index.claim") as connection:
            leases = work.claim(connection, "index", now=context.clock(), limit=BATCH)
            batch = _kept(connection, findings.annotated(connection, [lease.key for lease in leases]))
        if not leases:
            break
        try:
            if not ready:
                context.index.setup()
                ready = True
            report += _write(context, leases, documents(context, batch))
        except SearchUnavailable as error:
            log.warning("search engine does not answer", articles=len(leases), reason=error.message)
            report += _later(context, leases)
        except SearchError:
            _give_back(context, leases)
            raise
        context.progress(Progress("index", report.written, None))
    return report


def _write(context: Context, leases: Sequence[Lease], documents: Sequence[Document]) -> IndexReport:
    """One transaction for what the engine said of each document.

    What it said nothing of is not enriched yet, or is of a month that was dropped.
    """
    last = len(leases) < BATCH  # to have each batch found at once would cost the server more than to take it
    reach("index.write.before")
    outcomes = {outcome.id: outcome for outcome in context.index.write(documents, refresh=last)}
    reach("index.write.after")
    report = IndexReport()
    with context.ledger.transaction("index") as connection:
        done = [
            lease
            for lease in leases
            if settle(connection, lease, outcomes.get(lease.key), report, later=retry(context, lease))
        ]
        work.complete_all(connection, done)
        findings.note_indexed(connection, [lease.key for lease in done if lease.key in outcomes], now=context.clock())
    log.debug("documents written", written=report.written, of=len(leases))
    return report


def _later(context: Context, leases: Sequence[Lease]) -> IndexReport:
    with context.ledger.transaction("index.later") as connection:
        for lease in leases:
            work.defer(connection, lease, due=retry(context, lease))
    return IndexReport(waiting=len(leases))


def _give_back(context: Context, leases: Sequence[Lease]) -> None:
    with context.ledger.transaction("index.give_back") as connection:
        for lease in leases:
            work.defer(connection, lease, due=context.clock())


@at_work("reindex")
def reindex(context: Context) -> Rebuilt:
    """Build the search index anew from the ledger, beside the old one, which it then replaces.

    What was written to the old one meanwhile is written again. The small indices are made anew after it. Months that
    were dropped and are not too old any more, because the setting was raised, come back.
    """
    began = context.clock()
    restore(context)
    with context.ledger.read() as connection:
        moving = set(work.due_times(connection, "enrich")) | set(work.due_times(connection, "index"))
    rebuilt = context.index.rebuild(_all_documents(context))
    with context.ledger.transaction("reindex") as connection:
        moving |= set(articles.changed_since(connection, began))
        work.renew(connection, "index", articles.load(connection, sorted(moving)), due=context.clock())
    log.info("index made anew", written=rebuilt.written, rejected=len(rebuilt.rejected))
    for outcome in rebuilt.rejected:
        log.error("document refused", article=outcome.id, reason=str(outcome.error))
    refill(context)
    return rebuilt


def _all_documents(context: Context) -> Iterator[Document]:
    with context.ledger.read() as connection:
        for batch in findings.all_annotated(connection):
            yield from documents(context, _kept(connection, batch))


def _kept(connection: Connection, batch: Sequence[Annotated]) -> list[Annotated]:
    """Without the articles of months that retention dropped."""
    gone = retention.retired_months(connection)
    return [each for each in batch if retention.month_of(each.article.first_seen) not in gone]
