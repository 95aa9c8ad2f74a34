"""Gold corpora as one kind of sample: a text and its named spans.

Promises that spans are code points into the text, do not overlap, and begin with no article. Labels are the
seven of Newswatch, or PLACE where the corpus does not tell GPE, LOC and FAC apart, or OTHER where it says only
"a name". Reads the folder of data, writes nothing, and never opens a set marked test unless asked for by name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

Span = tuple[int, int, str]

UNER = {"PER": "PERSON", "ORG": "ORG", "LOC": "PLACE"}
WIKIGOLD = UNER | {"MISC": "OTHER"}
CROSSNER = {
    "politician": "PERSON",
    "person": "PERSON",
    "politicalparty": "ORG",
    "organisation": "ORG",
    "election": "EVENT",
    "event": "EVENT",
    "country": "GPE",
    "location": "PLACE",
    "misc": "OTHER",
}
GUM = {"person": "PERSON", "organization": "ORG", "place": "PLACE", "event": "EVENT"}

_ARTICLE = re.compile(r"(?:[Tt]he|THE|an?)\s+(?=\S)")  # not "An" of An Giang
_POSSESSIVE = re.compile(r"\s*['’]s?$")
_NO_SPACE_BEFORE = frozenset(", . ; : ! ? ) ] } % 's ’s n't 're 've 'll 'd 'm ''".split())
_NO_SPACE_AFTER = frozenset("( [ { $ £ € ``".split())
_QUOTES = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")"}
_ENTITY = re.compile(r"\((?P<open>[^()]*)(?P<whole>\))?|(?P<close>[^()]+)\)")


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    tag: str  # "O", "B-X", "I-X"
    space: bool  # white space follows


def data_folder() -> Path:
    """Where the corpora are: NEWSWATCH_DATA, or `../shared/data` beside the repository."""
    given = os.environ.get("NEWSWATCH_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without a leading article, a trailing possessive and white space at the ends."""
    if article := _ARTICLE.match(text, start, end):
        start = article.end()
    if possessive := _POSSESSIVE.search(text[start:end]):
        end = start + possessive.start()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def uner(path: Path) -> list[Sample]:
    """Universal NER: column 2 the word, column 3 the tag, and the running text in a comment."""
    return [_sample(_spaced(words, text), UNER) for text, words in _uner_sentences(path)]


def conll(path: Path, labels: dict[str, str]) -> list[Sample]:
    """Word first, tag last, sentences parted by empty lines (wikigold, CrossNER, BTC, re3d)."""
    return [_sample(_guess_spaces(words), labels) for words in _blocks(path)]


def gum(path: Path) -> list[Sample]:
    """GUM: spans with a wiki identity and a proper noun as head, cut to their run of proper nouns."""
    return [_gum_sample(block) for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]


def join(samples: Sequence[Sample], separator: str = " ") -> Sample:
    """Samples one after the other, as one text."""
    text, spans = "", []
    for sample in samples:
        text += separator if text else ""
        spans += [(start + len(text), end + len(text), label) for start, end, label in sample.spans]
        text += sample.text
    return Sample(text, tuple(spans))


def _sample(words: Iterable[Word], labels: dict[str, str]) -> Sample:
    text = ""
    open_span: tuple[int, int, str] | None = None
    spans: list[Span] = []
    for word in words:
        kind, _, name = word.tag.partition("-")
        label = labels.get(name, "") if kind in "BI" else ""
        start, end = len(text), len(text) + len(word.text)
        if open_span and kind == "I" and open_span[2] == label:
            open_span = (open_span[0], end, label)
        else:
            spans += [open_span] if open_span else []
            open_span = (start, end, label) if label else None
        text += word.text + (" " if word.space else "")
    spans += [open_span] if open_span else []
    return Sample(text.rstrip(), tuple(_trimmed(text, spans)))


def _trimmed(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    for start, end, label in spans:
        start, end = trim(text, start, end)
        if start < end:
            yield start, end, label


def _uner_sentences(path: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    text, words = "", []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.startswith("# text = "):
            text = line.removeprefix("# text = ")
        elif line and not line.startswith("#"):
            columns = line.split("\t")
            words.append((columns[1], columns[2]))
        elif not line and words:
            yield text, words
            text, words = "", []


def _spaced(words: Sequence[tuple[str, str]], text: str) -> Iterator[Word]:
    at = 0
    for word, tag in words:
        found = text.find(word, at)
        at = found + len(word) if found >= 0 else at
        yield Word(word, tag, found < 0 or text[at : at + 1].isspace())


def _blocks(path: Path) -> Iterator[list[tuple[str, str]]]:
    words: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        columns = line.split()
        if len(columns) >= 2 and columns[0] != "-DOCSTART-":
            words.append((columns[0], columns[-1]))
        elif words:
            yield words
            words = []


def _guess_spaces(words: Sequence[tuple[str, str]]) -> Iterator[Word]:
    following = [word for word, _ in words[1:]] + [""]
    for (word, tag), after in zip(words, following, strict=True):
        space = bool(after) and after not in _NO_SPACE_BEFORE and word not in _NO_SPACE_AFTER
        yield Word(_QUOTES.get(word, word), tag, space)


def _gum_sample(block: str) -> Sample:
    every = [line.split("\t") for line in block.split("\n") if line and line[0].isdigit()]
    rows = [row for row in every if row[0].isdigit()]
    joined = {str(number) for row in every if "-" in row[0] for number in range(*map(int, row[0].split("-")))}
    words = [Word(row[1], "O", row[0] not in joined and "SpaceAfter=No" not in row[9]) for row in rows]
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word.text) + word.space
    text = "".join(word.text + (" " if word.space else "") for word in words)
    ends = [start + len(word.text) for start, word in zip(starts, words, strict=True)]
    spans = [(starts[first], ends[last], label) for first, last, label in _gum_names(rows)]
    return Sample(text.rstrip(), tuple(_trimmed(text, spans)))


def _gum_names(rows: Sequence[Sequence[str]]) -> list[tuple[int, int, str]]:
    """Outermost named spans, as numbers of their first and last word."""
    found: list[tuple[int, int, str]] = []
    opened: dict[str, list[tuple[int, list[str]]]] = {}
    for number, row in enumerate(rows):
        field = next((part[7:] for part in row[9].split("|") if part.startswith("Entity=")), "")
        for match in _ENTITY.finditer(field):
            if match["open"] is not None:
                parts = match["open"].split("-", 7)
                opened.setdefault(parts[0], []).append((number, parts))
            closed = match["close"] or (parts[0] if match["open"] is not None and match["whole"] else None)
            if closed and opened.get(closed):
                first, parts_of = opened[closed].pop()
                found += _named(rows, first, number, parts_of)
    found.sort(key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int, str]] = []
    for span in found:
        if not kept or span[0] > kept[-1][1]:
            kept.append(span)
    return kept


def _named(rows: Sequence[Sequence[str]], first: int, last: int, parts: list[str]) -> list[tuple[int, int, str]]:
    label = GUM.get(parts[1]) if len(parts) > 7 else None
    if label is None:
        return []
    head = first + int(parts[5].split(",")[0]) - 1
    if head > last or rows[head][3] != "PROPN":
        return []
    left = right = head
    while left > first and rows[left - 1][3] == "PROPN":
        left -= 1
    while right < last and (rows[right + 1][3] == "PROPN" or _links(rows, right + 1, last)):
        right += 1
    return [(left, right, label)]


def _links(rows: Sequence[Sequence[str]], at: int, last: int) -> bool:
    return rows[at][1] in ("of", "and", "-") and at < last and rows[at + 1][3] == "PROPN"
