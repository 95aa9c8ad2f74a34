"""The embedded index beside a naive one: SQLite and LIKE, on the same generated articles, in one run.

Prints one JSON object: rates, latencies, sizes and memory of both. It draws no conclusion; numbers are of the machine
it runs on. Usage: python -m benchmarks.search [--articles 20000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from pipeline.index import Document
from pipeline.index.embedded import EmbeddedIndex
from pipeline.query import Query, parse_query

START = datetime(2026, 1, 1, tzinfo=UTC)
SYLLABLES = [
    "ka",
    "so",
    "mi",
    "ren",
    "ta",
    "vu",
    "lo",
    "pha",
    "ne",
    "bri",
    "do",
    "xi",
    "gu",
    "san",
    "te",
    "ro",
    "li",
    "am",
]
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 2500)]
KHMER = [chr(code) for code in range(0x1780, 0x17A3)]
LANGUAGES = ("en", "en", "fr", "zh", "km")
REPEATS = 15

# (name, our query, the LIKE that comes nearest)
QUERIES = [
    ("frequent word", "kaso", "%kaso%"),
    ("rare word", "summit", "%summit%"),
    ("phrase", '"prak sokhonn"', "%prak sokhonn%"),
    ("Chinese run", "柬埔寨", "%柬埔寨%"),
    ("prefix", "sokh*", "%sokh%"),
    ("two words", "kaso AND summit", "%kaso%summit%"),
    ("topic and facet", "topic:asem", "%asem%"),
]


def documents(count: int, seed: int = 1) -> Iterator[Document]:
    """Articles of 150 to 600 words in four languages, a few of them about what is searched for."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]
    weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(words))))
    words[:1] = ["kaso"]
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        text = _text(chance, language, words, weights)
        if number % 97 == 0:
            text += " Prak Sokhonn opened the summit. 柬埔寨外交部长。"
        moment = (START + timedelta(minutes=number * 7)).strftime("%Y-%m-%dT%H:%M:%SZ")
        person = f"Person {chance.randint(1, 500)}"
        yield Document(f"a{number}", 1, _body(number, language, text, moment, person))


def _text(chance: random.Random, language: str, words: list[str], weights: list[float]) -> str:
    length = chance.randint(150, 600)
    if language in ("zh", "km"):
        letters = HAN if language == "zh" else KHMER
        return "。".join("".join(chance.choices(letters, k=25)) for _ in range(length // 15))
    return " ".join(chance.choices(words, cum_weights=weights, k=length))


def _body(number: int, language: str, text: str, moment: str, person: str) -> dict[str, object]:
    return {
        "id": f"a{number}",
        "revision": 1,
        "source": f"source-{number % 60}",
        "source_name": f"Source {number % 60}",
        "language": language,
        "title": text[:60],
        "text": text,
        "published": moment,
        "first_seen": moment,
        "date": moment,
        "topic": ["asem"] if number % 50 == 0 else [],
        "topics": {"asem": (number % 50) / 50},
        "entity": [person, person.split()[1]],
        "person": [person],
        "entity_name": [person],
        "family": f"a{number - number % 3}",
    }


def timed(task: Callable[[], int]) -> dict[str, float]:
    """Milliseconds of a task, over repeats, and how many articles it found."""
    taken, found = [], 0
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = task()
        taken.append((time.perf_counter() - start) * 1000)
    return {"median_ms": round(statistics.median(taken), 2), "max_ms": round(max(taken), 2), "found": found}


def embedded(folder: Path, count: int) -> dict[str, object]:
    index = EmbeddedIndex(folder)
    start = time.perf_counter()
    index.rebuild(documents(count))
    taken = time.perf_counter() - start
    now = START + timedelta(days=365)
    queries = {}
    for name, asked, _ in QUERIES:
        query = parse_query(asked)
        facets = ("source", "person") if "facet" in name else ()
        queries[name] = timed(partial(_total, index, query, facets, now))
    return {"articles_per_second": round(count / taken), "bytes": size(folder), "queries": queries, "rss_mib": memory()}


def _total(index: EmbeddedIndex, query: Query, facets: Sequence[str], now: datetime) -> int:
    return index.search(query, limit=10, facets=facets, now=now).total


def _like(base: sqlite3.Connection, like: str) -> int:
    return int(base.execute("SELECT count(*) FROM article WHERE text LIKE ?", (like,)).fetchone()[0])


def naive(folder: Path, count: int) -> dict[str, object]:
    folder.mkdir()
    base = sqlite3.connect(folder / "naive.sqlite")
    base.execute("CREATE TABLE article (id TEXT PRIMARY KEY, published TEXT, text TEXT)")
    start = time.perf_counter()
    rows = (
        (one.id, one.body["published"], f"{one.body['text']} {' '.join(one.body['topic'])}") for one in documents(count)
    )
    base.executemany("INSERT INTO article VALUES (?, ?, ?)", rows)
    base.commit()
    taken = time.perf_counter() - start
    queries = {name: timed(partial(_like, base, like)) for name, _, like in QUERIES}
    return {"articles_per_second": round(count / taken), "bytes": size(folder), "queries": queries}


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def memory() -> int:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    start = time.perf_counter()
    made = sum(len(one.body["text"]) for one in documents(given.articles))
    generating = time.perf_counter() - start
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        result = {
            "articles": given.articles,
            "code_points": made,
            "generating_s": round(generating, 1),  # part of both indexing times
            "embedded": embedded(folder / "embedded", given.articles),
            "naive": naive(folder / "naive", given.articles),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
