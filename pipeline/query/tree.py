"""A query as data: the neutral tree that every engine and the alert matcher translate.

Promises frozen, hashable nodes in which nothing is left to interpret but the clock: fields exist, words are the
terms that the indexes hold (`pipeline.text.search_tokens`), values are in the case they are indexed in, and a missing
field name has become title or text. Dates stay as typed until `now` is known (see `moments`). It translates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.query.moments import Moments


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every article."""


@dataclass(frozen=True, slots=True)
class Words:
    """`terms` one after another in one value of a text field."""

    field: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartsWith:
    """A term of a text field, or a value of an exact one, that starts with `prefix`."""

    field: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Exactly:
    """An exact field has this value."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date field lies within `moments`."""

    field: str
    moments: Moments


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number lies between bounds that are included or not; None is open."""

    field: str
    low: float | None
    high: float | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class Present:
    """The article has the field."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Leaf = Everything | Words | StartsWith | Exactly | DateRange | NumberRange | Present
Node = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """`text` as typed, `root` as understood."""

    text: str
    root: Node


def leaves(node: Node, *, negated: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """Every leaf from left to right, with whether an odd number of NOTs stands above it."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part, negated=negated)
    elif isinstance(node, Not):
        yield from leaves(node.part, negated=not negated)
    else:
        yield node, negated


def ranks(query: Query) -> bool:
    """Whether some articles fit better than others: the query asks for words, and not only for fields' values."""
    return any(isinstance(leaf, Words | StartsWith) and not negated for leaf, negated in leaves(query.root))
