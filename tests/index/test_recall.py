"""How much of what stands in the texts a query finds, and how much else: in four languages, as typed in three places.

The truth is literal: an article should be found if its folded headline or text contains the run of characters (Chinese,
Khmer) or the words one after another (English, French). Queries are cut from the texts themselves by a fixed seed: a
hundred for each language from the project's own, and as many from the public ones of NEWSWATCH_DATA, if it is there.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.index import Document, SearchIndex, document, open_index
from pipeline.index.dsl import translated
from pipeline.query import parse_query
from pipeline.settings import ROOT
from pipeline.text import clean, fold, normalise
from tests.index.conftest import Maker
from tests.index.corpus import NOW, annotated
from tests.parse.data import FOLDER

ASKED = 100  # queries for each language and kind of text
SPACED = ("en", "fr")
PUBLIC = ("en", "km", "zh")  # there is no public French text
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


def _folded(text: str) -> str:
    return fold(normalise(text).text)


@cache
def texts() -> tuple[Text, ...]:
    return (*chain.from_iterable(map(_own, ("en", "fr", "km", "zh"))), *(_public() if FOLDER.is_dir() else ()))


def _own(language: str) -> Iterator[Text]:
    """What was written for the project."""
    for line in _lines(ROOT / "training" / "gold" / f"{language}.jsonl"):
        yield Text(line["id"], language, (line["title"], line["text"]), public=False)


def _public() -> Iterator[Text]:
    news = _lines(FOLDER / "topics" / "unlabelled_news.jsonl")
    for at, line in enumerate(news[:200]):
        yield Text(f"en-public-{at}", "en", (line.get("title") or "", line["text"][:3000]), public=True)
    for at, line in enumerate(_lines(FOLDER / "khmer" / "voa_khmer_articles.jsonl")):
        yield Text(f"km-public-{at}", "km", (line["title"], line["text"][:8000]), public=True)
    sentences = re.findall(r"^# text = (.*)$", _read(FOLDER / "ner" / "uner_zh_gsdsimp-dev.iob2"), re.MULTILINE)
    for at in range(0, len(sentences), 2):
        yield Text(f"zh-public-{at}", "zh", ("", "\n".join(sentences[at : at + 2])), public=True)


def _read(path: Any) -> str:
    return str(path.read_text(encoding="utf-8"))


def _lines(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _read(path).splitlines() if line.strip()]


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


@cache
def truth(query: str, language: str) -> frozenset[str]:
    folded = _folded(query)
    words = re.findall(r"\w+", folded) if language in SPACED else [folded]
    pattern = r"[\W_]+".join(map(re.escape, words))
    found = re.compile(rf"(?<!{_LETTER}){pattern}(?!{_LETTER})" if language in SPACED else pattern)
    return frozenset(
        text.id for text, parts in _all_folded() if any(words[0] in part and found.search(part) for part in parts)
    )


@cache
def _all_folded() -> tuple[tuple[Text, tuple[str, ...]], ...]:
    return tuple((text, text.folded) for text in texts())


# --- The ways to ask ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Library:
    """All texts in both back ends, of which Elasticsearch is asked for many things at once."""

    embedded: SearchIndex
    client: Elasticsearch
    alias: str

    def sent(self, clauses: Iterable[Mapping[str, Any]]) -> list[set[str]]:
        """What Elasticsearch finds for each clause."""
        lines: list[Mapping[str, Any]] = []
        for clause in clauses:
            lines += [{"index": self.alias}, {"query": clause, "size": 2000, "_source": False}]
        answers = self.client.msearch(searches=lines)["responses"]
        return [{hit["_id"] for hit in answer["hits"]["hits"]} for answer in answers]


Way = Callable[[Library, Sequence[str]], list[set[str]]]


def _embedded(library: Library, asked: Sequence[str]) -> list[set[str]]:
    walks = (library.embedded.walk(parse_query(query), now=NOW) for query in asked)
    return [{str(body["id"]) for body in walk} for walk in walks]


def _elasticsearch(library: Library, asked: Sequence[str]) -> list[set[str]]:
    """What `newswatch search` sends."""
    return library.sent(translated(parse_query(query), now=NOW) for query in asked)


def _lucene(library: Library, asked: Sequence[str]) -> list[set[str]]:
    """Kibana's bar switched to Lucene, with its defaults; the fields are the index's own."""
    return library.sent({"query_string": {"query": query, "analyze_wildcard": True}} for query in asked)


def _kql(library: Library, asked: Sequence[str]) -> list[set[str]]:
    """What Kibana makes of a bare word, or of words in quotation marks, in its own language."""
    return library.sent(
        {"multi_match": {"type": "phrase", "query": query.strip('"'), "lenient": True}}
        if query.startswith('"')
        else {"multi_match": {"type": "best_fields", "query": query, "lenient": True}}
        for query in asked
    )


WAYS: Mapping[str, Way] = {"embedded": _embedded, "elasticsearch": _elasticsearch, "lucene": _lucene, "kql": _kql}


@pytest.fixture(scope="module")
def library(settings_for: Maker, request: pytest.FixtureRequest) -> Iterator[Library]:
    settings = settings_for("elasticsearch", request)
    embedded, elasticsearch = open_index(settings_for("embedded", request)), open_index(settings)
    given = [_document(text) for text in texts()]
    for index in (embedded, elasticsearch):
        assert {outcome.status for outcome in index.write(given)} == {"written"}
    with Elasticsearch(settings.elasticsearch_url, request_timeout=120) as client:
        yield Library(embedded, client, f"{settings.elasticsearch_prefix}-articles")


def _document(text: Text) -> Document:
    title, body = text.parts
    return document(annotated(text.id, title=title, text=body, language=text.language))


# --- What is found ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """Of all queries together: the share of what should be found that was, and of what was found that should be."""

    recall: float
    precision: float


def score(found: Sequence[set[str]], expected: Sequence[frozenset[str]]) -> Score:
    right = sum(len(one & true) for one, true in zip(found, expected, strict=True))
    return Score(right / sum(map(len, expected)), right / max(1, sum(map(len, found))))


LEAST = 0.98  # recall of every way, and precision of unquoted queries; quoted ones are exact


@pytest.mark.parametrize("public", [False, True], ids=["own", "public"])
@pytest.mark.parametrize("language", ["en", "fr", "km", "zh"])
@pytest.mark.parametrize("quoted", [False, True], ids=["unquoted", "quoted"])
@pytest.mark.parametrize("way", WAYS)
def test_what_stands_in_the_texts_is_found(
    way: str, quoted: bool, language: str, public: bool, library: Library
) -> None:
    if public and (language not in PUBLIC or not FOLDER.is_dir()):
        pytest.skip("no public texts of this language: see NEWSWATCH_DATA")
    asked = [query for query in queries(language, public) if quoted or not re.search(r"[ ’'-]", query)]
    typed = [f'"{query}"' if quoted else query for query in asked]
    measured = score(WAYS[way](library, typed), [truth(query, language) for query in asked])
    assert measured.recall >= LEAST
    assert measured.precision == 1 if quoted else measured.precision >= LEAST
