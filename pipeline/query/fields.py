"""The field names that queries may use, read from the Elasticsearch mapping: the single list of them.

Promises each field's kind, which decides what can be asked of it, its other names (those of the Elastic Common Schema:
https://www.elastic.co/docs/reference/ecs), and the nearest name for a misspelt one. It does not know which topics
exist: `topics.NAME` is a score for any name of the right form.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipeline.errors import UnknownField
from pipeline.settings import ROOT

MAPPINGS = ROOT / "mappings"
DEFAULT = ("title", "text")  # where a word without a field name is looked for
SCORES = "topics"
_SCORE = re.compile(rf"{SCORES}\.[a-z][a-z0-9_]*")


class Kind(StrEnum):
    WORDS = "text"
    EXACT = "keyword"
    DATE = "date"
    NUMBER = "integer"
    SCORE = "object"


@dataclass(frozen=True, slots=True)
class Field:
    """`lower` = values are indexed in lower case; `whole` = whole values of a text field can be counted."""

    name: str
    kind: Kind
    about: str
    lower: bool = False
    whole: bool = False

    @property
    def countable(self) -> bool:
        return self.kind is Kind.EXACT or self.whole


def load(folder: Path = MAPPINGS) -> Mapping[str, Any]:
    """The mapping that Elasticsearch gets, as it stands in its file."""
    file: dict[str, Any] = json.loads((folder / "component-fields.json").read_text(encoding="utf-8"))
    mapping: dict[str, Any] = file["template"]["mappings"]
    return mapping


@functools.cache
def fields() -> Mapping[str, Field]:
    """Every field that a query may name, in the order of the file."""
    known = {name: made for name, made in load()["properties"].items() if made.get("type") in set(Kind)}
    return MappingProxyType({name: _field(name, made) for name, made in known.items()})


@functools.cache
def synonyms() -> Mapping[str, str]:
    """Other names that a query may use, with the fields that they stand for."""
    return MappingProxyType(dict(_synonyms(load()["properties"])))


def own_name(name: str) -> str:
    """The field that is meant, if this is another name of one."""
    return synonyms().get(name, name)


@functools.cache
def shown() -> frozenset[str]:
    """Names of what articles have and only Kibana can ask for: objects in a list of their own."""
    return frozenset(name for name, made in load()["properties"].items() if made.get("type") == "nested")


@functools.cache
def schema() -> int:
    """The version of the mapping; an index made by another cannot be used."""
    return int(load()["_meta"]["schema"])


def find(name: str, query: str) -> Field:
    """The field of that name. Raises UnknownField, with the nearest name, for `query`."""
    if found := fields().get(own_name(name)):
        return found
    if _SCORE.fullmatch(name):
        return Field(name, Kind.SCORE, "how surely the article is about the topic, 0 to 1")
    raise UnknownField(query, name, nearest(name))


def nearest(name: str) -> str | None:
    """The known name most like `name`, if any is near."""
    plain, names = name.lower().strip(), (*fields(), *synonyms())
    if plain in names:
        return plain
    head, dot, tail = plain.partition(".")
    if dot and difflib.get_close_matches(head, [SCORES, "topic"], n=1, cutoff=0.7):
        return f"{SCORES}.{tail}"
    close = difflib.get_close_matches(plain, names, n=1, cutoff=0.6)
    return close[0] if close else None


def _field(name: str, made: Mapping[str, Any]) -> Field:
    kind = Kind(made["type"])
    about = made.get("meta", {}).get("about", "scores of all topics, as topics.NAME")
    return Field(name, kind, about, lower="normalizer" in made, whole="keyword" in made.get("fields", ()))


def _synonyms(properties: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, made in properties.items():
        if made.get("type") == "alias":
            yield f"{above}{name}", made["path"]
        yield from ((f"{above}{name}.{part}", f"{above}{name}") for part in made.get("fields", ()) if part != "keyword")
        yield from _synonyms(made.get("properties", {}), f"{above}{name}.")
