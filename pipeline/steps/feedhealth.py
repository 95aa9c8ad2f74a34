"""Which feeds are in trouble: those that fail, and those that bring nothing new.

Promises to name a feed only after it had its chances, with what the operator needs to mend it; the same list is not
mailed every day. Feeds that have left the configuration are left out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.alerts.names import day
from pipeline.ledger import facts
from pipeline.ledger.facts import Feed
from pipeline.logs import get_logger
from pipeline.steps.context import Context
from pipeline.steps.naming import at_work
from pipeline.steps.operator import tell
from pipeline.steps.reports import FeedsReport

FAILURES = 3  # in a row: a host may be down for a while
UNREAD = timedelta(days=1)
AGAIN = timedelta(days=7)
log = get_logger(__name__)


@at_work("feed health")
def feed_health(context: Context) -> FeedsReport:
    """The feeds in trouble, told to the operator when the list has changed, and once a week while it has not."""
    now = context.clock()
    with context.ledger.read() as connection:
        keys = [key for some in facts.keys(connection, "feed") for key in some]
        found = sorted(facts.feeds(connection, keys).values(), key=lambda feed: feed.id)
    failing = [feed for feed in found if _fails(feed, now)]
    silence = now - timedelta(seconds=context.settings.feed_silence)
    silent = [feed for feed in found if feed not in failing and _is_silent(feed, silence)]
    report = FeedsReport([(each.id, _error(each)) for each in failing], [(each.id, _since(each)) for each in silent])
    for id, why in (*report.failing, *report.silent):
        log.warning("feed in trouble", feed=id, reason=why)
    if failing or silent:
        lines = [
            *_list("These feeds fail:", [f"{each.id}: {_error(each)}\n  {each.url}" for each in failing]),
            *_list("These bring nothing new:", [f"{each.id}: {_since(each)}\n  {each.url}" for each in silent]),
            "newswatch feeds check proposes what to put in their place in feeds.yml.",
        ]
        trouble = " ".join(["feeds", *(each.id for each in failing), "/", *(each.id for each in silent)])
        subject = f"Newswatch: feeds in trouble, {len(failing)} failing and {len(silent)} silent"
        tell(context.settings, subject, lines, trouble=trouble, now=now, again=AGAIN)
    return report


def _fails(feed: Feed, now: datetime) -> bool:
    read_lately = feed.last_success is not None and feed.last_success > now - UNREAD
    return not feed.left and feed.failures >= FAILURES and not read_lately


def _is_silent(feed: Feed, before: datetime) -> bool:
    """It answers, and has brought nothing since a moment before that."""
    quiet = _quiet_since(feed)
    return not feed.left and feed.last_success is not None and quiet is not None and quiet < before


def _quiet_since(feed: Feed) -> datetime | None:
    """Its last new article, or since when it is read if that is later."""
    return max((moment for moment in (feed.last_article, feed.registered) if moment), default=None)


def _error(feed: Feed) -> str:
    read = f"last read on {day(feed.last_success)}" if feed.last_success else "never read"
    return f"{feed.error} ({feed.failures} times in a row, {read})"


def _since(feed: Feed) -> str:
    if feed.last_article:
        return f"no new article since {day(feed.last_article)}"
    return f"no article at all since {day(feed.registered)}, when it was first asked for" if feed.registered else ""


def _list(head: str, items: list[str]) -> list[str]:
    return [head, "", *items, ""] if items else []
