"""Who may ask which host when.

Promises: between the starts of two requests to one host lies at least its interval, redirects and robots.txt counted;
at most `concurrency` requests are under way over all hosts and HOST_LIMIT at one host; those who wait for one host
hold no place that another host's request could use, and are served in the order they came. Measures seconds by the
event loop's clock. Does not know what is requested.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

MAX_CRAWL_DELAY: Final = 10.0  # seconds; some robots.txt ask for minutes or days, which would stop the watch
HOST_LIMIT: Final = 4  # a slow host is not given ever more connections


@dataclass(slots=True)
class _Host:
    interval: float
    last_start: float = float("-inf")
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HOST_LIMIT))

    async def wait(self) -> None:
        left = self.last_start + self.interval - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)
            await self.wait()  # robots.txt may have lengthened the interval meanwhile


class Pacer:
    """One run's turns; `longest` caps what a Crawl-delay may ask for."""

    def __init__(self, *, interval: float, concurrency: int, longest: float = MAX_CRAWL_DELAY) -> None:
        self._interval, self._longest = interval, longest
        self._places = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}

    def slow_down(self, host: str, delay: float) -> None:
        """Lengthen the interval of `host` to `delay` seconds (a Crawl-delay), within reason; never shorten it."""
        state = self._host(host)
        state.interval = max(state.interval, min(delay, self._longest))

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """The block is one request to `host`; waits until it may start."""
        state = self._host(host)
        async with state.places:
            async with state.turn:
                await state.wait()
                await self._places.acquire()
                state.last_start = asyncio.get_running_loop().time()
            try:
                yield
            finally:
                self._places.release()

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(self._interval))
