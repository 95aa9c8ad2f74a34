"""More examples from few: the gold texts shortened, and retold of other countries and other meetings.

Promises that every variant has the story of its original, and that a text retold of Japan, of Laos or of another
summit no longer holds any evidence for the topic it lost. A model that has only seen "China" beside "Cambodia" would
take either for both; these show it the border.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ruamel.yaml import YAML

from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.topictraining import Example, signals

SHORTENED = 0.5  # weight of a variant beside its original
RETOLD = 0.3
TABLE = Path(__file__).parent / "topics_retellings.yml"


@dataclass(frozen=True, slots=True)
class Retelling:
    """Words to exchange, after which the text is not about `loses` any more."""

    language: str
    loses: str
    words: Mapping[str, str]


def _retellings() -> tuple[Retelling, ...]:
    rows = YAML(typ="safe").load(TABLE.read_text(encoding="utf-8"))
    return tuple(Retelling(row["language"], row["loses"], row["words"]) for row in rows)


def variants(examples: Sequence[Example], names: Sequence[str], matcher: PatternMatcher) -> tuple[Example, ...]:
    """Everything that can be made of `examples`; `names` are the matcher's topics in order."""
    tables = _retellings()
    return tuple(variant for one in examples for variant in (*_shortened(one), *_retold(one, tables, names, matcher)))


def _shortened(one: Example) -> Iterator[Example]:
    """Its text without the title: feeds bring both kinds. Titles alone may not carry the label, texts do."""
    if one.title and one.text:
        yield replace(one, title="", weight=SHORTENED)


def _retold(
    one: Example, tables: Sequence[Retelling], names: Sequence[str], matcher: PatternMatcher
) -> Iterator[Example]:
    for retelling in tables:
        if retelling.language != one.language or retelling.loses not in one.topics:
            continue
        title, text = (_exchange(part, retelling.words) for part in (one.title, one.text))
        other = replace(one, title=title, text=text, topics=one.topics - {retelling.loses}, weight=RETOLD)
        if not signals(other, matcher)[names.index(retelling.loses)].evidence:
            yield other


def _exchange(text: str, words: Mapping[str, str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, words[word])
    return text
