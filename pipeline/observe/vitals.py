"""Whether Newswatch is alive and keeps up: what `/health` says, for machines that restart or call somebody.

Promises an answer whatever is down, and that `ok` is about this installation: a feed or an outlet in trouble is none of
ours. What is wrong in words, and how to mend it, is `newswatch doctor`'s to say (`health`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from pipeline.errors import NewswatchError
from pipeline.index import SearchIndex, open_index
from pipeline.ledger.measures import Measures
from pipeline.settings import Settings

PATIENCE = timedelta(hours=1)  # work that is due and that nobody does for so long
UNHURRIED = frozenset({"page"})  # fetched so many in a pass, and missed by nobody


@dataclass(frozen=True, slots=True)
class Vital:
    """One sign of life, and what it was judged by."""

    ok: bool
    facts: Mapping[str, Any]


def vitals(read: Callable[[], Measures], search: Callable[[], str]) -> dict[str, Vital]:
    """By name: ledger, search, work, pass. `search` says who answers."""
    found: dict[str, Vital] = {}
    try:
        measured = read()
    except NewswatchError as error:
        found["ledger"] = _down(error)
    else:
        found["ledger"] = Vital(True, {"articles": measured.articles})
        found["work"] = _work(measured)
        found["pass"] = _pass(measured)
    try:
        found["search"] = Vital(True, {"answer": search()})
    except NewswatchError as error:
        found["search"] = _down(error)
    return found


def searcher(settings: Settings) -> Callable[[], str]:
    """Asks the search engine of the settings who it is; opened at the first question that it can be."""

    @cache
    def index() -> SearchIndex:
        return open_index(settings)

    return lambda: index().ping()


def _down(error: NewswatchError) -> Vital:
    return Vital(False, {"error": error.code, "reason": error.message})


def _work(measured: Measures) -> Vital:
    """The longest overdue piece of work of any kind that is to be done soon."""
    overdue = {queue.kind: (measured.now - queue.oldest).total_seconds() for queue in measured.queues if queue.oldest}
    hurried = {kind: seconds for kind, seconds in overdue.items() if kind not in UNHURRIED}
    kind = max(hurried, key=lambda each: hurried[each], default=None)
    seconds = hurried[kind] if kind else 0.0
    dead = sum(queue.dead for queue in measured.queues)
    facts = {"oldest_due_seconds": round(seconds, 1), "kind": kind, "given_up": dead}
    return Vital(seconds <= PATIENCE.total_seconds(), facts)


def _pass(measured: Measures) -> Vital:
    """When any feed was last asked and last read; that no pass is made shows in work that is overdue."""
    attempts = [feed.last_attempt for feed in measured.feeds if feed.last_attempt]
    successes = [feed.last_success for feed in measured.feeds if feed.last_success]
    facts = {
        "last_attempt": max(attempts).isoformat(timespec="seconds") if attempts else None,
        "last_success": max(successes).isoformat(timespec="seconds") if successes else None,
    }
    return Vital(True, facts)
