"""The deadline and the byte cap: no host keeps us longer or sends us more."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from aiohttp import web

from pipeline.collect import Fetcher
from pipeline.errors import BodyTooLarge, ExchangeTimeout, Unreachable
from tests.collect.common import content, failed, fetch, settings
from tests.webserver import serving, talking

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def drip(data: bytes, *, start: bytes = b"") -> Callable[[socket.socket], None]:
    """Send `start`, then `data` again and again, ten bytes a second, for ever."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            for byte in data:
                connection.sendall(bytes([byte]))
                time.sleep(0.1)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        drip(b"x", start=b"HTTP/1.1 200 "),  # a status line that never ends
        drip(b"X-A: b\r\n", start=HEAD),
        drip(b" ", start=HEAD + b"\r\n"),
        drip(b" ", start=HEAD + b"Content-Length: 1000\r\n\r\n"),
        drip(b"1\r\n \r\n", start=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda _connection: time.sleep(3),
    ],
    ids=["status", "headers", "body", "length", "chunks", "continue", "silence"],
)
def test_slow_drops_do_not_get_round_the_deadline(talk: Callable[[socket.socket], None]) -> None:
    with talking(talk) as base_url:
        started = time.monotonic()
        error = failed(base_url, fetch_deadline=0.4).error
        took = time.monotonic() - started
    assert isinstance(error, ExchangeTimeout)
    assert error.transient
    assert error.message == "no whole answer within 0.4 seconds"
    assert 0.35 < took < 5


def test_redirects_share_one_deadline() -> None:
    async def on(request: web.Request) -> web.Response:
        await asyncio.sleep(0.15)
        return web.Response(status=302, headers={"Location": f"/?{int(request.query_string or 0) + 1}"})

    with serving({"/": on}) as base_url:
        error = failed(f"{base_url}/", fetch_deadline=0.5).error
    assert isinstance(error, ExchangeTimeout)
    assert 1 <= len(base_url.requests) <= 4


def test_waiting_for_a_turn_is_not_the_hosts_time() -> None:
    with serving({"/": (200, {}, "x")}) as base_url:
        outcomes = fetch(*[f"{base_url}/?{number}" for number in range(5)], host_interval=0.2, fetch_deadline=0.3)
        assert [type(outcome).__name__ for outcome in outcomes] == ["Content"] * 5


def test_a_cancelled_fetch_gives_its_place_back() -> None:
    async def on(request: web.Request) -> web.Response:
        await asyncio.sleep(0 if request.path == "/quick" else 30)
        return web.Response(text="x")

    async def run(base_url: str) -> None:
        async with Fetcher(settings(fetch_concurrency=1)) as fetcher:
            slow = asyncio.create_task(fetcher.fetch(f"{base_url}/slow", allow_private=True))
            await asyncio.sleep(0.1)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            async with asyncio.timeout(5):
                await fetcher.fetch(f"{base_url}/quick", allow_private=True)

    with serving({"/slow": on, "/quick": on}) as base_url:
        asyncio.run(run(base_url))
    assert base_url.paths() == ["/slow", "/quick"]


def nested(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data, mtime=0), mtime=0)


BIG = 64 * 1024 * 1024
BOMBS = {
    "gzip": gzip.compress(bytes(BIG), 9, mtime=0),
    "deflate": zlib.compress(bytes(BIG), 9),
    "x-gzip": zlib.compress(bytes(BIG), 9, wbits=31),
    "gzip, gzip": nested(bytes(BIG)),
    "gzip, deflate, gzip": gzip.compress(zlib.compress(gzip.compress(bytes(BIG)))),
    # nothing but empty deflate blocks inside: the body stays empty, the work does not
    "deflate, gzip": gzip.compress(b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * (BIG // 16)),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_bombs_stop_at_the_cap(coding: str) -> None:
    with serving({"/": (200, {"Content-Encoding": coding}, BOMBS[coding])}) as base_url:
        tracemalloc.start()
        error = failed(base_url, fetch_max_bytes=1024 * 1024).error
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(error, BodyTooLarge)
    assert not error.transient
    assert error.message == "the body is larger than 1,048,576 bytes"
    assert peak < 8 * 1024 * 1024


def test_a_body_that_never_ends() -> None:
    async def on(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(65536))

    with serving({"/": on}) as base_url:
        assert isinstance(failed(base_url, fetch_max_bytes=1024 * 1024).error, BodyTooLarge)


def test_a_length_over_the_cap_is_refused_without_reading() -> None:
    with talking(drip(b" ", start=HEAD + b"Content-Length: 99999999999\r\n\r\n")) as base_url:
        assert isinstance(failed(base_url, fetch_deadline=5).error, BodyTooLarge)


def test_exactly_the_cap_is_let_through() -> None:
    body = bytes(4096)
    routes = {"/": (200, {}, body), "/gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(body))}
    with serving(routes) as base_url:
        assert content(base_url, fetch_max_bytes=4096).body == body
        assert content(f"{base_url}/gzip", fetch_max_bytes=4096).body == body
        assert isinstance(failed(f"{base_url}/gzip", fetch_max_bytes=4095).error, BodyTooLarge)


def test_an_error_page_is_not_read() -> None:
    with talking(drip(b" ", start=b"HTTP/1.1 500 Oh\r\nContent-Length: 1000\r\n\r\n")) as base_url:
        assert failed(base_url, fetch_deadline=5).error.message == "the server answered 500"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "the server closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "the answer broke off before its end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort", "the answer broke off before its end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "the answer is not valid HTTP: "),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "the answer is not valid HTTP: "),
        (b"HTTP/1.1 999999 OK\r\n\r\n", "the answer is not valid HTTP: "),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", "the answer is not valid HTTP: "),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain", "the body cannot be read: its compressed data is "),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"hello")[:-9],
            "the body cannot be read: its compressed data is damaged: it ends too early",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nxx",
            'the body cannot be read: its coding "br" is unknown and was not asked for',
        ),
    ],
)
def test_broken_answers_are_failures_in_words(sent: bytes, words: str) -> None:
    with talking(lambda connection: connection.sendall(sent)) as base_url:
        error = failed(base_url).error
    assert isinstance(error, Unreachable)
    assert error.message.startswith(words)
    assert error.transient


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    with talking(lambda connection: connection.sendall(HEAD + b"\r\n<rss/>")) as base_url:
        assert content(base_url).body == b"<rss/>"
