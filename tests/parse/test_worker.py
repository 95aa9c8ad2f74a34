from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import NotAFeed, ParserLimit
from pipeline.model import Entry, Feed, Page, Problem
from pipeline.parse import Worker
from pipeline.parse.feeds import parse_feed
from pipeline.parse.wire import feed_from_json, pack, page_from_json, to_json, unpack
from tests.hostile.documents import ampersands, healthy, huge_text

MEMORY = 512 * 1024 * 1024
URL = "https://outlet.example/feed"
PAGE = (
    b"<html lang=km><head><title>T</title></head><body><article><p>"
    + b"Some words here. " * 50
    + b"</p></article></body>"
)


def test_the_result_is_the_parsers_own(worker: Worker, now: datetime) -> None:
    headers = {"content-type": "application/rss+xml", "content-language": "km"}
    assert worker.feed(healthy(), url=URL, headers=headers, now=now) == parse_feed(
        healthy(), url=URL, headers=headers, now=now
    )


def test_a_page_comes_back_whole(worker: Worker, now: datetime) -> None:
    page = worker.page(PAGE, url="https://outlet.example/a", now=now)
    assert page.title == "T"
    assert page.language == "km"
    assert page.text
    assert page.text.startswith("Some words here.")


def test_errors_keep_their_kind_and_the_child_lives_on(worker: Worker) -> None:
    worker.feed(healthy(), url=URL)
    before = worker.pid
    with pytest.raises(NotAFeed) as caught:
        worker.feed(b"", url=URL)
    assert (caught.value.subject, caught.value.message) == (URL, "the document is empty")
    assert worker.pid == before
    assert worker.feed(healthy(), url=URL).entries


def test_the_future_is_judged_by_the_callers_clock(worker: Worker, now: datetime) -> None:
    body = healthy().replace(b"</guid>", b"</guid><pubDate>2026-11-24T00:00:00Z</pubDate>")
    assert worker.feed(body, url=URL, now=now).entries[0].published
    assert worker.feed(body, url=URL, now=now - timedelta(days=30)).entries[0].published is None


def test_too_much_computing_is_a_limit_and_the_next_document_is_read() -> None:
    with Worker(memory=MEMORY, seconds=1.0) as small:
        small.feed(healthy(), url=URL)
        first = small.pid
        start = time.monotonic()
        with pytest.raises(ParserLimit, match="second"):
            small.feed(ampersands(), url=URL)
        assert time.monotonic() - start < 5
        assert small.feed(healthy(), url=URL).entries
        assert small.pid != first


def test_too_much_memory_is_a_limit_and_the_next_document_is_read() -> None:
    with Worker(memory=96 * 1024 * 1024, seconds=8.0) as small:
        with pytest.raises(ParserLimit, match="96 MiB"):
            small.feed(huge_text(20_000_000), url=URL)
        assert small.feed(healthy(), url=URL).entries


def test_a_child_killed_from_outside_is_replaced(worker: Worker) -> None:
    worker.feed(healthy(), url=URL)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert worker.feed(healthy(), url=URL).entries


def test_a_stopped_child_is_given_up() -> None:
    with Worker(memory=MEMORY, seconds=0.5) as small:
        small.feed(healthy(), url=URL)
        assert small.pid is not None
        os.kill(small.pid, signal.SIGSTOP)
        with pytest.raises(ParserLimit, match="longer than"):
            small.feed(healthy(), url=URL)
        assert small.feed(healthy(), url=URL).entries


def test_threads_take_turns(worker: Worker) -> None:
    titles: list[str | None] = []

    def read(number: int) -> None:
        body = healthy().replace(b"<title>Title", f"<title>Title {number}".encode())
        titles.append(worker.feed(body, url=URL).entries[0].title)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(title or "" for title in titles) == [f"Title {number}" for number in range(8)]


def test_closing_leaves_no_process() -> None:
    with Worker(memory=MEMORY, seconds=1.0) as small:
        small.feed(healthy(), url=URL)
        pid = small.pid
    assert small.pid is None
    assert not Path(f"/proc/{pid}").exists()


def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os, signal, sys\n"
        "from pipeline.parse import Worker\n"
        "from tests.hostile.documents import healthy\n"
        "worker = Worker(memory=512 << 20, seconds=5)\n"
        "worker.feed(healthy(), url=None)\n"
        "print(worker.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    child = Path("/proc") / done.stdout.strip()
    deadline = time.monotonic() + 10
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert done.stdout.strip()
    assert not _alive(child)


def _alive(process: Path) -> bool:
    try:
        return "\nState:\tZ" not in (process / "status").read_text()
    except OSError:
        return False


def test_the_child_sees_no_secret_and_writes_no_file(worker: Worker) -> None:
    worker.feed(healthy(), url=URL)
    process = Path(f"/proc/{worker.pid}")
    names = {part.partition(b"=")[0] for part in (process / "environ").read_bytes().split(b"\0") if part}
    assert names <= {b"PYTHONPATH", b"PYTHONDONTWRITEBYTECODE", b"TZ", b"LC_ALL", b"LC_CTYPE"}
    limits = (process / "limits").read_text()
    assert "Max file size             0" in limits
    assert f"Max address space         {MEMORY}" in limits


MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.none()
TEXTS = st.text(max_size=20) | st.none()
PROBLEMS = st.lists(st.builds(Problem, st.text(), st.text()), max_size=3).map(tuple)
ENTRIES = st.builds(
    Entry,
    *(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    st.lists(st.text()).map(tuple),
    *(MOMENTS, TEXTS, MOMENTS, TEXTS, TEXTS),
)
FEEDS = st.builds(Feed, TEXTS, TEXTS, TEXTS, st.lists(ENTRIES, max_size=3).map(tuple), PROBLEMS)
PAGES = st.builds(Page, st.text(), TEXTS, TEXTS, TEXTS, MOMENTS, PROBLEMS)


@given(FEEDS, PAGES, st.binary(max_size=50))
def test_frames_bring_back_what_was_sent(feed: Feed, page: Page, body: bytes) -> None:
    data = pack({"feed": to_json(feed), "page": to_json(page)}, body)
    header, rest = unpack(Reader(data))
    assert feed_from_json(header["feed"]) == feed
    assert page_from_json(header["page"]) == page
    assert rest == body


@pytest.mark.parametrize("data", [b"\xff" * 8, pack({})[:-1], b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\1\0\0\0\0x", b""])
def test_broken_frames_are_refused(data: bytes) -> None:
    with pytest.raises((EOFError, ValueError)):
        unpack(Reader(data))


class Reader:
    """Gives bytes as a pipe does."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __call__(self, size: int) -> bytes:
        part, self._data = self._data[:size], self._data[size:]
        if len(part) < size:
            raise EOFError
        return part
