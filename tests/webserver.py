"""A real HTTP server in a thread, for tests: `with serving({"/feed.xml": (200, {}, body)}) as base_url`.

`base_url` is a string ("http://127.0.0.1:49152") that also remembers every request as `base_url.requests`. The mapping
is looked up anew for each request, so a test may change it while the server runs. A fixed answer that has an ETag or a
Last-Modified is a 304 for the request that sends it back; for anything else a route is an aiohttp handler.

`talking(function)` is for what no honest server sends: the function gets each connection's socket, after the request.
"""

from __future__ import annotations

import asyncio
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDictProxy

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answer = tuple[int, Mapping[str, str], bytes | str]
Routes = Mapping[str, Answer | Handler]
VALIDATORS = ("ETag", "Last-Modified")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came: `path` with its query, `at` in seconds of time.monotonic()."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    body: bytes
    at: float


class BaseUrl(str):
    """The server's address without a final slash, and what it was asked."""

    requests: list[Request]

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


@dataclass(slots=True)
class _Server:
    routes: Routes
    requests: list[Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(Request(request.method, request.path_qs, request.headers, body, time.monotonic()))
        route = self.routes.get(request.path_qs) or self.routes.get(request.path)
        if route is None:
            return web.Response(status=404, text="there is no such page")
        return _fixed(route, request) if isinstance(route, tuple) else await route(request)


def _fixed(route: Answer, request: web.Request) -> web.Response:
    status, headers, body = route
    if status == 200 and _is_known(headers, request):
        return web.Response(status=304, headers={key: value for key, value in headers.items() if key in VALIDATORS})
    return web.Response(status=status, headers=headers, body=body.encode() if isinstance(body, str) else body)


def _is_known(headers: Mapping[str, str], request: web.Request) -> bool:
    if sent := request.headers.get("If-None-Match"):  # it alone counts if both are sent (RFC 9110, section 13.2.2)
        return sent == headers.get("ETag")
    return "Last-Modified" in headers and request.headers.get("If-Modified-Since") == headers["Last-Modified"]


@contextmanager
def serving(
    routes: Routes, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[BaseUrl]:
    """Serve `routes` until the block ends. With host "0.0.0.0" every address 127.x.y.z of the machine answers."""
    server = _Server(routes)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(_application(server), access_log=None, shutdown_timeout=0.1)
    thread = threading.Thread(target=loop.run_forever, name="test web server", daemon=True)
    thread.start()
    try:
        bound = asyncio.run_coroutine_threadsafe(_start(runner, host, port, tls), loop).result(10)
        base_url = BaseUrl(f"{'https' if tls else 'http'}://{'127.0.0.1' if host == '0.0.0.0' else host}:{bound}")
        base_url.requests = server.requests
        yield base_url
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _application(server: _Server) -> web.Application:
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", server.answer)
    return application


async def _start(runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None) -> int:
    await runner.setup()
    await web.TCPSite(runner, host, port, ssl_context=tls, backlog=1024).start()
    return int(runner.addresses[0][1])


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads one request per connection, calls `talk` with the socket and then closes it."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the client may go away at any moment
                seen = b""
                while b"\r\n\r\n" not in seen and (more := self.request.recv(65536)):
                    seen += more
                talk(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
