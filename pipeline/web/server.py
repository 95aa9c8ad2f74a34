"""The small HTTP endpoint: /metrics for Prometheus, /health for whatever watches the process.

Promises that it only reads, that no question keeps another waiting for longer than ANSWER, and that SIGTERM and SIGINT
end it once the answers in hand are given. It has no log-in: by default it listens on this machine only.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable

from aiohttp import web

from pipeline.errors import NewswatchError
from pipeline.ledger.measures import Measures
from pipeline.logs import get_logger
from pipeline.observe.prometheus import CONTENT_TYPE, exposition
from pipeline.observe.vitals import vitals

ANSWER = 20.0  # seconds
log = get_logger(__name__)


class Endpoint:
    """What is served: `read` gives the measures, `search` says who answers there."""

    def __init__(self, read: Callable[[], Measures], search: Callable[[], str]) -> None:
        self._read, self._search = read, search

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/health", self._health)
        return application

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(ANSWER):
                body = await asyncio.to_thread(lambda: exposition(self._read()))
        except (NewswatchError, TimeoutError) as error:
            log.warning("no metrics", reason=_words(error))
            return web.Response(status=503, text=f"{_words(error)}\n")
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    async def _health(self, _request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(ANSWER):
                found = await asyncio.to_thread(vitals, self._read, self._search)
        except TimeoutError as error:
            return _json({"ok": False, "reason": _words(error)})
        checks = {name: {"ok": vital.ok, **vital.facts} for name, vital in found.items()}
        return _json({"ok": all(vital.ok for vital in found.values()), **checks})


async def serve(endpoint: Endpoint, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT; `ready` is told the address. Raises OSError if it cannot be had."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(endpoint.application(), access_log=None, shutdown_timeout=ANSWER)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        name, bound = runner.addresses[0][:2]
        ready(f"http://{f'[{name}]' if ':' in name else name}:{bound}")
        await stop.wait()
    finally:
        await runner.cleanup()


def _words(error: Exception) -> str:
    return str(error) or f"no answer within {ANSWER:g} seconds"


def _json(body: dict[str, object]) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    return web.Response(status=200 if body["ok"] else 503, text=text, content_type="application/json")
