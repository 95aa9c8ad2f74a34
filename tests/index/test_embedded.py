"""The embedded back end in its folder: one writer, other versions, damage, and sudden death at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline.errors import IndexMismatch, NewswatchError, SearchUnavailable
from pipeline.index import Document, document
from pipeline.index.embedded import EmbeddedIndex
from pipeline.query import parse_query
from pipeline.settings import ROOT
from tests.index.corpus import NOW, annotated

WRITER = """
import sys
from pathlib import Path
from pipeline.index.embedded import EmbeddedIndex
from tests.index.test_embedded import numbered
index = EmbeddedIndex(Path(sys.argv[1]))
if sys.argv[2] == "rebuild":
    index.rebuild(numbered(int(sys.argv[3])))
else:
    for outcome in index.write(numbered(int(sys.argv[3]))):
        print(outcome.id, flush=True)
"""


def numbered(count: int) -> list[Document]:
    return [document(annotated(f"n{number}", title=f"Number {number}")) for number in range(count)]


def started(folder: Path, task: str, count: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), task, str(count)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    out, _ = process.communicate(timeout=120)
    return process.returncode, out.split()


def test_the_loser_of_two_writers_waits_or_gives_up(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path)
    writing = index.write(numbered(1))
    next(writing)
    with pytest.raises(SearchUnavailable, match="another process") as caught:
        list(EmbeddedIndex(tmp_path, wait=0.1).write(numbered(1)))
    assert caught.value.transient
    timer = threading.Timer(0.3, writing.close)
    timer.start()
    assert [outcome.status for outcome in EmbeddedIndex(tmp_path, wait=20).write(numbered(2))] == ["written", "written"]
    timer.join()


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path, wait=0.1)
    writing = index.write(numbered(600))
    next(writing)
    assert EmbeddedIndex(tmp_path).count() == 500
    writing.close()
    assert EmbeddedIndex(tmp_path).count() == 500


def test_an_index_of_another_version_is_refused_and_rebuilt(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path)
    list(index.write(numbered(3)))
    note = next(tmp_path.glob("g*/newswatch.json"))
    note.write_text(json.dumps({"schema": 0}))
    other = EmbeddedIndex(tmp_path)
    for ask in (other.setup, other.count, other.ping, lambda: list(other.write(numbered(1)))):
        with pytest.raises(IndexMismatch, match=r"another version.*newswatch reindex"):
            ask()
    other.rebuild(numbered(2))
    assert other.count() == 2
    other.setup()


@pytest.mark.parametrize("victim", ["meta.json", "newswatch.json", "*.store", "*.term"])
def test_a_damaged_index_says_so_and_can_be_rebuilt(tmp_path: Path, victim: str) -> None:
    list(EmbeddedIndex(tmp_path).write(numbered(3)))
    for path in tmp_path.glob(f"g*/{victim}"):
        path.write_bytes(b"{damaged")
    damaged = EmbeddedIndex(tmp_path)
    with pytest.raises(IndexMismatch, match="newswatch reindex"):
        damaged.search(parse_query("number"), limit=3, now=NOW)
    assert damaged.rebuild(numbered(2)).written == 2
    assert damaged.search(parse_query("number"), limit=3, now=NOW).total == 2


@pytest.mark.parametrize(
    ("point", "task", "found"),
    [
        ("index.commit.before", "write", 2),
        ("index.commit.before:2", "write", 500),
        ("index.commit.after:2", "write", 1000),
        ("index.commit.before:2", "rebuild", 2),
        ("index.swap.before", "rebuild", 2),
        ("index.swap.after", "rebuild", 1400),
    ],
)
def test_a_process_killed_at_a_boundary_leaves_a_whole_index(tmp_path: Path, point: str, task: str, found: int) -> None:
    index = EmbeddedIndex(tmp_path)
    list(index.write(numbered(2)))
    status, said = finished(started(tmp_path, task, 1400, NEWSWATCH_TEST_CRASH=point))
    assert status == -signal.SIGKILL
    assert index.count() == EmbeddedIndex(tmp_path).count() == found
    assert len(said) <= found
    assert len(list(index.write(numbered(1400)))) == 1400
    assert index.count() == 1400
    index.rebuild(numbered(5))
    assert len(list(tmp_path.glob("g*"))) == 1
    assert index.count() == 5


def test_processes_killed_at_random_moments_lose_nothing_they_promised(tmp_path: Path) -> None:
    chance = random.Random(3)
    promised: set[str] = set()
    EmbeddedIndex(tmp_path).setup()
    for turn in range(8):
        rebuilds = turn % 4 == 3
        process = started(tmp_path, "rebuild" if rebuilds else "write", 3000)
        first = "" if rebuilds else (process.stdout or sys.stdin).readline()
        time.sleep(chance.random() * (3.0 if rebuilds else 0.4))
        process.kill()
        _, said = finished(process)
        promised |= {*first.split(), *said[:-1]}  # the last line may be cut
        index = EmbeddedIndex(tmp_path)
        there = set(index.ids())
        assert promised <= there
        assert index.count() == len(there)
    assert promised
    assert {outcome.done for outcome in index.write(numbered(3000))} == {True}
    assert sorted(index.ids()) == sorted(one.id for one in numbered(3000))


def test_readers_go_on_while_the_index_is_rebuilt(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path)
    index.rebuild(numbered(20))
    done = threading.Event()
    seen: list[int] = []
    troubles: list[Exception] = []

    def read() -> None:
        reader = EmbeddedIndex(tmp_path)
        while not done.is_set():
            try:
                seen.append(reader.search(parse_query("number"), limit=5, now=NOW).total)
            except (NewswatchError, ValueError, OSError) as error:
                troubles.append(error)

    reading = [threading.Thread(target=read) for _ in range(2)]
    for thread in reading:
        thread.start()
    for _ in range(15):
        index.rebuild(numbered(20))
    done.set()
    for thread in reading:
        thread.join()
    assert troubles == []
    assert set(seen) == {20}
