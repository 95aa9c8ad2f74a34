"""Field values as the terms that go into an index, the same for every back end.

Promises that a phrase never runs from one value into the next, and that each character of a Chinese or
Khmer run can be found alone: pairs start with every character but the last, so the last goes in by itself, apart
from the phrases. It finds no query's matches: see `highlight`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.query.terms import terms


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
        found = terms(text)
        values.append(tuple(one.term for one in found))
        for one, following in zip(found, (*found[1:], None), strict=False):
            last_of_run = following is None or not following.unspaced or following.start >= one.end
            if one.unspaced and len(one.term) > 1 and last_of_run:
                lone[one.term[-1]] = None
    return Analysed(tuple(values), tuple(lone))
