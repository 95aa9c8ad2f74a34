"""Field values as the terms that go into an index, the same for every back end.

Promises that a phrase never runs from one value into the next, and that each character of a Chinese or
Khmer run can be found alone: pairs start with every character but the last, so the last goes in by itself, apart
from the phrases. It finds no query's matches: see `highlight`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.query.terms import LONGEST
from pipeline.text import search_terms


@dataclass(frozen=True, slots=True)
class Analysed:
    """`values` in order, each a run of terms; `lone` = last characters of runs, found alone only."""

    values: tuple[tuple[str, ...], ...]
    lone: tuple[str, ...]

    @property
    def sequences(self) -> tuple[tuple[str, ...], ...]:
        """All that is indexed: runs of terms, between which every engine leaves a gap."""
        return tuple(filter(None, (*self.values, self.lone)))


def analyse(value: str | Sequence[str]) -> Analysed:
    values: list[tuple[str, ...]] = []
    lone: dict[str, None] = {}
    for text in [value] if isinstance(value, str) else value:
        found, lasts = search_terms(text)
        values.append(tuple([term[:LONGEST] for term in found]))
        lone |= dict.fromkeys(lasts)
    return Analysed(tuple(values), tuple(lone))
