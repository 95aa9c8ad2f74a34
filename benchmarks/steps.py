"""What each step costs: articles (feeds, mails) per CPU second, which is what one core does.

    python -m benchmarks.steps [--articles 900] [--ledger postgresql://...]

Made articles in four languages go the whole way once, by the steps themselves: feeds from a web server, the committed
models, this project's topics and watch-list, a rule that mails one article in some ten, an SMTP server. Both servers
are another process, whose CPU is not counted; that of the parser's process is. Indented lines measure a part of the
step above them by itself. Everything is done one after the other: "a second" is what the one process reached.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.articles import LANGUAGES, START, Made, make
from benchmarks.clocks import Spent, spending, table
from pipeline.collect import Fetcher
from pipeline.config import Config, load_config
from pipeline.enrich import families
from pipeline.ledger import open_ledger
from pipeline.model import Rule, Source, SourceKind, TextItem
from pipeline.parse import Worker
from pipeline.settings import ROOT, Settings, load_settings
from pipeline.steps.collect import collect, plan
from pipeline.steps.context import Context
from pipeline.steps.enrich import enrich
from pipeline.steps.index import index
from pipeline.steps.mail import compose, send
from tests.smtpserver import smtp_server
from tests.webserver import serving

SPAWN = multiprocessing.get_context("spawn")
ENTRIES = 25  # in one feed
NOW = START + timedelta(days=365)
RULE = Rule("minister", ("analyst@example.org",), entities=("Prak Sokhonn",))
GIVEN = {"HOST_INTERVAL": "0", "FIRST_PASS_ALERTS": "1000", "ALERT_MAX_AGE": f"{400 * 86400}"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A feed of one language."""

    number: int
    language: str
    articles: tuple[Made, ...]

    @property
    def body(self) -> bytes:
        items = "".join(map(_item, self.articles))
        head = f"<title>Outlet {self.number}</title><link>https://outlet.example</link><description>news</description>"
        feed = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}'
        return f"{feed}<language>{self.language}</language>{items}</channel></rss>".encode()


def _item(made: Made) -> str:
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in made.text.split("\n\n"))
    return (
        f"<item><title>{escape(made.title)}</title><link>https://outlet.example/news/{made.number}</link>"
        f"<guid>{made.number}</guid><pubDate>{format_datetime(made.seen)}</pubDate>"
        f"<description>{escape(paragraphs)}</description></item>"
    )


def papers(count: int) -> list[Paper]:
    """`count` articles in feeds."""
    made = sorted(make(count), key=lambda each: (each.language, each.number))
    by_language = itertools.groupby(made, key=lambda each: each.language)
    found = [(language, tuple(some[at : at + ENTRIES])) for language, every in by_language
             for some in [list(every)] for at in range(0, len(some), ENTRIES)]  # fmt: skip
    return [Paper(number, language, some) for number, (language, some) in enumerate(found)]


def sources(printed: Sequence[Paper], web: str) -> tuple[Source, ...]:
    return tuple(
        Source(
            id=f"outlet-{paper.number}",
            name=f"Outlet {paper.number}",
            url=f"{web}/{paper.number}.xml",
            home=None,
            country="KH",
            language=paper.language,
            kind=SourceKind.INDEPENDENT,
            pages="never",
            allow_private=True,
        )
        for paper in printed
    )


def serve(pipe: Connection, bodies: Mapping[str, bytes]) -> None:
    """The web and the mail server, until told to stop."""
    routes = {path: (200, {"Content-Type": "text/xml", "ETag": '"1"'}, body) for path, body in bodies.items()}
    with serving(routes) as web, smtp_server() as smtp:
        pipe.send((str(web), smtp.host, smtp.port))
        pipe.recv()


@dataclass(slots=True)
class Bench:
    context: Context
    printed: Sequence[Paper]
    results: dict[str, Spent] = field(default_factory=dict)

    @property
    def articles(self) -> list[Made]:
        return [made for paper in self.printed for made in paper.articles]

    @contextmanager
    def measured(self, name: str, count: int = 0) -> Iterator[Spent]:
        """`count` may be set within, if it is known only then."""
        spent = self.results[name] = Spent()
        with spending(spent, count):
            yield spent

    def collect(self) -> None:
        with self.measured("collect: articles", len(self.articles)):
            report = collect(self.context, plan(self.context))
        if report.new != len(self.articles):
            raise RuntimeError(f"{report.new} of {len(self.articles)} articles came: {report.failed[:3]}")
        with self.measured("  fetched: feeds", len(self.printed)):
            asyncio.run(self._fetch())
        settings = self.context.settings
        with (
            self.measured("  parsed: articles", len(self.articles)),
            Worker(memory=settings.parse_memory, seconds=settings.parse_seconds) as worker,
        ):
            for paper in self.printed:
                worker.feed(paper.body, url="https://outlet.example/feed", now=NOW)
        with self.measured("  again, unchanged: feeds", len(self.printed)):
            collect(self.context, plan(self.context, everything=True))

    async def _fetch(self) -> None:
        async with Fetcher(self.context.settings) as fetcher:
            urls = [source.url for source in self.context.config.sources]
            await asyncio.gather(*(fetcher.fetch(url, allow_private=True) for url in urls))

    def enrich(self) -> None:
        made = {language: [each for each in self.articles if each.language == language] for language in LANGUAGES}
        annotator = self.context.annotator
        for some in made.values():  # dictionaries and models are loaded when first used
            tuple(annotator.annotate(_items(some[:2]), batch_size=2))
        with self.measured("enrich: articles", len(self.articles)):
            enrich(self.context)
        for language, some in made.items():
            with self.measured(f"  annotated, {language}: articles", len(some)):
                tuple(annotator.annotate(_items(some), batch_size=self.context.settings.enrich_batch))
        with self.measured("  signed for families: articles", len(self.articles)):
            for each in self.articles:
                families.bands(families.signature(families.family_text(each.title, each.text)))

    def index(self) -> None:
        with self.measured("index, embedded: articles", len(self.articles)):
            index(self.context)

    def mail(self) -> None:
        with self.measured("compose: mails") as spent:
            spent.count = compose(self.context).composed
        with self.measured("send: mails") as spent:
            spent.count = len(send(self.context).sent)


def _items(some: Sequence[Made]) -> list[TextItem]:
    return [TextItem(str(each.number), each.title, each.text, each.language) for each in some]


def measure(settings: Settings, printed: Sequence[Paper], web: str) -> dict[str, Spent]:
    ours = load_config(ROOT / "config")
    config = Config(sources(printed, web), ours.topics, ours.watchlist, (RULE,))
    ledger = open_ledger(settings)
    bench = Bench(Context(settings, config, ledger, clock=lambda: NOW), printed)
    try:
        for step in (bench.collect, bench.enrich, bench.index, bench.mail):
            step()
    finally:
        ledger.close()
    return bench.results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=900)
    parser.add_argument("--ledger", default="", help="address of an empty PostgreSQL database; default: SQLite")
    options = parser.parse_args()
    printed = papers(options.articles)
    here, there = SPAWN.Pipe()
    bodies = {f"/{paper.number}.xml": paper.body for paper in printed}
    server = SPAWN.Process(target=serve, args=(there, bodies), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as home:
        try:
            web, host, port = here.recv()
            given = GIVEN | {"HOME": home, "LEDGER": options.ledger, "SMTP_HOST": host, "SMTP_PORT": str(port)}
            settings = load_settings({f"NEWSWATCH_{name}": value for name, value in given.items()})
            results = measure(settings, printed, web)
            taken = sum(path.stat().st_size for path in (Path(home) / "search").rglob("*") if path.is_file())
        finally:
            server.terminate()
            server.join()
    letters = sum(len(made.text) for paper in printed for made in paper.articles) // options.articles
    print(f"{options.articles} articles of {letters} letters on average, in {len(printed)} feeds")
    print(table(results))
    print(f"embedded index: {taken // options.articles:,} bytes an article")
    return 0


if __name__ == "__main__":
    sys.exit(main())
