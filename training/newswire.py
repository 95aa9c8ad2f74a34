"""Newswire of the data folder with its names marked by hand: what the choice between recognisers rests on.

The gold files hold, for each item, its id, how many code points of "title, line break, text" were read, their
checksum, and spans by docs/entities.md. Promises samples that are exactly what was read, or an error that names the
item: the texts stay in the data folder. Wrapped lines are joined and remains of markup blanked, both without moving
an offset, because the recogniser never sees either in an article.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.samples import Sample, Span

GOLD = Path(__file__).parent / "gold"
SPLITS = ("dev", "test")
NEWS = Path("topics", "unlabelled_news.jsonl")  # in the data folder

_MARKUP = re.compile(r'<a [^<>]*"|</[a-z]+|<[a-z]{1,2}(?=[A-Z])')  # its closing brackets were lost before us
_WRAPPED = re.compile(r"(?<=[^\n]{55})\n(?=[^\n])")


@dataclass(frozen=True, slots=True)
class Marked:
    """One item: the first `length` code points of it were read, and these spans found."""

    id: str
    length: int
    sha256: str
    spans: tuple[Span, ...]


def marked(split: str) -> tuple[Marked, ...]:
    """The items of "dev" or "test", without their texts."""
    lines = (GOLD / f"newswire_{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_item(json.loads(line)) for line in lines)


def newswire(folder: Path, split: str) -> list[Sample]:
    """The samples of a split. Raises ValueError for an item whose text is missing or not the one that was read."""
    texts = dict(_texts(folder / NEWS))
    return [Sample(_read(item, texts), item.spans) for item in marked(split)]


def held_out() -> frozenset[str]:
    """Ids of all items that are for scoring, not for training."""
    return frozenset(item.id for split in SPLITS for item in marked(split))


def _item(row: dict[str, object]) -> Marked:
    spans = row["spans"]
    assert isinstance(spans, Iterable)
    triples = tuple((int(start), int(end), str(label)) for start, end, label in spans)
    return Marked(str(row["id"]), int(str(row["length"])), str(row["sha256"]), triples)


def _texts(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["id"], (row["title"] and row["title"] + "\n", row["text"])


def _read(item: Marked, texts: dict[str, tuple[str, str]]) -> str:
    if item.id not in texts:
        raise ValueError(f"{item.id} is not among the news of the data folder")
    title, body = texts[item.id]
    text = (title + body)[: item.length]
    if hashlib.sha256(text.encode()).hexdigest() != item.sha256:
        raise ValueError(f"{item.id}: the text is not the one whose names were marked")
    blanked = _MARKUP.sub(lambda tag: " " * len(tag[0]), text)
    return blanked[: len(title)] + _WRAPPED.sub(" ", blanked[len(title) :])
