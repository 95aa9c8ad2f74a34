"""One request and its answer: everything that touches aiohttp's client.

Promises: no redirect is followed, no cookie kept, no proxy variable of the system read; public and private exchanges
never share a connection, so a connection that was allowed for one source serves no other. A body is read only from a
2xx answer, and under a cap. Failures are FetchErrors. Does not wait its turn and knows no deadline (fetcher.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from yarl import URL

from pipeline.collect.decode import Body
from pipeline.collect.failures import translated
from pipeline.collect.guard import GuardedResolver, Judge, Lookup, allow_any, guarded_sockets
from pipeline.collect.headers import plain
from pipeline.errors import BodyTooLarge

KEEP_ALIVE: Final = (
    2.0  # seconds; longer than the usual pace, short enough for a thousand hosts not to fill the file table
)
NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gave. `body` is empty unless the status is 2xx."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    location: str | None
    body: bytes = field(default=b"", repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Client:
    """The two pools of connections, open from `open()` to `close()`."""

    def __init__(self, lookup: Lookup, judge: Judge, *, proxy: str | None) -> None:
        self._lookup, self._judge, self._proxy = lookup, judge, proxy
        self._stack = AsyncExitStack()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def open(self) -> None:
        for allow_private in (False, True):
            # what a proxy dials is the proxy's policy; the proxy itself may well be at a private address
            judge = allow_any if allow_private or self._proxy else self._judge
            session = _session(self._lookup, judge)
            self._sessions[allow_private] = await self._stack.enter_async_context(session)

    async def close(self) -> None:
        await self._stack.aclose()

    async def get(
        self, url: URL, headers: Mapping[str, str], *, allow_private: bool, max_bytes: int, cut: bool = False
    ) -> Answer:
        """GET `url`. A body over `max_bytes` raises BodyTooLarge, or is cut there if `cut`. Raises FetchError."""
        session = self._sessions[allow_private]
        with translated(str(url)):
            async with session.get(url, headers=headers, allow_redirects=False, proxy=self._proxy) as response:
                fields = plain(response.headers.items())
                answer = Answer(response.status, fields, response.headers.get("Location"))
                if not answer.is_success:
                    return answer
                body = await _read(response, fields.get("content-encoding", ""), max_bytes, cut=cut)
                return Answer(answer.status, fields, answer.location, body)


def _session(lookup: Lookup, judge: Judge) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(lookup, judge),
        socket_factory=guarded_sockets(judge),
        limit=0,  # the pacer counts requests
        keepalive_timeout=KEEP_ALIVE,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=NO_TIMEOUT,
        auto_decompress=False,  # aiohttp has no cap on what comes out
        trust_env=False,
    )


async def _read(response: aiohttp.ClientResponse, codings: str, max_bytes: int, *, cut: bool) -> bytes:
    url = str(response.url)
    body = Body(url, codings, limit=max_bytes)
    if not cut and (response.content_length or 0) > max_bytes:
        raise BodyTooLarge(url, f"the body is larger than {max_bytes:,} bytes")
    try:
        async for chunk in response.content.iter_any():
            body.feed(chunk)
    except BodyTooLarge:
        if cut:
            return body.gathered
        raise
    return body.finish()
