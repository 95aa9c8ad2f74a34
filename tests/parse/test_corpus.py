"""feedparser's own test documents and two real feeds: each gives a result or a typed refusal, equal to feedparser's.

feedparser itself, with its sanitiser on, is the reference for what a document says. Where we differ on purpose is
named below. The corpus is outside the tree: see `conftest.py`.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

import feedparser

from pipeline.errors import HostileDocument, NotAFeed, ParseError
from pipeline.model import Entry, Feed
from pipeline.parse import Worker
from pipeline.parse.dates import from_struct
from pipeline.parse.sanitise import one_line, plain_text
from tests.parse.data import FOLDER, archive
from tests.parse.test_hostile import MEMORY, SECONDS, peak
from tests.parse.test_sanitise import dangers

REFUSED = {  # all that may not be read, with the reason
    "tests/illformed/rss_empty_document.xml": NotAFeed,  # a comment and nothing else
    "tests/wellformed/rdf/doctype_contains_entity_decl.xml": HostileDocument,  # declares entities
    "tests/wellformed/rss/entity_in_doctype.xml": HostileDocument,
}
GUESSED = "tests/illformed/chardet/"  # where feedparser needs a library to guess the encoding, and has none here


@cache
def documents() -> dict[str, bytes]:
    found = {
        name: body for name, body in archive(FOLDER / "feeds" / "feedparser-testcases.tar.gz") if "formed/" in name
    }
    return found | {path.name: path.read_bytes() for path in (FOLDER / "feeds").glob("real-*.rss")}


def read(worker: Worker, name: str, now: datetime) -> Feed | ParseError:
    start = time.monotonic()
    try:
        return worker.feed(documents()[name], url=None, now=now)
    except ParseError as error:
        return error
    finally:
        assert time.monotonic() - start < SECONDS, name


def test_every_document_is_read_or_refused_by_name(worker: Worker, now: datetime) -> None:
    assert len(documents()) > 1700
    refused = {}
    for name in documents():
        result = read(worker, name, now)
        if isinstance(result, ParseError):
            refused[name] = type(result)
            continue
        repr(result).encode("utf-8")
        for entry in result.entries:
            assert dangers(entry.summary or "") == dangers(entry.content or "") == [], name
    assert refused == REFUSED
    assert worker.pid is not None
    assert peak(worker.pid) < MEMORY


def test_entries_say_what_feedparser_says(worker: Worker, now: datetime) -> None:
    compared: Counter[str] = Counter()
    for name, body in documents().items():
        result = read(worker, name, now)
        if isinstance(result, ParseError) or name.startswith(GUESSED):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            reference = feedparser.parse(body)
        assert (result.format or "") == (reference.version or ""), name
        assert len(result.entries) == len(reference.entries), name
        for entry, other in zip(result.entries, reference.entries, strict=True):
            compared.update(_same(name, entry, other))
    print(dict(compared))
    assert min(compared[field] for field in ("id", "url", "title", "published", "updated", "author")) > 30


def _same(name: str, entry: Entry, other: dict[str, Any]) -> set[str]:
    """Asserts that the fields agree; gives those that had something to compare."""
    compared = set()
    if own_id := dict.get(other, "id"):
        assert entry.id == own_id, name
        compared.add("id")
    if str(link := dict.get(other, "link")).startswith(("http://", "https://")):
        assert entry.url == link, name
        compared.add("url")
    if (title := dict.get(other, "title")) and "sanitize/entry_title" not in name:  # there, sanitisers differ
        is_markup = other["title_detail"]["type"] in ("text/html", "application/xhtml+xml")
        assert entry.title == (one_line(plain_text(title) if is_markup else title) or None), name
        compared.add("title")
    for field, moment in (("published", entry.published), ("updated", entry.updated)):
        if reference := from_struct(dict.get(other, f"{field}_parsed")):
            assert moment == reference, name
            compared.add(field)
    if names := [one_line(author["name"]) for author in dict.get(other, "authors") or () if author.get("name")]:
        assert list(entry.authors) == list(dict.fromkeys(names)), name
        compared.add("author")
    return compared


def test_the_real_feeds_are_read_whole(worker: Worker, now: datetime) -> None:
    for name, count in (("real-cnn.rss", 69), ("real-korean-times.rss", 195)):
        feed = read(worker, name, now)
        assert isinstance(feed, Feed)
        assert (feed.format, len(feed.entries), feed.problems) == ("rss20", count, ())
        for entry in feed.entries:
            assert entry.id, name
            assert entry.title, name
            assert (entry.url or "").startswith("https://"), name
        dated = sum(entry.published is not None for entry in feed.entries)
        assert dated == sum(entry.published_raw is not None for entry in feed.entries) >= count * 0.7, name


def test_undeclared_encodings_are_guessed(worker: Worker, now: datetime) -> None:
    titles = {}
    for name in documents():
        if name.startswith(GUESSED):
            feed = read(worker, name, now)
            assert isinstance(feed, Feed)
            assert [problem.code for problem in feed.problems] == ["encoding"], name
            titles[name.rpartition("/")[2]] = feed.entries[0].title if feed.entries else feed.title
    assert titles["gb2312.xml"] == "不归移民漫画系列：专业工作"
    assert titles["eucjp.xml"] == "ゲーム三昧な正月"
    assert titles["koi8r.xml"] == "Как пережить новогоднюю ночь"
