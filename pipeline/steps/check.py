"""newswatch feeds check: does each configured feed answer, and if not, what does its home page advertise?

Promises to look only: neither the ledger nor the configuration is changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from pipeline.collect import Fetcher
from pipeline.collect.discover import advertised_feeds
from pipeline.errors import ParseError
from pipeline.model import Content, Failed, Source
from pipeline.parse import Worker
from pipeline.settings import Settings
from pipeline.steps.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Checked:
    """What one feed answered. `error` is None if it is a feed; `proposals` are (URL, title) off the home page."""

    source: Source
    entries: int = 0
    newest: datetime | None = None
    format: str | None = None
    moved_to: str | None = None
    error: str | None = None
    proposals: tuple[tuple[str, str], ...] = ()


def check_feeds(
    settings: Settings, sources: Sequence[Source], *, progress: Callable[[Progress], None] = silent
) -> tuple[Checked, ...]:
    """Fetch and parse every feed once; in the order given."""
    return asyncio.run(_check_all(settings, sources, progress))


async def _check_all(
    settings: Settings, sources: Sequence[Source], progress: Callable[[Progress], None]
) -> tuple[Checked, ...]:
    done = 0
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(Fetcher(settings))
        worker = stack.enter_context(Worker(memory=settings.parse_memory, seconds=settings.parse_seconds))
        reading = asyncio.Lock()

        async def one(source: Source) -> Checked:
            nonlocal done
            answer = await fetcher.fetch(source.url, allow_private=source.allow_private)
            async with reading:
                found = await asyncio.to_thread(_read, source, answer, worker)
            if found.error:
                found = await _with_proposals(found, fetcher)
            done += 1
            progress(Progress("check", done, len(sources)))
            return found

        return tuple(await asyncio.gather(*(one(source) for source in sources)))


def _read(source: Source, answer: object, worker: Worker) -> Checked:
    match answer:
        case Content() as content:
            try:
                feed = worker.feed(content.body, url=content.final_url, headers=content.headers)
            except ParseError as error:
                return Checked(source, error=error.message, moved_to=content.moved_to)
            moments = [entry.published or entry.updated for entry in feed.entries]
            newest = max((moment for moment in moments if moment), default=None)
            return Checked(source, len(feed.entries), newest, feed.format, content.moved_to)
        case Failed(error=error):
            return Checked(source, error=error.message)
    return Checked(source, error="the server answered an unconditional request with 304")


async def _with_proposals(found: Checked, fetcher: Fetcher) -> Checked:
    home = found.source.home
    answer = await fetcher.fetch(home, allow_private=found.source.allow_private) if home else None
    if not isinstance(answer, Content):
        return found
    proposals = await asyncio.to_thread(advertised_feeds, answer.body, answer.final_url)
    return Checked(found.source, error=found.error, moved_to=found.moved_to, proposals=proposals)
