"""Articles like one: those that share its most telling words.

Promises the same from every back end: a word tells as much as it is frequent in the article and rare in the index
(tf-idf), engines find who has any of the `TELLING` best, and the order is computed here. Runs of Chinese and Khmer
count by pairs of characters, so that likeness is within a language. Never the article itself; copies only if wished.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.errors import NotFound
from pipeline.index.base import DEEPEST_HIT, Hit, SearchIndex
from pipeline.query.terms import terms
from pipeline.query.tree import And, Exactly, Node, Not, Or, Query, Words

TELLING = 25  # words
_LOOKED_AT = 200  # words of the article, the most frequent
_CANDIDATES = 10  # times as many articles as are wished
_TITLE = 2  # a word of the headline counts as two of the text
_READ = 20_000  # code points of a text


@dataclass(frozen=True, slots=True)
class Similar:
    """`likeness` is 1 for an article that has every telling word; `copy` = of the same family."""

    hit: Hit
    likeness: float
    copy: bool


def similar(
    index: SearchIndex, article: str, *, limit: int, copies: bool = False, now: datetime
) -> tuple[Similar, ...]:
    """The most alike first. Raises NotFound if the article is not in the index."""
    about = index.get(article)
    if about is None:
        raise NotFound(article, "the search index has no such article")
    weights = _telling(index, about)
    if not weights:
        return ()
    query = Query(article, _sharing(weights, about, copies))
    found = index.search(query, limit=min(limit * _CANDIDATES, DEEPEST_HIT), now=now).hits
    ranked = sorted((_compared(hit, weights, about) for hit in found), key=lambda one: (-one.likeness, one.hit.id))
    return tuple(ranked[:limit])


def _telling(index: SearchIndex, about: Mapping[str, Any]) -> dict[str, float]:
    """The article's most telling words, and how much each tells; words that no other article has tell nothing."""
    counted = Counter(_words(about.get("text", "")))
    for word in _words(about.get("title", "")):
        counted[word] += _TITLE
    frequent = sorted(counted, key=lambda word: (-counted[word], word))[:_LOOKED_AT]
    spread, size = index.frequencies("text", frequent), index.count()
    weights = {
        word: (1 + math.log(counted[word])) * math.log(1 + size / spread[word]) for word in frequent if spread[word] > 1
    }
    best = sorted(weights, key=lambda word: (-weights[word], word))[:TELLING]
    return {word: weights[word] for word in best}


def _words(text: str) -> list[str]:
    return [one.term for one in terms(text[:_READ]) if not one.term.isdecimal()]


def _sharing(weights: Mapping[str, float], about: Mapping[str, Any], copies: bool) -> Node:
    shared = Or(tuple(Words(field, (word,)) for word in weights for field in ("title", "text")))
    left_out = Exactly("id", about["id"]) if copies else Exactly("family", about["family"])
    return And((shared, Not(left_out), Not(Exactly("id", about["id"]))))


def _compared(hit: Hit, weights: Mapping[str, float], about: Mapping[str, Any]) -> Similar:
    there = {*_words(hit.title), *_words(hit.body.get("text", ""))}
    shared = sum(weight for word, weight in weights.items() if word in there)
    return Similar(hit, round(shared / sum(weights.values()), 4), hit.body.get("family") == about["family"])
