"""How fast and in how much memory 500 feeds are fetched: our Fetcher beside one `urllib.request.urlopen` after another.

    python -m benchmarks.collect [--feeds 500] [--hosts 250] [--latency 0.05]

The hosts are 127.0.x.y of this machine (Linux), all answered by one server process that waits `latency` seconds as a
distant host would. Each contender runs in a process of its own, so that its peak memory is its own; ours keeps its
default pace of a second per host, the other keeps none. The second pass is conditional. Proves nothing about parsing.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection

from aiohttp import web

from pipeline.collect import Fetcher
from pipeline.model import Content, Validators
from pipeline.settings import Settings

ITEM = "<item><title>Item {0}</title><link>http://example.org/{0}</link><description>{1}</description></item>"
BODY = (
    f"<rss version='2.0'><channel>{''.join(ITEM.format(n, 'words ' * 80) for n in range(60))}</channel></rss>".encode()
)
SPAWN = multiprocessing.get_context("spawn")
Tags = dict[str, str]  # URL -> ETag


@dataclass(frozen=True, slots=True)
class Result:
    first: float  # seconds
    second: float
    memory: float  # MiB at the peak
    outcomes: Mapping[str, int]


def serve(pipe: Connection, latency: float) -> None:
    """Answer every path of every local address with a feed, until killed."""

    async def on(request: web.Request) -> web.Response:
        await asyncio.sleep(latency)
        etag = f'"{request.path}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=BODY, content_type="text/xml", headers={"ETag": etag})

    async def run() -> None:
        application = web.Application()
        application.router.add_get("/{path:.*}", on)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def ours(urls: list[str]) -> Result:
    async def one_pass(tags: Tags) -> tuple[float, Counter[str]]:
        started, seen = time.perf_counter(), Counter[str]()

        async def one(fetcher: Fetcher, url: str) -> None:
            outcome = await fetcher.fetch(url, validators=Validators(tags.get(url)), allow_private=True)
            seen[type(outcome).__name__] += 1
            if isinstance(outcome, Content) and outcome.validators.etag:
                tags[url] = outcome.validators.etag

        async with Fetcher(Settings()) as fetcher:
            await asyncio.gather(*(one(fetcher, url) for url in urls))
        return time.perf_counter() - started, seen

    return measured(lambda tags: asyncio.run(one_pass(tags)))


def naive(urls: list[str]) -> Result:
    def one(url: str, tags: Tags) -> str:
        request = urllib.request.Request(url, headers={"If-None-Match": tags[url]} if url in tags else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                response.read()
                tags[url] = response.headers["ETag"]
            return "Content"
        except urllib.error.HTTPError as error:
            return "Unchanged" if error.code == 304 else "Failed"

    def one_pass(tags: Tags) -> tuple[float, Counter[str]]:
        started = time.perf_counter()
        seen = Counter(one(url, tags) for url in urls)
        return time.perf_counter() - started, seen

    return measured(one_pass)


def measured(one_pass: Callable[[Tags], tuple[float, Counter[str]]]) -> Result:
    tags: Tags = {}
    (first, seen), (second, again) = one_pass(tags), one_pass(tags)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(first, second, memory, seen + again)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--hosts", type=int, default=250)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    options = parser.parse_args()
    results = compare(options.feeds, options.hosts, options.latency)
    print(f"{options.feeds} feeds of {len(BODY) // 1024} KiB on {options.hosts} hosts, {options.latency:g} s to answer")
    print(f"{'':28}{'first pass':>12}{'second pass':>13}{'peak memory':>14}  outcomes")
    for name, result in results.items():
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(result.outcomes.items()))
        print(f"{name:28}{result.first:>10.2f} s{result.second:>11.2f} s{result.memory:>10.0f} MiB  {counts}")
    return 0


def compare(feeds: int, hosts: int, latency: float) -> dict[str, Result]:
    """Both contenders against one server, one after the other."""
    here, there = SPAWN.Pipe()
    server = SPAWN.Process(target=serve, args=(there, latency), daemon=True)
    server.start()
    try:
        port = here.recv()
        addresses = [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(hosts)]
        urls = [f"http://{addresses[number % hosts]}:{port}/feed/{number}" for number in range(feeds)]
        with SPAWN.Pool(1, maxtasksperchild=1) as pool:
            contenders = {"ours": ours, "urllib, one after another": naive}
            return {name: pool.apply(contender, (urls,)) for name, contender in contenders.items()}
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    sys.exit(main())
