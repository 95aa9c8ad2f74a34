"""Waiting that ends when the user wants to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

T = TypeVar("T")
_EVERY = 0.2  # seconds between two looks


class Stop:
    """`unless` gives a coroutine's result, or None if the user wants to stop first; the coroutine is then cancelled."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    async def watch(self, stopping: Callable[[], bool]) -> None:
        while not stopping():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), _EVERY)
        self._asked.set()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T | None:
        doing, asked = asyncio.ensure_future(work), asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            doing.cancel()
            asked.cancel()


@asynccontextmanager
async def until(stopping: Callable[[], bool]) -> AsyncIterator[Stop]:
    """A Stop that asks `stopping` for as long as the block runs."""
    stop = Stop()
    watcher = asyncio.ensure_future(stop.watch(stopping))
    try:
        yield stop
    finally:
        watcher.cancel()
