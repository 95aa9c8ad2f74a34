"""Articles of the past, read again with what is known today, or written to the search index again.

Promises that nobody is mailed for it: what matches now and did not before goes to the backlog, and a family stays what
it was. An article that waits in the queue, or was changed meanwhile, is left to the queue. May be repeated and killed
at any moment: each batch is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from pipeline.errors import QueryError
from pipeline.ledger import articles, findings, lock_families, work
from pipeline.model import Annotation, Article
from pipeline.steps.context import Context
from pipeline.steps.enrich import annotate, enqueue_index, matches, note_alerts
from pipeline.steps.naming import at_work
from pipeline.steps.progress import Progress
from pipeline.steps.reports import AgainReport
from pipeline.steps.rules import to_backlog

READ_AGAIN = "was found when old articles were read again"


def choose(
    context: Context, first: str, last: str, *, topic: str | None = None, source: str | None = None
) -> tuple[str, ...]:
    """Ids of the enriched articles that came in from day `first` to day `last` (YYYY-MM-DD, UTC, both included).

    Of one source and about one topic, if given. Raises QueryError.
    """
    since, until = _range(first, last)
    _known("topic", topic, (each.name for each in context.config.topics))
    with context.ledger.read() as connection:
        ids = articles.seen_between(connection, since, until, source=source)
        if not ids:
            _known("source", source, (each.id for each in context.config.sources))
        return findings.about(connection, ids, topic=topic)


def _range(first: str, last: str) -> tuple[datetime, datetime]:
    since, until = (datetime.combine(_day(text), time.min, tzinfo=UTC) for text in (first, last))
    if until < since:
        raise QueryError(f"{first} to {last}", f"the range ends before it begins; did you mean {last} to {first}?")
    return since, until + timedelta(days=1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QueryError(text, "name the first and the last day, written as 2026-11-30") from error


def _known(what: str, name: str | None, names: Iterable[str]) -> None:
    known = sorted(names)
    if name is not None and name not in known:
        raise QueryError(name, f"there is no {what} of this name; there are {', '.join(known)}")


@at_work("again")
def enrich_again(context: Context, ids: Sequence[str]) -> AgainReport:
    """Annotate articles anew, note which rules match them now, and have them indexed. Raises ModelError."""
    report, size = AgainReport(), context.settings.enrich_batch
    for start in range(0, len(ids), size):
        if context.stopping():
            break
        report += _batch(context, ids[start : start + size])
        context.progress(Progress("again", min(start + size, len(ids)), len(ids)))
    return report


def _batch(context: Context, ids: Sequence[str]) -> AgainReport:
    with context.ledger.read() as connection:
        batch = articles.load(connection, ids)
    found, failed = annotate(context, list(batch.values()))
    with context.ledger.transaction("again.enrich") as connection:
        lock_families(connection)
        kept = _still_ours(connection, batch, found)
        for id in kept:
            findings.save_annotation(connection, id, batch[id].revision, found[id])
        done = findings.annotated(connection, kept)
        matched = matches(context, context.config.rules, done)
        note_alerts(connection, done, matched)
        enqueue_index(context, connection, done)
        backlog = to_backlog(context, connection, matched, why=READ_AGAIN)
    return AgainReport(kept, len(found) - len(kept), list(failed.items()), backlog)


def _still_ours(connection: Connection, batch: Mapping[str, Article], found: Mapping[str, Annotation]) -> list[str]:
    """Those that are as they were when they were annotated, and do not wait to be enriched."""
    now, waiting = articles.load(connection, list(found)), work.due_times(connection, "enrich")
    return [id for id in found if id not in waiting and now[id].revision == batch[id].revision]


def index_again(context: Context, ids: Sequence[str]) -> AgainReport:
    """Have articles written to the search index anew, over what it holds of them."""
    with context.ledger.transaction("again.index") as connection:
        lock_families(connection)  # who annotates meanwhile must not give his findings the version of ours
        findings.renew(connection, ids)
        done = findings.annotated(connection, ids)
        enqueue_index(context, connection, done)
    return AgainReport([each.article.id for each in done])
