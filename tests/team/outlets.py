"""Outlets that go on publishing: whoever reads one of their feeds finds an article more than the last reader did.

Every text is unlike the others, so each is a family of its own, but for the copies: each third article of the second
outlet is one of the first outlet's, word for word. Words and outlets are made up.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web
from ruamel.yaml import YAML

from tests.webserver import Answer, Handler, serving
from tests.world import ROOT

OUTLETS = ("wire", "mirror", "courier")
READER = "desk@newsroom.example"
SHOWN = 500  # articles in a feed: none may leave it unread
_STEMS = "bar ches dom ful gor hin jat kel lom mur nev pol quar rit sol tam vor wex yan zil".split()
WORDS = [first + second for first in _STEMS for second in _STEMS]


@dataclass(frozen=True, slots=True)
class Article:
    outlet: str
    number: int
    base: str
    title: str
    text: str
    at: datetime

    @property
    def url(self) -> str:
        return f"{self.base}/{self.outlet}/{self.number}.html"


@dataclass(slots=True)
class Newsroom:
    base: str = ""
    closed: bool = False  # publishes no more
    published: dict[str, list[Article]] = field(default_factory=lambda: {name: [] for name in OUTLETS})
    lock: threading.Lock = field(default_factory=threading.Lock)
    routes: dict[str, Answer | Handler] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.routes |= {f"/{name}.xml": self._feed(name) for name in OUTLETS}

    def articles(self) -> list[Article]:
        with self.lock:
            return [article for name in OUTLETS for article in self.published[name]]

    def close(self) -> list[Article]:
        """Everything there ever was."""
        with self.lock:
            self.closed = True
        return self.articles()

    def publish(self, outlet: str) -> None:
        written = self.published[outlet]
        number = len(written)
        title, text = _text(outlet, number)
        first = self.published["wire"]
        if outlet == "mirror" and number % 3 == 0 and number < len(first):
            text = first[number].text
        article = Article(outlet, number, self.base, title, text, datetime.now(UTC))
        written.append(article)
        self.routes[f"/{outlet}/{number}.html"] = (200, {"Content-Type": "text/html"}, _page(article))

    def burst(self, count: int) -> None:
        """So many more articles of each outlet."""
        with self.lock:
            for name in OUTLETS * count:
                self.publish(name)

    def _feed(self, outlet: str) -> Handler:
        async def answer(_: web.Request) -> web.Response:
            with self.lock:
                if not self.closed:
                    self.publish(outlet)
                items = "".join(map(_item, self.published[outlet][-SHOWN:]))
            head = f"<title>{outlet}</title><link>{self.base}/</link><description/>"
            document = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'
            return web.Response(text=document, content_type="application/rss+xml")

        return answer


@contextmanager
def publishing(first: int) -> Iterator[Newsroom]:
    """A newsroom on a real web server, each outlet with `first` articles at the start."""
    newsroom = Newsroom()
    with serving(newsroom.routes) as base:
        newsroom.base = str(base)
        newsroom.burst(first)
        yield newsroom


def write_config(folder: Path, newsroom: Newsroom) -> Path:
    """The project's topics and watch-list, these outlets, and one rule that mails every article of theirs."""
    folder.mkdir()
    for name in ("topics.yml", "watchlist.yml"):
        (folder / name).symlink_to(ROOT / "config" / name)
    common = {"country": "KH", "language": "en", "kind": "agency", "allow_private": True}
    sources = [{"id": name, "name": name, "url": f"{newsroom.base}/{name}.xml", **common} for name in OUTLETS]
    sources[-1]["pages"] = "always"
    rules = [{"name": "everything", "recipients": [READER], "sources": list(OUTLETS)}]
    for name, content in (("feeds.yml", {"sources": sources}), ("alerts.yml", {"alerts": rules})):
        with (folder / name).open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(content, file)
    return folder


def _item(article: Article) -> str:
    return (
        f"<item><title>{article.title}</title><link>{article.url}</link><guid>{article.url}</guid>"
        f"<pubDate>{format_datetime(article.at)}</pubDate><description>{article.text}</description></item>"
    )


def _page(article: Article) -> str:
    """What the summary says, and more."""
    more = _text(f"{article.outlet} page", article.number)[1]
    body = f"<h1>{article.title}</h1><p>{article.text}</p><p>{more}</p>"
    return f'<html lang="en"><head><title>{article.title}</title></head><body><article>{body}</article></body></html>'


def _text(outlet: str, number: int) -> tuple[str, str]:
    words = random.Random(f"{outlet} {number}").choices(WORDS, k=90)
    return " ".join(words[:6]).capitalize(), " ".join(words[6:]).capitalize() + "."
