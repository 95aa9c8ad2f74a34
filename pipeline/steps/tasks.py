"""The steps as a scheduler calls them: one function for one task, plain JSON in and out.

Promises that importing it loads nothing heavy, that each call opens its own context from the environment and closes
it, and that what it returns is ids or counts; what was found and sent, and why something failed, the steps say in the
log. Knows no scheduler: errors are ours, and say themselves whether trying again can help. The demonstration feeds are
never read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import NewswatchError
from pipeline.logs import get_logger, quieten

if TYPE_CHECKING:
    from pipeline.steps.context import Context
    from pipeline.steps.reports import Report

HOST_BATCHES = 8  # enough that a slow host keeps few others waiting
ARTICLES = 500  # in one batch, so that loading the models is a small part of its time
MOST_BATCHES = 1000  # Airflow maps a task at most 1024 times, unless told otherwise
LONGEST_REASON = 300
_NUMBER = re.compile(r"\d+")

log = get_logger(__name__)
Counts = dict[str, int]


def plan() -> list[list[str]]:
    """Ids of the sources that are due, in batches of which no two ask one host. With it a pass begins."""
    from pipeline.ledger import pass_records
    from pipeline.steps.collect import plan

    with _context() as context:
        began, due = context.clock(), set(plan(context))
        with context.ledger.transaction("pass") as connection:
            pass_records.begin(connection, now=began, owner=pass_records.SCHEDULED)
        return _host_batches({each.id: each.url for each in context.config.sources if each.id in due})


def collect(ids: list[str]) -> Counts:
    """Read the feeds of `ids` into the ledger, but for sources that left the configuration since they were planned."""
    from pipeline.steps.collect import collect

    with _context() as context:
        configured = {source.id for source in context.config.sources}
        return _recorded(context, "collect", collect(context, [id for id in ids if id in configured]))


def note_rules() -> int:
    """Put what new alerts would have matched in the past into the backlog; the number of notifications."""
    from pipeline.steps.rules import note_new_rules

    with _context() as context:
        return note_new_rules(context)


def share_out() -> list[list[str]]:
    """Ids of the articles that wait to be enriched, in batches."""
    from pipeline.steps.enrich import waiting

    with _context() as context:
        return batches(waiting(context))


def enrich(ids: list[str]) -> Counts:
    """Annotate the articles of `ids` that nobody else has in hand, and queue what follows."""
    from pipeline.steps.enrich import enrich

    with _context() as context:
        return _recorded(context, "enrich", enrich(context, ids))


def plan_pages() -> list[list[str]]:
    """Ids of the articles whose pages are to be fetched, in batches of which no two ask one host."""
    from pipeline.steps.pages import plan

    with _context() as context:
        return _host_batches(plan(context))


def pages(ids: list[str]) -> Counts:
    """Fetch the pages of the articles of `ids`."""
    from pipeline.steps.pages import pages

    with _context() as context:
        return _recorded(context, "pages", pages(context, ids))


def index() -> Counts:
    """Write to the search index what waits for it."""
    from pipeline.steps.index import index

    with _context() as context:
        return _recorded(context, "index", index(context))


def facts(*, ends_pass: bool = False) -> Counts:
    """Write to the small search indices what changed of texts, feeds and mails."""
    from pipeline.steps.facts import facts

    with _context() as context:
        report = facts(context)
        return _recorded(context, "facts", report, last=True) if ends_pass else report.counts()


def alerts() -> Counts:
    """Compose the alerts that are due, and send them and every mail that waits."""
    from pipeline.steps.mail import mail

    return _run(lambda context: mail(context, kind="instant"))


def digests() -> Counts:
    """Compose the digests that are due, and send them and every mail that waits."""
    from pipeline.steps.mail import mail

    return _run(lambda context: mail(context, kind="digest"))


def feed_health() -> Counts:
    """Tell the operator which feeds fail or are silent."""
    from pipeline.steps.feedhealth import feed_health

    return _run(feed_health)


def retire() -> Counts:
    """Let months that are too old leave the search index."""
    from pipeline.steps.retention import retire

    return _run(retire)


def verify() -> Counts:
    """Compare the search index with the ledger, and mend what differs."""
    from pipeline.steps.verify import verify

    return _run(lambda context: verify(context, repair=True))


def vacuum() -> None:
    """Have the database tidied."""
    from pipeline.steps.upkeep import vacuum

    with _context() as context:
        vacuum(context)


def back_up() -> Counts:
    """Back the ledger up; the bytes of it."""
    from pipeline.steps.upkeep import back_up

    with _context() as context:
        file = back_up(context)
        log.info("backed up", file=str(file))
        return {"bytes": file.stat().st_size}


def choose(first: str, last: str, topic: str | None = None, source: str | None = None) -> list[list[str]]:
    """Ids of the enriched articles that came in from day `first` to day `last`, in batches. Raises QueryError."""
    from pipeline.steps.again import choose

    with _context() as context:
        return batches(choose(context, first, last, topic=topic or None, source=source or None))


def again(ids: list[str], *, what: str) -> Counts:
    """Annotate the articles of `ids` anew (what = enrich), or have them written to the search index anew (index)."""
    from pipeline.steps.again import enrich_again, index_again

    with _context() as context:
        return {"enrich": enrich_again, "index": index_again}[what](context, ids).counts()


def tell_failure(dag: str, run: str, failed: Mapping[str, str], *, why: str, link: str) -> bool:
    """Tell the operator of a run that failed; `failed` says why by task. Whether a mail went out. Never raises.

    Which batch it was, or how many seconds, makes it no other trouble.
    """
    from datetime import UTC, datetime

    from pipeline.settings import load_settings
    from pipeline.steps.operator import tell

    lines = [f"The run {run} of {dag} failed: {why}.", ""]
    lines += [line for task, reason in failed.items() for line in (f"{task}:", f"  {reason}", "")]
    lines += ["The next run goes on with what this one left.", *([link] if link else [])]
    told = sorted({_NUMBER.sub("0", f"{task} {reason}") for task, reason in failed.items()} or {why})
    trouble = f"{dag} {told}"
    try:
        return tell(load_settings(), f"Newswatch: {dag} failed", lines, trouble=trouble, now=datetime.now(UTC))
    except Exception:
        log.exception("the operator could not be told", dag=dag, run=run)
        return False


def reason(error: object) -> str:
    """What went wrong, on one line, for a mail to the operator."""
    text = str(error) if isinstance(error, NewswatchError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:LONGEST_REASON]


def batches(ids: tuple[str, ...]) -> list[list[str]]:
    """`ids` in order, by ARTICLES or, if that would be too many batches, by more."""
    size = max(ARTICLES, -(-len(ids) // MOST_BATCHES))
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]


def permanent(error: BaseException) -> bool:
    """Whether doing it again cannot help; of errors that are not ours nobody knows."""
    return isinstance(error, NewswatchError) and not error.transient


def _host_batches(urls: Mapping[str, str]) -> list[list[str]]:
    from pipeline.collect.plan import host_batches

    return [list(batch) for batch in host_batches(urls, batches=HOST_BATCHES)]


def _recorded(context: Context, step: str, report: Report, *, last: bool = False) -> Counts:
    """The report's counts, added to the record of the pass; what is done is not done again for want of a record."""
    from pipeline.ledger import pass_records

    counts = report.counts()
    try:
        with context.ledger.transaction("pass") as connection:
            pass_records.add(connection, step, counts, now=context.clock(), last=last)
    except NewswatchError as error:
        log.warning("pass not recorded", error=error.code, reason=str(error))
    return counts


def _run(step: Callable[[Context], Report]) -> Counts:
    with _context() as context:
        return step(context).counts()


@contextmanager
def _context() -> Iterator[Context]:
    from pipeline.ledger import work
    from pipeline.settings import load_settings
    from pipeline.steps.context import open_context

    quieten()  # where logs go and how much is said is the scheduler's to decide
    with open_context(load_settings()) as context:
        # An attempt before this one may have been killed with work in hand.
        with context.ledger.transaction("tasks.free") as connection:
            work.free_dead_owners(connection)
        yield context
