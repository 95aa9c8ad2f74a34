"""Politeness, measured at the server: pace per host, and how many requests are under way."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise

import pytest
from aiohttp import web

from pipeline.collect import Fetcher
from pipeline.collect.pacing import HOST_LIMIT, Pacer
from pipeline.model import Content
from tests.collect.common import fetch, settings
from tests.webserver import serving

PACE, SLACK = 0.6, 0.2  # seconds; a request may seem early if the one before was held up on a busy machine


class Crowd:
    """A handler that counts who is inside at once, in all and per host."""

    def __init__(self) -> None:
        self.inside: Counter[str] = Counter()
        self.most, self.most_per_host = 0, 0

    async def __call__(self, request: web.Request) -> web.Response:
        host = request.host
        self.inside[host] += 1
        self.most = max(self.most, self.inside.total())
        self.most_per_host = max(self.most_per_host, self.inside[host])
        await asyncio.sleep(0.05)
        self.inside[host] -= 1
        return web.Response(text="x")


def test_one_host_is_asked_at_its_pace() -> None:
    with serving({"/": (200, {}, "x")}) as base_url:
        outcomes = fetch(*[f"{base_url}/?{number}" for number in range(5)], host_interval=PACE)
    assert all(isinstance(outcome, Content) for outcome in outcomes)
    times = [request.at for request in base_url.requests]
    assert min(later - earlier for earlier, later in pairwise(times)) >= PACE - SLACK
    assert base_url.paths() == [f"/?{number}" for number in range(5)]  # in the order they were asked for


def test_a_redirect_keeps_the_pace_too() -> None:
    with serving({"/a": (302, {"Location": "/b"}, ""), "/b": (200, {}, "x")}) as base_url:
        fetch(f"{base_url}/a", host_interval=PACE)
    first, second = base_url.requests
    assert second.at - first.at >= PACE - SLACK


def test_hosts_do_not_wait_for_each_other() -> None:
    with serving({"/": (200, {}, "x")}, host="0.0.0.0") as base_url:
        urls = [base_url.replace("127.0.0.1", f"127.0.0.{number}") for number in range(1, 21)]
        fetch(*urls, host_interval=30, fetch_deadline=5)
    assert len(base_url.requests) == 20
    assert base_url.requests[-1].at - base_url.requests[0].at < 5


def test_concurrency_is_bounded_and_used() -> None:
    crowd = Crowd()
    with serving({"/": crowd}, host="0.0.0.0") as base_url:
        urls = [base_url.replace("127.0.0.1", f"127.0.0.{number}") for number in range(1, 31)]
        fetch(*urls, fetch_concurrency=6)
    assert crowd.most == 6


def test_one_host_never_gets_all_places() -> None:
    crowd = Crowd()
    with serving({"/": crowd}, host="0.0.0.0") as base_url:
        other = base_url.replace("127.0.0.1", "127.0.0.2")
        fetch(*[f"{base_url}/?{number}" for number in range(20)], f"{other}/", fetch_concurrency=16)
    assert crowd.most_per_host == HOST_LIMIT
    position = [request.headers["Host"].startswith("127.0.0.2") for request in base_url.requests].index(True)
    assert position <= HOST_LIMIT  # it did not stand in the queue of the busy host


def test_crawl_delay_slows_a_host_down_from_the_next_request_on() -> None:
    async def run(base_url: str) -> None:
        async with Fetcher(settings()) as fetcher:
            assert await fetcher.may_fetch(f"{base_url}/", allow_private=True) is None
            await fetcher.fetch(f"{base_url}/", allow_private=True)
            await fetcher.fetch(f"{base_url}/", allow_private=True)

    robots = "User-agent: *\nCrawl-delay: 0.6\nDisallow: /private\n"
    with serving({"/robots.txt": (200, {}, robots), "/": (200, {}, "x")}) as base_url:
        asyncio.run(run(base_url))
    times = [request.at for request in base_url.requests]
    assert all(later - earlier >= 0.6 - SLACK for earlier, later in pairwise(times))


@pytest.mark.parametrize(("interval", "delay", "expected"), [(0.0, 0.2, 0.2), (0.2, 0.0, 0.2)])
def test_the_longer_of_interval_and_delay_counts(interval: float, delay: float, expected: float) -> None:
    async def run() -> float:
        pacer, loop = Pacer(interval=interval, concurrency=2), asyncio.get_running_loop()
        pacer.slow_down("a", delay)
        started = loop.time()
        for _ in range(2):
            async with pacer.turn("a"):
                pass
        return loop.time() - started

    assert expected <= asyncio.run(run()) < expected + 1


def test_a_crawl_delay_of_days_is_not_obeyed() -> None:
    async def run() -> float:
        pacer, loop = Pacer(interval=0.0, concurrency=1, longest=0.2), asyncio.get_running_loop()
        pacer.slow_down("a", 86400.0)
        started = loop.time()
        for _ in range(2):
            async with pacer.turn("a"):
                pass
        return loop.time() - started

    assert 0.2 <= asyncio.run(run()) < 2
