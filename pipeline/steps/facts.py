"""Facts of texts, feeds and mails -> the small search indices.

Promises that a fact which changed is written sooner or later: it is noted in the transaction that changes it, and what
is noted is written from what the ledger then says. An index that is missing, new or was lost is filled from the ledger.
The embedded back end has no such indices: nothing is noted for it, and what was noted before is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pipeline.crashpoint import reach
from pipeline.errors import SearchError, SearchUnavailable
from pipeline.index.base import Outcome
from pipeline.ledger import facts as ledger_facts
from pipeline.ledger import work
from pipeline.ledger.dialect import stamp
from pipeline.ledger.facts import KINDS, Kind
from pipeline.ledger.work import Lease
from pipeline.logs import get_logger
from pipeline.steps.context import Context
from pipeline.steps.fact_documents import documents
from pipeline.steps.naming import at_work
from pipeline.steps.outcomes import retry, settle
from pipeline.steps.progress import Progress
from pipeline.steps.reports import FactsReport

if TYPE_CHECKING:
    from pipeline.index.facts import FactsIndex

log = get_logger(__name__)
BATCH = 500
INDICES: Mapping[Kind, str] = {"family": "families", "feed": "feeds", "delivery": "deliveries"}


def note(context: Context, connection: Connection, kind: Kind, keys: Iterable[str]) -> None:
    """These facts are changed by the transaction of `connection`."""
    if context.facts is not None:
        work.renew(connection, kind, keys, due=context.clock())


@at_work("facts")
def facts(context: Context) -> FactsReport:
    """Write what was noted, until nothing waits or the server is not there. Raises SearchError if it refuses us."""
    report = FactsReport()
    if context.facts is None:
        _forget(context)
        return report
    with suppress(SearchUnavailable):  # then what waits is put off below
        _fill(context, context.facts, context.facts.unfilled())
    for kind in KINDS:
        report += _write(context, context.facts, kind)
    return report


def refill(context: Context) -> FactsReport:
    """Make the small indices anew, and write all there is for them."""
    if context.facts is not None:
        _fill(context, context.facts, tuple(INDICES.values()), anew=True)
    return facts(context)


def _fill(context: Context, index: FactsIndex, names: Sequence[str], *, anew: bool = False) -> None:
    """An index is called filled once all of it is noted: who is killed before finds it unfilled again."""
    for kind, name in INDICES.items():
        if name not in names:
            continue
        index.make(name, anew=anew)
        with context.ledger.transaction("facts.fill") as connection:
            for keys in ledger_facts.keys(connection, kind):
                note(context, connection, kind, keys)
        index.call_filled(name)


def _write(context: Context, index: FactsIndex, kind: Kind) -> FactsReport:
    """All of one kind, or as much as the server takes."""
    report = FactsReport()
    while not context.stopping() and not report.waiting:
        batch = _batch(context, index, kind)
        if batch is None:
            break
        report += batch
        context.progress(Progress("facts", report.written, None))
    return report


def _batch(context: Context, index: FactsIndex, kind: Kind) -> FactsReport | None:
    """None if nothing waits."""
    now = context.clock()
    with context.ledger.transaction("facts.claim") as connection:
        leases = work.claim(connection, kind, now=now, limit=BATCH)
        version = stamp(connection, now=now)
        found = documents(connection, kind, [lease.key for lease in leases])
    if not leases:
        return None
    reach("facts.write.before")
    try:
        outcomes, trouble = index.write(INDICES[kind], found, version=version), None
    except SearchError as error:
        log.warning("search engine does not take facts", kind=kind, facts=len(found), reason=error.message)
        outcomes, trouble = [Outcome(fact.id, version, "later", error) for fact in found], error
    reach("facts.write.after")
    report = _settle(context, leases, outcomes)
    if trouble is not None and not trouble.transient:
        raise trouble
    return report


def _settle(context: Context, leases: Sequence[Lease], outcomes: Sequence[Outcome]) -> FactsReport:
    report = FactsReport()
    with context.ledger.transaction("facts") as connection:
        done = [
            lease
            for lease, outcome in zip(leases, outcomes, strict=True)
            if settle(connection, lease, outcome, report, later=retry(context, lease))
        ]
        work.complete_all(connection, done)
    return report


def _forget(context: Context) -> None:
    with context.ledger.read() as connection:
        noted = {kind: list(work.due_times(connection, kind)) for kind in KINDS}
    if any(noted.values()):
        with context.ledger.transaction("facts.forget") as connection:
            for kind, keys in noted.items():
                for start in range(0, len(keys), BATCH):
                    work.discard(connection, kind, keys[start : start + BATCH])
