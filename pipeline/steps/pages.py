"""Full text: the pages of articles that could matter, fetched politely and read in the worker.

Promises that a page only ever adds: an article whose page is late, refused or empty stays as its feed gave it, and
its alerts do not wait. robots.txt and each host's pace are kept. What a page adds is enriched again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.collect import Fetcher
from pipeline.errors import FetchError, LedgerError, NewswatchError, ParseError
from pipeline.ledger import articles, work
from pipeline.ledger.work import Lease
from pipeline.model import Article, Content, Failed, Page
from pipeline.parse import Worker
from pipeline.steps.context import Context
from pipeline.steps.progress import Progress
from pipeline.steps.reports import PagesReport
from pipeline.steps.stopping import until

ATTEMPTS = 3
RETRY = timedelta(minutes=15)  # doubled with each attempt


def plan(context: Context) -> dict[str, str]:
    """URL by article id of the pages that are due, the longest due first, as many as one pass may fetch."""
    now, limit = context.clock(), context.settings.pages_per_pass
    with context.ledger.read() as connection:
        given_up = {key for kind, key, _ in work.given_up(connection) if kind == "page"}
        waiting = sorted((due, id) for id, due in work.due_times(connection, "page").items() if due <= now)
        wanted = [id for _, id in waiting if id not in given_up][:limit]
        found = articles.load(connection, wanted)
    return {id: found[id].url or "" for id in wanted}


def pages(context: Context, ids: Sequence[str] | None = None) -> PagesReport:
    """Fetch the pages that are due (of `ids`, if given), at most as many as the settings allow for one pass."""
    limit = context.settings.pages_per_pass
    with context.ledger.transaction("pages.claim") as connection:
        leases = work.claim(connection, "page", now=context.clock(), limit=limit, keys=ids)
        wanted = articles.load(connection, [lease.key for lease in leases])
    return asyncio.run(_pages(context, leases, wanted)) if leases else PagesReport()


async def _pages(context: Context, leases: Sequence[Lease], wanted: dict[str, Article]) -> PagesReport:
    total, settings = PagesReport(), context.settings
    private = {source.id for source in context.config.sources if source.allow_private}
    done = 0
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(Fetcher(settings, clock=context.clock))
        stop = await stack.enter_async_context(until(context.stopping))
        worker = stack.enter_context(Worker(memory=settings.parse_memory, seconds=settings.parse_seconds))
        reading = asyncio.Lock()

        async def one(lease: Lease) -> None:
            nonlocal total, done
            article = wanted[lease.key]
            answer = await stop.unless(_fetch(fetcher, article, allow_private=article.source in private))
            async with reading:
                total += await asyncio.to_thread(_take_in, context, lease, article, answer, worker)
                done += 1
                context.progress(Progress("pages", done, len(leases)))

        await asyncio.gather(*(one(lease) for lease in leases))
    return total


async def _fetch(fetcher: Fetcher, article: Article, *, allow_private: bool) -> Content | NewswatchError:
    url = article.url or ""
    if refused := await fetcher.may_fetch(url, allow_private=allow_private):
        return refused.error
    match await fetcher.fetch(url, allow_private=allow_private):
        case Content() as content:
            return content
        case Failed(error=error):
            return error
    return FetchError(url, "the server answered an unconditional request with 304")


@dataclass(frozen=True, slots=True)
class _Read:
    page: Page | None
    error: NewswatchError | None


def _take_in(
    context: Context, lease: Lease, article: Article, answer: Content | NewswatchError | None, worker: Worker
) -> PagesReport:
    try:
        if answer is None:
            with context.ledger.transaction("pages.give_back") as connection:
                work.defer(connection, lease, due=context.clock())
            return PagesReport()
        return _save(context, lease, article, _read(answer, worker, context.clock()))
    except LedgerError as error:
        return PagesReport(failed=[(article.url or article.id, str(error))])


def _read(answer: Content | NewswatchError, worker: Worker, now: datetime) -> _Read:
    if isinstance(answer, NewswatchError):
        return _Read(None, answer)
    try:
        return _Read(worker.page(answer.body, url=answer.final_url, headers=answer.headers, now=now), None)
    except ParseError as error:
        return _Read(None, error)


def _save(context: Context, lease: Lease, article: Article, read: _Read) -> PagesReport:
    now, page = context.clock(), read.page
    with context.ledger.transaction("pages") as connection:
        if read.error and read.error.transient and lease.attempts < ATTEMPTS:
            work.defer(connection, lease, due=now + RETRY * (1 << (lease.attempts - 1)))
            return PagesReport(failed=[(article.url or article.id, read.error.message)])
        revision = articles.save_page(
            connection,
            article.id,
            text=page.text if page else None,
            language=page.language if page else None,
            error=read.error.message if read.error else None,
            now=now,
        )
        if revision is not None:
            work.add(connection, "enrich", [(article.id, revision)], due=now)
        work.complete(connection, lease)
    if read.error:
        return PagesReport(failed=[(article.url or article.id, read.error.message)])
    return PagesReport(fetched=1, improved=int(revision is not None))
