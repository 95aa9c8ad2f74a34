"""The network guard: no connection to an address that is not public, unless the source is allowed it.

Promises: a name is resolved once, answers that are not public are dropped, and if none is left the exchange is
refused; the connection goes to an address that was judged, not to the name again (so a second, different DNS answer
changes nothing). Addresses spelt in the URL, which aiohttp never hands to a resolver, are judged by `check_literal`
and once more by the socket factory, which sees the address that is really dialled.

Does not follow redirects (route.py) and cannot see what a proxy dials: behind a proxy, literal addresses and names
reserved for local use are refused here, and the rest is the proxy's policy.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Protocol

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from pipeline.collect.urls import is_plainly_spelt, literal_address
from pipeline.errors import AddressRefused, BadUrl

Judge = Callable[[str], str | None]  # an address -> why it may not be dialled, None if it may
LOCAL_NAMES: Final = ("localhost", "local", "internal", "home.arpa")  # RFC 6761, RFC 6762, RFC 8375, ICANN 2024


def allow_any(_address: str) -> str | None:
    """The judge of sources that are allowed private addresses."""
    return None


def check_literal(url: URL, judge: Judge) -> None:
    """Raise AddressRefused if `url` spells an address that `judge` refuses, BadUrl if it spells one oddly."""
    if (address := literal_address(url)) is None:
        return
    if why := judge(address):
        raise AddressRefused(str(url), f"{address} is not a public address ({why})")
    if ":" not in address and not is_plainly_spelt(url):
        raise BadUrl(str(url), f"an odd spelling of {address}")


def check_local_name(url: URL) -> None:
    """Raise AddressRefused for a name that never means a public host; for exchanges that a proxy resolves."""
    name = (url.raw_host or "").rstrip(".")
    if any(name == local or name.endswith("." + local) for local in LOCAL_NAMES):
        raise AddressRefused(str(url), f"{name} is a local name")


class Lookup(Protocol):
    """From a host name to its addresses, as text. Raises socket.gaierror when there are none."""

    def __call__(self, host: str, port: int) -> Awaitable[Sequence[str]]: ...


Addresses = list[tuple[Any, ...]]  # what getaddrinfo gives


class SystemLookup:
    """getaddrinfo in daemon threads, so that a dead name holds up neither others' threads nor the process's end."""

    def __init__(self, *, threads: int) -> None:
        self._turns = asyncio.Semaphore(threads)

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        async with self._turns:
            answer: Future[Addresses] = Future()
            look_up = threading.Thread(target=_look_up, args=(answer, host, port), name="newswatch-dns", daemon=True)
            look_up.start()
            found = await asyncio.wrap_future(answer)
        return tuple(dict.fromkeys(str(info[4][0]) for info in found))


def _look_up(answer: Future[Addresses], host: str, port: int) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError) as error:
        answer.set_exception(error)
    else:
        answer.set_result(found)


class GuardedResolver(AbstractResolver):
    """What aiohttp's connector asks: the answers of `lookup` that `judge` lets through.

    `resolve` raises AddressRefused, whose subject is the host name, when answers exist and none may be dialled.
    """

    def __init__(self, lookup: Lookup, judge: Judge) -> None:
        self._lookup, self._judge = lookup, judge

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._lookup(host, port)
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        refused = {address: why for address in addresses if (why := self._judge(address))}
        if len(refused) == len(addresses):
            listed = ", ".join(f"{address} ({why})" for address, why in refused.items())
            raise AddressRefused(host, f"{host} is at no public address: {listed}")
        return [_result(host, address, port) for address in addresses if address not in refused]

    async def close(self) -> None:
        """Nothing to release: who made the lookup closes it."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def guarded_sockets(judge: Judge) -> Callable[[tuple[Any, ...]], socket.socket]:
    """A socket factory for aiohttp's connector: the last look at an address before it is dialled."""

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _name, address = info
        if why := judge(str(address[0])):
            raise AddressRefused(str(address[0]), f"{address[0]} is not a public address ({why})")
        return socket.socket(family=family, type=kind, proto=protocol)

    return make
