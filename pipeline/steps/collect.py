"""The first step: feeds in, articles into the ledger.

Promises one transaction for each feed, holding its articles, the work that follows from them and the feed's new
validators, so that a feed is either read or will be read again. A feed that fails is a line in the report and in the
ledger, never an exception. Two collectors at once do not fetch the same feed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from pipeline.collect import Fetcher
from pipeline.collect.plan import next_poll
from pipeline.errors import LedgerError, NewswatchError, ParseError
from pipeline.ledger import articles, sources, work
from pipeline.ledger.sources import FeedState
from pipeline.ledger.work import Lease
from pipeline.logs import bound, get_logger
from pipeline.model import Content, Failed, Feed, Fetched, Source, Unchanged
from pipeline.parse import Worker
from pipeline.steps.context import Context
from pipeline.steps.drafts import drafts
from pipeline.steps.facts import note
from pipeline.steps.naming import at_work
from pipeline.steps.progress import Progress
from pipeline.steps.reports import CollectReport
from pipeline.steps.stopping import until

log = get_logger(__name__)


@at_work("plan")
def plan(context: Context, *, everything: bool = False) -> tuple[str, ...]:
    """Ids of the sources to collect now: those that are due, or all of them; the queue then knows them all.

    Sources that have left the configuration leave the queue too; what they brought stays. Who comes back after longer
    than articles may be old is read as if for the first time.
    """
    now, wanted = context.clock(), {source.id for source in context.config.sources}
    with context.ledger.transaction("plan") as connection:
        work.free_dead_owners(connection)
        changed = sources.register(connection, context.config.sources, now=now)
        before = work.due_times(connection, "collect").keys()
        work.add_missing(connection, "collect", wanted, due=now)
        due = work.due_times(connection, "collect")
        gone = sorted(due.keys() - wanted)
        work.discard(connection, "collect", gone)
        come, away = wanted - before, timedelta(seconds=context.settings.alert_max_age)
        sources.welcome_back(connection, come, away_since=now - away, now=now)
        note(context, connection, "feed", {*changed, *gone, *come})
    planned = tuple(source.id for source in context.config.sources if everything or due[source.id] <= now)
    log.debug("planned", feeds=len(planned), left=gone)
    return planned


@at_work("collect")
def collect(context: Context, ids: Sequence[str]) -> CollectReport:
    """Fetch and take in the feeds of `ids`, but for those that another collector has in hand."""
    configured = {source.id: source for source in context.config.sources}
    with context.ledger.transaction("collect.claim") as connection:
        leases = work.claim(connection, "collect", now=context.clock(), limit=len(ids), keys=ids, even_if_not_due=True)
        states = sources.feed_states(connection, [lease.key for lease in leases])
    feeds = [_Feed(context, configured[lease.key], states[lease.key], lease) for lease in leases]
    report = CollectReport(busy=len(ids) - len(feeds))
    if feeds:
        report += asyncio.run(_collect(context, feeds))
    return report


async def _collect(context: Context, feeds: Sequence[_Feed]) -> CollectReport:
    total, settings = CollectReport(), context.settings
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(Fetcher(settings, clock=context.clock))
        stop = await stack.enter_async_context(until(context.stopping))
        worker = stack.enter_context(Worker(memory=settings.parse_memory, seconds=settings.parse_seconds))
        reading = asyncio.Lock()  # one parser, one writer

        async def one(feed: _Feed) -> None:
            nonlocal total
            with bound(feed=feed.source.id):
                fetched = await stop.unless(feed.fetch(fetcher))
                async with reading:
                    total += await asyncio.to_thread(feed.take_in, fetched, worker)
            context.progress(Progress("collect", total.tried, len(feeds)))

        await asyncio.gather(*(one(feed) for feed in feeds))
    return total


class _Feed:
    """One source in hand."""

    def __init__(self, context: Context, source: Source, state: FeedState, lease: Lease) -> None:
        self.context, self.source, self.state, self.lease = context, source, state, lease

    async def fetch(self, fetcher: Fetcher) -> Fetched:
        known, private = self.state.validators, self.source.allow_private
        return await fetcher.fetch(self.source.url, validators=known, allow_private=private)

    def take_in(self, fetched: Fetched | None, worker: Worker) -> CollectReport:
        """None is a fetch that was not finished because the user wants to stop."""
        try:
            match fetched:
                case None:
                    return self._give_back()
                case Content():
                    return self._read(fetched, worker)
                case Unchanged():
                    return self._unchanged(fetched)
                case Failed():
                    return self._failed(fetched)
        except LedgerError as error:
            log.warning("feed not taken in", error=error.code, reason=str(error))
            return CollectReport(tried=1, failed=[(self.source.id, str(error))])
        except Exception as error:
            log.exception("unexpected failure while reading a feed")
            unexpected = NewswatchError(self.source.url, f"unexpected: {type(error).__name__}: {error}")
            return self._failed(Failed(self.source.url, unexpected))

    def _read(self, content: Content, worker: Worker) -> CollectReport:
        try:
            feed = worker.feed(content.body, url=content.final_url, headers=content.headers, now=self.context.clock())
        except ParseError as error:
            return self._failed(Failed(content.url, error))
        return self._save(content, feed)

    def _save(self, content: Content, feed: Feed) -> CollectReport:
        now = self.context.clock()
        first_pass = self.state.last_success is None
        found = drafts(feed, self.source, first_pass=first_pass, settings=self.context.settings, now=now)
        with self.context.ledger.transaction("collect") as connection:
            saved = articles.save(connection, found, now=now)
            changed = [(each.id, each.revision) for each in saved if each.outcome != "known"]
            work.add(connection, "enrich", changed, due=now)
            sources.record_success(
                connection, self.source.id, now=now, validators=content.validators, moved_to=content.moved_to
            )
            note(self.context, connection, "feed", [self.source.id])
            work.defer(connection, self.lease, due=self._next(content))
        report = CollectReport(tried=1, changed=1, flawed=[(self.source.id, each.message) for each in feed.problems])
        for each in saved:
            setattr(report, each.outcome, getattr(report, each.outcome) + 1)
        for problem in feed.problems:
            log.info("feed flawed", problem=problem.code, reason=problem.message)
        log.info("feed read", new=report.new, updated=report.updated, known=report.known)
        return report

    def _unchanged(self, fetched: Unchanged) -> CollectReport:
        with self.context.ledger.transaction("collect.unchanged") as connection:
            sources.record_success(connection, self.source.id, now=self.context.clock(), validators=None)
            note(self.context, connection, "feed", [self.source.id])
            work.defer(connection, self.lease, due=self._next(fetched))
        log.info("feed unchanged")
        return CollectReport(tried=1, unchanged=1)

    def _failed(self, failed: Failed) -> CollectReport:
        with self.context.ledger.transaction("collect.failed") as connection:
            sources.record_failure(connection, self.source.id, now=self.context.clock(), error=failed.error)
            note(self.context, connection, "feed", [self.source.id])
            work.defer(connection, self.lease, due=self._next(failed))
        self._say(failed.error)
        return CollectReport(tried=1, failed=[(self.source.id, failed.error.message)])

    def _say(self, error: NewswatchError) -> None:
        """Louder when a feed that answered begins to fail than when it goes on failing."""
        say = log.warning if self.state.last_outcome in ("changed", "unchanged") else log.info
        say("feed failed", error=error.code, reason=error.message, failures=self.state.failures + 1)

    def _give_back(self) -> CollectReport:
        with self.context.ledger.transaction("collect.give_back") as connection:
            work.defer(connection, self.lease, due=self.context.clock())
        log.debug("feed given back")
        return CollectReport()

    def _next(self, outcome: Fetched) -> datetime:
        interval = self.source.every or timedelta(seconds=self.context.settings.poll_interval)
        failures = self.state.failures + isinstance(outcome, Failed)
        return next_poll(outcome=outcome, failures=failures, interval=interval, now=self.context.clock())
