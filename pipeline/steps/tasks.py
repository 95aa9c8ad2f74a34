"""The steps as a scheduler calls them: one function for one task, plain JSON in and out.

Promises that importing it loads nothing heavy, that each call opens its own context from the environment and closes
it, and that what it returns is ids or counts; why something failed, the steps say in the log. Knows no scheduler:
errors are ours, and say themselves whether trying again can help. The demonstration feeds are never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

from pipeline.errors import NewswatchError

if TYPE_CHECKING:
    from pipeline.steps.context import Context
    from pipeline.steps.reports import Report

HOST_BATCHES = 8  # enough that a slow host keeps few others waiting
ARTICLES = 500  # in one batch, so that loading the models is a small part of its time
MOST_BATCHES = 1000  # Airflow maps a task at most 1024 times, unless told otherwise

Counts = dict[str, int]


def plan() -> list[list[str]]:
    """Ids of the sources that are due, in batches of which no two ask one host."""
    from pipeline.collect.plan import host_batches
    from pipeline.steps.collect import plan

    with _context() as context:
        due = set(plan(context))
        batches = host_batches((each for each in context.config.sources if each.id in due), batches=HOST_BATCHES)
    return [[source.id for source in batch] for batch in batches]


def collect(ids: list[str]) -> Counts:
    """Read the feeds of `ids` into the ledger, but for sources that left the configuration since they were planned."""
    from pipeline.steps.collect import collect

    with _context() as context:
        configured = {source.id for source in context.config.sources}
        return _counts(collect(context, [id for id in ids if id in configured]))


def note_rules() -> int:
    """Put what new alerts would have matched in the past into the backlog; the number of notifications."""
    from pipeline.steps.enrich import note_new_rules

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
        return _counts(enrich(context, ids))


def pages() -> Counts:
    """Fetch the article pages that could matter."""
    from pipeline.steps.pages import pages

    with _context() as context:
        return _counts(pages(context))


def index() -> Counts:
    """Write to the search index what waits for it."""
    from pipeline.steps.index import index

    with _context() as context:
        return _counts(index(context))


def mail() -> Counts:
    """Compose and send the mails that are due."""
    from pipeline.steps.mail import mail

    with _context() as context:
        return _counts(mail(context))


def batches(ids: tuple[str, ...]) -> list[list[str]]:
    """`ids` in order, by ARTICLES or, if that would be too many batches, by more."""
    size = max(ARTICLES, -(-len(ids) // MOST_BATCHES))
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]


def permanent(error: BaseException) -> bool:
    """Whether doing it again cannot help; of errors that are not ours nobody knows."""
    return isinstance(error, NewswatchError) and not error.transient


@contextmanager
def _context() -> Iterator[Context]:
    from pipeline.ledger import work
    from pipeline.logs import quieten
    from pipeline.settings import load_settings
    from pipeline.steps.context import open_context

    quieten()  # where logs go and how much is said is the scheduler's to decide
    with open_context(load_settings()) as context:
        # An attempt before this one may have been killed with work in hand.
        with context.ledger.transaction("tasks.free") as connection:
            work.free_dead_owners(connection)
        yield context


def _counts(report: Report) -> Counts:
    """The report's numbers, and the lengths of its lists."""
    values = {each.name: getattr(report, each.name) for each in fields(report)}
    return {name: value if isinstance(value, int) else len(value) for name, value in values.items()}
