"""Queries cut from texts of four languages, and which texts they should find.

The truth is literal: an article should be found if its folded headline or text contains the run of characters (Chinese,
Khmer) or the words one after another (English, French). Promises the same hundred queries for each language from the
project's own texts, and as many from the public ones of NEWSWATCH_DATA, if it is there. How a query is asked is for
others: the tests ask in four ways, and `embedded` in the one that needs no server.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path

from pipeline.index import Document, SearchIndex, document
from pipeline.model import Annotated, Annotation, Article, Membership, Source, SourceKind
from pipeline.query import parse_query
from pipeline.text import clean, fold, normalise
from training.samples import data_folder
from training.topics_data import GOLD, LANGUAGES, rows

ASKED = 100  # queries for each language and kind of text
SPACED = ("en", "fr")
PUBLIC = ("en", "km", "zh")  # there is no public French text
SEEN = datetime(2020, 1, 15, 8, 30, tzinfo=UTC)

_RUNS = {"zh": r"[\u4e00-\u9fff]+", "km": r"[\u1780-\u17d3\u17d7\u17dc\u17dd]+"}
_LETTER = r"[^\W_\u1780-\u17d3\u3400-\u9fff]"  # what goes on with a word; a change of script parts words
_CLUSTER = r"[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3])*"  # a Khmer letter with all its signs


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    language: str
    parts: tuple[str, str]  # headline and body
    public: bool

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(map(_folded, self.parts))


@dataclass(frozen=True, slots=True)
class Score:
    """Of all queries together: the share of what should be found that was, and of what was found that should be."""

    recall: float
    precision: float


def score(found: Sequence[set[str]], expected: Sequence[frozenset[str]]) -> Score:
    right = sum(len(one & true) for one, true in zip(found, expected, strict=True))
    return Score(right / sum(map(len, expected)), right / max(1, sum(map(len, found))))


@cache
def texts() -> tuple[Text, ...]:
    folder = data_folder()
    return (*chain.from_iterable(map(_own, sorted(LANGUAGES))), *(_public(folder) if folder.is_dir() else ()))


@cache
def queries(language: str, public: bool) -> tuple[str, ...]:
    """What someone might type: single words and runs first, in English and French then phrases as well."""
    chance = random.Random(f"{language} {public}")
    chosen = [text for text in texts() if (text.language, text.public) == (language, public)]
    made: dict[str, None] = {}
    while len(made) < ASKED:
        part = normalise(clean(chance.choice(chance.choice(chosen).parts))).text
        phrase = language in SPACED and len(made) >= ASKED // 2
        if query := (_phrase(part, chance) if phrase else _run(part, language, chance)):
            made[query] = None
    return tuple(made)


@cache
def truth(query: str, language: str) -> frozenset[str]:
    """Ids of the texts in which the query stands."""
    folded = _folded(query)
    words = re.findall(r"\w+", folded) if language in SPACED else [folded]
    pattern = r"[\W_]+".join(map(re.escape, words))
    found = re.compile(rf"(?<!{_LETTER}){pattern}(?!{_LETTER})" if language in SPACED else pattern)
    return frozenset(
        text.id for text, parts in _all_folded() if any(words[0] in part and found.search(part) for part in parts)
    )


def embedded(index: SearchIndex, asked: Sequence[str]) -> list[set[str]]:
    """The ids that the index finds for each query."""
    walks = (index.walk(parse_query(query), now=SEEN) for query in asked)
    return [{str(body["id"]) for body in walk} for walk in walks]


def fill(index: SearchIndex) -> None:
    """Puts all texts into it. Raises ValueError if one was not taken."""
    if {outcome.status for outcome in index.write([_document(text) for text in texts()])} != {"written"}:
        raise ValueError("the index did not take every text")


def _document(text: Text) -> Document:
    title, body = text.parts
    outlet = Source("example", "Example", "https://example.org/feed", None, "KH", text.language, SourceKind.INDEPENDENT)
    article = Article(
        text.id, outlet.id, 1, None, title, body, (), None, None, None, SEEN, text.language, None,
    )  # fmt: skip
    return document(Annotated(article, Annotation(text.language, (), ()), Membership(text.id, text.id, 1.0), outlet))


def _own(language: str) -> Iterator[Text]:
    """What was written for the project."""
    for row in rows(GOLD / f"{language}.jsonl"):
        yield Text(row["id"], language, (row["title"], row["text"]), public=False)


def _public(folder: Path) -> Iterator[Text]:
    news = rows(folder / "topics" / "unlabelled_news.jsonl")
    for at, row in enumerate(news[:200]):
        yield Text(f"en-public-{at}", "en", (row.get("title") or "", row["text"][:3000]), public=True)
    for at, row in enumerate(rows(folder / "khmer" / "voa_khmer_articles.jsonl")):
        yield Text(f"km-public-{at}", "km", (row["title"], row["text"][:8000]), public=True)
    chinese = (folder / "ner" / "uner_zh_gsdsimp-dev.iob2").read_text(encoding="utf-8")
    sentences = re.findall(r"^# text = (.*)$", chinese, re.MULTILINE)
    for at in range(0, len(sentences), 2):
        yield Text(f"zh-public-{at}", "zh", ("", "\n".join(sentences[at : at + 2])), public=True)


def _run(text: str, language: str, chance: random.Random) -> str | None:
    """A word; or part of a run, of Khmer whole clusters, as a person would type them."""
    if language in SPACED:
        words = [word for word in re.findall(r"[^\W\d_]{4,}", text) if word not in ("AND", "NOT")]
        return chance.choice(words) if words else None
    run = chance.choice(re.findall(_RUNS[language], text) or [""])
    units = re.findall(_CLUSTER, run) if language == "km" else list(run)
    length = chance.randint(2, 6)
    at = chance.randrange(max(1, len(units) - length))
    cut = "".join(units[at : at + length])
    return cut if len(units) >= length and cut in run and len(cut) >= 2 else None


def _phrase(text: str, chance: random.Random) -> str | None:
    found = re.findall(r"(?=\b([^\W\d_]+(?:[ ’'-][^\W\d_]+){1,2})\b)", text)
    return chance.choice(found) if found else None


def _folded(text: str) -> str:
    return fold(normalise(text).text)


@cache
def _all_folded() -> tuple[tuple[Text, tuple[str, ...]], ...]:
    return tuple((text, text.folded) for text in texts())
