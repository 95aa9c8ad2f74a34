"""newswatch parse, extract, annotate, families: each stage alone, on files and standard input, JSON Lines out."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.cli.machine import environment, offline
from tests.hostile.documents import entity_bomb
from tests.world import COMMAND, ROOT, VISIT, World, page, rss

SEED = ROOT / "seeds" / "000_cc05a888fb15b622.txt"
EXPECTED = SEED.with_suffix(".expected.yml")
GROUPS = {
    "people": ("PERSON",),
    "bodies": ("ORG",),
    "places": ("GPE", "LOC", "FAC"),
    "groups": ("NORP",),
    "events": ("EVENT",),
}
HELD = 128  # rows that may be on their way: a batch and a buffer
TITLE, _, TEXT = SEED.read_text(encoding="utf-8").partition("\n")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return offline(tmp_path_factory.mktemp("files"))


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Standard output, which must hold JSON objects and nothing else."""
    assert "Traceback" not in done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(isinstance(row, dict) for row in found)
    return found


def codes(row: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in row.get("problems", [])]


def lines(*items: dict[str, Any]) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


# --- parse and extract --------------------------------------------------------------------------------------


def test_parse(world: World, tmp_path: Path) -> None:
    relative, bomb = tmp_path / "relative.xml", tmp_path / "bomb.xml"
    relative.write_bytes(rss("Daily", [], "").replace(b"</channel>", b"<item><link>/one</link></item></channel>"))
    bomb.write_bytes(entity_bomb())
    files = [ROOT / "seeds/feeds/mekong-ribao.xml", relative, bomb]
    done = world.newswatch("parse", *map(str, files), "--url", "https://daily.example/feed.xml")
    found = rows(done)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["file"] for row in found] == [str(file) for file in files]
    assert [codes(row) for row in found] == [[], [], ["hostile_document"]]
    assert found[0]["entries"][0]["title"] == "王毅同柬埔寨副首相兼外交大臣布拉索昆举行会谈"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[0]["entries"][0]["published"])
    assert found[1]["entries"][0]["url"] == "https://daily.example/one"


def test_extract(world: World, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(page("Minister off to China", VISIT))
    done = world.newswatch("extract", str(file), "--url", "https://daily.example/1")
    (row,) = rows(done)
    assert (done.returncode, done.stderr, row["problems"]) == (0, "", [])
    assert (row["title"], row["language"]) == ("Minister off to China", "en")
    assert "three days of talks" in row["text"]


@pytest.mark.parametrize("arguments", [["parse"], ["extract", "--url", "https://daily.example/1"]])
def test_a_file_that_cannot_be_read_is_a_row_and_status_1(world: World, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "page").write_bytes(
        page("Minister off to China", VISIT) if "extract" in arguments else rss("A", [], "")
    )
    done = world.newswatch(*arguments, str(tmp_path / "missing"), str(tmp_path / "page"), str(tmp_path))
    assert done.returncode == 1
    assert [codes(row) for row in rows(done)] == [["unreadable"], [], ["unreadable"]]


@pytest.mark.parametrize(
    "arguments", [["parse"], ["parse", "x", "--uri", "y"], ["extract", "x"], ["annotate"], ["families", "a", "b"]]
)
def test_bad_options(world: World, arguments: list[str]) -> None:
    done = world.newswatch(*arguments)
    assert (done.returncode, done.stdout) == (2, "")


def printed(row: dict[str, Any], labels: Sequence[str]) -> list[tuple[str, str | None, list[str]]]:
    """Name, Wikidata id and mentions of each entity with one of the labels, in order of first mention."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for each in row["entities"]:
        if each["label"] in labels:
            found.setdefault((each["name"], each["wikidata"]), []).append(each["text"])
    return [(*entity, texts) for entity, texts in found.items()]


# --- annotate -----------------------------------------------------------------------------------------------


def test_annotate_the_seed(world: World, tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text(lines({"id": "seed", "title": TITLE, "text": TEXT}, {"id": 2, "text": "Rice."}) + "no\n", "utf-8")
    done = world.newswatch("annotate", str(file))
    seed, rice, wrong = rows(done)
    raw = f"{TITLE}\n{TEXT}"
    assert done.returncode == 0
    assert re.fullmatch(r"3 articles in \d+\.\d s, \d+ a second\n", done.stderr)
    assert list(seed) == ["id", "language", "topics", "entities", "dates", "quotes"]
    evidence = [span for topic in seed["topics"].values() for span in topic["evidence"]]
    assert len(evidence) > 5
    for span in (*seed["entities"], *seed["dates"], *seed["quotes"], *evidence):
        assert raw[span["start"] : span["end"]] == span["text"]
    expected = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    assert sorted(name for name, topic in seed["topics"].items() if topic["match"]) == expected["topics"]
    for group, labels in GROUPS.items():
        assert printed(seed, labels) == [
            (each["name"], each.get("wikidata"), each["printed"]) for each in expected[group]
        ]
    assert [span["text"] for span in seed["dates"]] == expected["dates"]
    assert {entity["label"] for entity in seed["entities"]} <= {label for labels in GROUPS.values() for label in labels}
    assert [quote["speaker"] for quote in seed["quotes"]] == ["Prak Sokhonn", None, "Li Keqiang"]
    assert (rice["id"], [topic["match"] for topic in rice["topics"].values()]) == (2, [False, False])
    assert codes(wrong) == ["not_json"]


@dataclass(slots=True)
class Piped:
    """`newswatch annotate -`, fed through a pipe that stays open until it is told to end."""

    process: subprocess.Popen[str]
    memory: list[int] = field(default_factory=list)  # bytes, at each rest

    def feed(self, items: Iterator[dict[str, Any]], count: int) -> None:
        """Feed `count` items, and read the rows as they come until few are left in buffers."""
        writer = threading.Thread(target=self._write, args=([next(items) for _ in range(count)],))
        writer.start()
        assert self.process.stdout is not None
        for _ in range(count - HELD):
            json.loads(self.process.stdout.readline())
        writer.join()
        self.memory.append(psutil.Process(self.process.pid).memory_info().rss)

    def end(self) -> tuple[list[str], str]:
        """Close the pipe; the rows that are left, and what was said on standard error."""
        process = self.process
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.close()
        rest = process.stdout.readlines()
        return rest, process.stderr.read()

    def _write(self, items: list[dict[str, Any]]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(lines(*items))
        self.process.stdin.flush()


def news() -> Iterator[dict[str, Any]]:
    """Short items without end, each with words that no other has."""
    number = 0
    while True:
        number += 1
        text = f"Prak Sokhonn received delegation {number} of the firm Xin{number} in Phnom Penh. He spoke of ASEM."
        yield {"id": f"item-{number}", "title": f"Delegation {number} arrives", "text": text}


def growth(world: World, *, first: int, then: int) -> float:
    """MiB that the command grows from `first` items to `first + then`."""
    command = [str(COMMAND), "annotate", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(world), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        items, piped = news(), Piped(process)
        piped.feed(items, first)
        piped.feed(items, then)
        rest, err = piped.end()
    assert process.returncode == 0
    assert len(rest) == 2 * HELD
    assert re.match(rf"{first + then} articles in \d+\.\d s, \d+ a second\n", err)
    return (piped.memory[1] - piped.memory[0]) / 2**20


def test_annotate_streams_in_constant_memory(world: World) -> None:
    assert growth(world, first=200, then=300) < 40


@pytest.mark.soak
def test_annotate_streams_ten_thousand_items_in_constant_memory(world: World) -> None:
    assert growth(world, first=2_000, then=8_000) < 60


# --- families -----------------------------------------------------------------------------------------------


def test_families(world: World, tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    items = [
        {"id": "cut", "title": TITLE, "text": TEXT[: len(TEXT) * 2 // 3], "published": "2019-06-10T00:00:00Z"},
        {"id": "other", "title": "Rice exports", "text": VISIT},
        {"id": "seed", "title": TITLE, "text": TEXT, "published": "2019-06-09T00:00:00Z"},
        {"id": "headline", "title": "Closer than ever", "text": TEXT},
    ]
    file.write_text(lines(*items), encoding="utf-8")
    done = world.newswatch("families", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert [(row["id"], row["family"], row["first"]) for row in rows(done)] == [
        ("cut", "seed", False),
        ("other", "other", True),
        ("seed", "seed", True),
        ("headline", "seed", False),
    ]


@pytest.mark.parametrize("command", ["annotate", "families"])
def test_lines_that_cannot_be_read_are_status_1(world: World, tmp_path: Path, command: str) -> None:
    for path in (tmp_path / "missing", tmp_path):
        done = world.newswatch(command, str(path))
        assert (done.returncode, done.stdout) == (1, "")
        assert re.search(r"cannot be read: (No such file|Is a directory)", done.stderr)
