"""The ledger against the search index, article by article, and what differs mended.

Promises that both are read in pieces, whatever their size; that an article which is on its way counts as waiting, not
as missing; that "repaired" was looked at again; and that who is killed is not begun anew but gone on from, unless that
was long ago or the index was lost since. What retention dropped is to be in no index. The ledger is the truth; nothing
of it changes but its queue and the mark of how far this got.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from pipeline.ledger import audit, marks, work
from pipeline.ledger.audit import Expected
from pipeline.logs import get_logger
from pipeline.steps.context import Context
from pipeline.steps.index import index
from pipeline.steps.naming import at_work
from pipeline.steps.progress import Progress
from pipeline.steps.reports import VerifyReport

Verdict = Literal["found", "waiting", "refused", "retired", "missing", "stale", "ghosts"]
STALE = timedelta(days=1)  # what was looked at before that is looked at again
WRONG: tuple[Verdict, ...] = ("missing", "stale", "ghosts")

log = get_logger(__name__)


@at_work("verify")
def verify(context: Context, *, repair: bool) -> VerifyReport:
    """Count what differs; with `repair`, write what is missing or stale and delete what should not be there.

    Raises SearchUnavailable, and IndexMismatch if there is no index of this version.
    """
    if repair:
        context.index.setup()
        index(context)  # what waits is written first: then it is nothing to be repaired
    mark = "verify repair" if repair else "verify"
    last, began, report = _begun(context, mark)
    for chunk in _chunks(context, last):
        verdicts = _compared(context, chunk)
        for verdict in verdicts.values():
            setattr(report, verdict, getattr(report, verdict) + 1)
        report.articles += len(chunk)
        if repair:
            report.repaired += _mend(context, verdicts)
        with context.ledger.transaction("verify.mark") as connection:
            value = {"last": chunk[-1].id, "began": began.isoformat(), "counts": asdict(report)}
            marks.put(connection, mark, value)
        context.progress(Progress("verify", report.articles, None))
    for ids in _batches(context.index.ids()):
        unknown = _unknown(context, ids)
        report.ghosts += len(unknown)
        if repair and unknown:
            report.repaired += context.index.delete(unknown)
    with context.ledger.transaction("verify.done") as connection:
        marks.remove(connection, mark)
    say = log.warning if repair and not report.agrees else log.info
    say("index compared with ledger", **asdict(report))
    return report


def _begun(context: Context, mark: str) -> tuple[str, datetime, VerifyReport]:
    """The last article that a broken-off look has counted, when that began, and its counts; or the start.

    If the first chunk, which holds articles of any time, is no longer found, the index was lost: all is looked at anew.
    """
    now = context.clock()
    with context.ledger.read() as connection:
        found = marks.get(connection, mark)
        began = datetime.fromisoformat(found["began"]) if found else now
        first = audit.after(connection, "") if found else ()
    if not found or began < now - STALE or "missing" in _compared(context, first).values():
        return "", now, VerifyReport()
    report = VerifyReport(**found["counts"])
    report.before = report.articles
    log.info("going on from where the last look was broken off", articles=report.before)
    return found["last"], began, report


def _chunks(context: Context, last: str) -> Iterator[tuple[Expected, ...]]:
    """All articles of the ledger that follow `last`, each chunk as it is when it is asked for."""
    while True:
        with context.ledger.read() as connection:
            chunk = audit.after(connection, last)
        if not chunk or context.stopping():
            return
        yield chunk
        last = chunk[-1].id


def _compared(context: Context, chunk: Sequence[Expected]) -> dict[str, Verdict]:
    """What is to be said of each article.

    One that changed between the look at the ledger and the look at the index seems wrong: such are looked at twice.
    """
    verdicts = _verdicts(chunk, context.index.revisions([each.id for each in chunk]))
    wrong = [id for id, verdict in verdicts.items() if verdict in WRONG]
    if wrong:
        verdicts |= _looked_at(context, wrong)
    return verdicts


def _looked_at(context: Context, ids: Sequence[str]) -> dict[str, Verdict]:
    with context.ledger.read() as connection:
        known = audit.of(connection, ids)
    return _verdicts(known.values(), context.index.revisions(ids))


def _verdicts(chunk: Iterable[Expected], there: Mapping[str, int]) -> dict[str, Verdict]:
    return {each.id: _verdict(each, there.get(each.id)) for each in chunk}


def _verdict(expected: Expected, there: int | None) -> Verdict:
    if expected.state == "retired":
        return "retired" if there is None else "ghosts"
    if expected.state != "indexed":
        return expected.state
    if there is None:
        return "missing"
    return "found" if there == expected.revision else "stale"


def _mend(context: Context, verdicts: Mapping[str, Verdict]) -> int:
    """How many of the wrong ones are right on another look."""
    wrong = [id for id, verdict in verdicts.items() if verdict in WRONG]
    if not wrong:
        return 0
    context.index.delete(_not_to_be_replaced(context, wrong))
    lost = [id for id in wrong if verdicts[id] != "ghosts"]
    with context.ledger.transaction("verify") as connection:
        work.renew(connection, "index", lost, due=context.clock())
    index(context)
    return sum(verdict in ("found", "retired") for verdict in _looked_at(context, wrong).values())


def _not_to_be_replaced(context: Context, wrong: Sequence[str]) -> list[str]:
    """Ghosts, and revisions that the ledger has not reached, because it was put back in time."""
    there = context.index.revisions(wrong)
    with context.ledger.read() as connection:
        known = audit.of(connection, wrong)
    return [id for id in there if known[id].state == "retired" or there[id] > known[id].revision]


def _unknown(context: Context, ids: Sequence[str]) -> list[str]:
    with context.ledger.read() as connection:
        known = audit.of(connection, ids)
    return [id for id in ids if id not in known]


def _batches(ids: Iterator[str]) -> Iterator[tuple[str, ...]]:
    while batch := tuple(islice(ids, audit.CHUNK)):
        yield batch
