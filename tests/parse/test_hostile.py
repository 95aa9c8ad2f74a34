"""Every hostile document gives a result or a typed refusal, in time, in memory, and harms no later document."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.errors import ParseError, ParserLimit
from pipeline.model import Feed
from pipeline.parse import Worker
from tests.hostile import documents
from tests.hostile.documents import HEAVY, MENDED, REFUSED
from tests.parse.test_sanitise import dangers

URL = "https://outlet.example/feed"
SECONDS = 10.0
MEMORY = 1024 * 1024  # KiB


def peak(pid: int) -> int:
    """The most memory a process ever held, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def within_limits(worker: Worker, body: bytes, now: datetime) -> Feed | ParseError:
    start = time.monotonic()
    try:
        result: Feed | ParseError = worker.feed(body, url=URL, now=now)
    except ParseError as error:
        result = error
    assert time.monotonic() - start < SECONDS
    assert worker.pid is None or peak(worker.pid) < MEMORY
    return result


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_parsing(name: str, worker: Worker, now: datetime) -> None:
    result = within_limits(worker, REFUSED[name](), now)
    assert isinstance(result, ParseError)
    assert result.code == name.partition(":")[0]
    assert result.subject == URL


@pytest.mark.parametrize("make", MENDED)
def test_mended_and_read(make: Callable[[], bytes], worker: Worker, now: datetime) -> None:
    feed = within_limits(worker, make(), now)
    assert isinstance(feed, Feed)
    assert feed.entries
    repr(feed).encode("utf-8")
    for entry in feed.entries:
        assert dangers(entry.summary or "") == dangers(entry.content or "") == []
        assert entry.url is None or entry.url.startswith("https://")


@pytest.mark.parametrize("make", HEAVY)
def test_heavy_ones_end_in_time(make: Callable[[], bytes], now: datetime) -> None:
    with Worker(memory=512 * 1024 * 1024, seconds=1.5) as worker:
        within_limits(worker, make(), now)
        assert worker.feed(documents.healthy(), url=URL, now=now).entries


def test_a_bomb_that_passed_the_gate_would_meet_the_limit(now: datetime) -> None:
    with Worker(memory=512 * 1024 * 1024, seconds=1.0) as worker:
        result = within_limits(worker, documents.ampersands(), now)
    assert isinstance(result, ParserLimit)


def test_the_words_survive(worker: Worker, now: datetime) -> None:
    def first(make: Callable[[], bytes]) -> tuple[str | None, str | None]:
        entry = worker.feed(make(), url=URL, now=now).entries[0]
        return entry.title, entry.summary

    assert first(documents.surrogate_reference) == ("Half \ufffd a pair", "before \ufffd and \ufffd\ufffd after")
    assert first(documents.surrogate_bytes) == ("Half \ufffd a pair", "before \ufffd after")
    assert first(documents.nul_bytes) == ("Title", "onetwothree")
    assert first(documents.undeclared_latin)[0] == "L'été à Phnom Penh"
    assert first(documents.declared_wrongly)[0] == "洪森会见王毅，柬中关系牢不可破"


PAGES: tuple[Callable[[], bytes], ...] = (
    lambda: b"<html><body>" + b"<div>" * 100_000 + b"deep words " * 100,
    lambda: b"<p>" * 200_000,
    lambda: b"<html><body><p>" + b"x\x00\xed\xa0\x80 words and more words. " * 200,
    lambda: b"<table><tr><td>" * 20_000 + b"x",
    lambda: b"<html><body><p>" + b"word " * 1_000_000,
    lambda: b"<meta " * 200_000,
    lambda: b'"datePublished" : "' * 100_000,
    lambda: b"\xff\xfe" + "<p>half a character".encode("utf-16-le") + b"\x00\xd8",
)


@pytest.mark.parametrize("make", PAGES)
def test_pages_too(make: Callable[[], bytes], now: datetime) -> None:
    with Worker(memory=512 * 1024 * 1024, seconds=3.0) as worker:
        start = time.monotonic()
        with contextlib.suppress(ParserLimit):
            repr(worker.page(make(), url=URL, now=now)).encode("utf-8")
        assert time.monotonic() - start < SECONDS
        assert worker.pid is None or peak(worker.pid) < MEMORY
