"""Fetching: from a URL to Content, Unchanged or Failed.

Promises: `fetch` never raises for what a host, a network or a URL does: every failure is a value with a sentence in
it. One deadline bounds the time spent with hosts - names, connections, redirects and the body down to its last slow
drop - and does not run while we wait our turn. Every hop passes the network guard. Does not plan when to fetch
(plan.py), parse or store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from yarl import URL

from pipeline.clock import utc_now
from pipeline.collect import files, guard, robots, route
from pipeline.collect.addresses import why_not_public
from pipeline.collect.exchange import Answer, Client
from pipeline.collect.headers import is_conditional, of_the_body, request_headers, retry_after, validators_in
from pipeline.collect.pacing import Pacer
from pipeline.collect.robots import Robots
from pipeline.collect.urls import host_of, parse_url
from pipeline.crashpoint import reach
from pipeline.errors import AddressRefused, BadUrl, ExchangeTimeout, FetchError, HttpStatus
from pipeline.logs import get_logger
from pipeline.model import Content, Failed, Fetched, Unchanged, Validators
from pipeline.settings import Settings

NO_VALIDATORS: Final = Validators()
log = get_logger(__name__)


class Fetcher:
    """`async with Fetcher(settings) as fetcher`: one run's connections, pacing and robots.txt files.

    `lookup` finds the addresses of a name (default: the system's), `judge` says which may be dialled for sources that
    are not allowed private ones, `clock` says what time it is for Retry-After.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        lookup: guard.Lookup | None = None,
        judge: guard.Judge = why_not_public,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._judge, self._clock = settings, judge, clock
        self._client = Client(
            lookup or guard.SystemLookup(threads=settings.fetch_concurrency), judge, proxy=settings.proxy
        )
        self._pacer = Pacer(interval=settings.host_interval, concurrency=settings.fetch_concurrency)
        self._robots: dict[tuple[str, bool], asyncio.Task[Robots]] = {}

    async def __aenter__(self) -> Self:
        await self._client.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._robots.values():
            task.cancel()
        await asyncio.gather(*self._robots.values(), return_exceptions=True)
        await self._client.close()

    async def fetch(self, url: str, *, validators: Validators = NO_VALIDATORS, allow_private: bool = False) -> Fetched:
        """GET `url`, conditionally if there are validators; file: URLs too if `allow_private`."""
        reach("fetch.before")
        try:
            outcome: Fetched = await self._fetch(url, validators, allow_private=allow_private)
        except FetchError as error:
            outcome = Failed(url, error)
        except Exception as error:
            log.exception("unexpected failure while fetching", url=url)
            outcome = Failed(url, FetchError(url, f"unexpected: {type(error).__name__}: {error}"))
        reach("fetch.after")
        return outcome

    async def may_fetch(self, url: str, *, allow_private: bool = False) -> Failed | None:
        """Whether the host's robots.txt allows `url`: None if so. Its Crawl-delay slows the host's pace from now on."""
        try:
            parsed = parse_url(url)
            self._check(parsed, allow_private=allow_private)
            known = await self._robots_of(parsed, allow_private=allow_private)
        except FetchError as error:
            return Failed(url, error)
        refused = robots.refusal(known, str(parsed))
        return Failed(url, refused) if refused else None

    async def _fetch(self, url: str, validators: Validators, *, allow_private: bool) -> Content | Unchanged:
        if files.is_file(url):
            if not allow_private:
                raise BadUrl(url, "files are read only for sources that are allowed it (allow_private)")
            cap = self._settings.fetch_max_bytes
            return await asyncio.to_thread(files.read, url, validators=validators, max_bytes=cap)
        headers = request_headers(self._settings.full_user_agent, validators)
        way, answer = await self._walk(url, headers, allow_private=allow_private, max_bytes=None)
        if answer.status == 304 and is_conditional(headers):
            return Unchanged(url)
        return Content(
            url=url,
            final_url=str(way.here),
            body=self._success(way.here, answer).body,
            headers=of_the_body(answer.headers),
            validators=validators_in(answer.headers),
            moved_to=str(way.moved_to) if way.moved_to else None,
        )

    async def _walk(
        self, url: str, headers: Mapping[str, str], *, allow_private: bool, max_bytes: int | None
    ) -> tuple[route.Route, Answer]:
        """Through all redirects to the first other answer; `max_bytes` cuts the body, None refuses one over the cap."""
        way, deadline = route.start(url), _Deadline(url, self._settings.fetch_deadline)
        cap = self._settings.fetch_max_bytes if max_bytes is None else max_bytes
        while True:
            self._check(way.here, allow_private=allow_private)
            async with self._pacer.turn(host_of(str(way.here))), deadline.running():
                answer = await self._client.get(
                    way.here, headers, allow_private=allow_private, max_bytes=cap, cut=max_bytes is not None
                )
            if answer.status not in route.REDIRECTS or not answer.location:
                return way, answer
            way = way.follow(answer.status, answer.location)

    def _check(self, url: URL, *, allow_private: bool) -> None:
        guard.check_literal(url, guard.allow_any if allow_private else self._judge)
        if self._settings.proxy and not allow_private:
            guard.check_local_name(url)

    def _success(self, url: URL, answer: Answer) -> Answer:
        if not answer.is_success:
            wait = retry_after(answer.headers, now=self._clock())
            raise HttpStatus(str(url), answer.status, retry_after=wait)
        return answer

    async def _robots_of(self, url: URL, *, allow_private: bool) -> Robots:
        """robots.txt of `url`'s host, fetched by the first who asks; the others wait for the same task."""
        key = (robots.robots_url(url), allow_private)
        if key not in self._robots:
            self._robots[key] = asyncio.create_task(self._get_robots(key[0], allow_private=allow_private))
        known = await asyncio.shield(self._robots[key])
        if isinstance(known.failure, AddressRefused | BadUrl):
            raise known.failure
        return known

    async def _get_robots(self, url: str, *, allow_private: bool) -> Robots:
        headers = request_headers(self._settings.full_user_agent, NO_VALIDATORS)
        try:
            way, answer = await self._walk(url, headers, allow_private=allow_private, max_bytes=robots.MAX_BYTES)
            body = self._success(way.here, answer).body
        except FetchError as error:
            return robots.without_file(error)
        known = robots.read(body, agent=robots.product_token(self._settings.full_user_agent))
        if known.crawl_delay:
            self._pacer.slow_down(host_of(url), known.crawl_delay)
        return known


class _Deadline:
    """So many seconds of exchange about `url`, over any number of `running()` blocks."""

    def __init__(self, url: str, seconds: float) -> None:
        self._url, self._seconds, self._left = url, seconds, seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Raises ExchangeTimeout when the seconds are over."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout(self._left):
                yield
        except TimeoutError as error:
            raise ExchangeTimeout(self._url, f"no whole answer within {self._seconds:g} seconds") from error
        finally:
            self._left -= loop.time() - started
