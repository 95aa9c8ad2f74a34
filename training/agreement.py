"""`python -m training.agreement`: how far two readings of the gold texts agree on what is about a topic.

Prints, for the texts written for this project and for the real reports, how many were read twice, how many of them the
first reading found about the topic, in how many both readings agree, and Cohen's kappa (Educational and Psychological
Measurement 20, 1960). Both readings are by one hand: this is self-consistency, not the agreement of two people. The
table stands in docs/topics.md. It changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.topics_data import GOLD, LABELLED, LANGUAGES, rows

TOPICS = ("cambodia_china", "asem")
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two readings of `texts` texts, of which the first found `about` about a topic; both said the same of `same`."""

    texts: int
    about: int
    same: int
    kappa: float | None  # None where neither reading found any: there is nothing that chance could explain

    def line(self, name: str, topic: str) -> str:
        kappa = "-" if self.kappa is None else f"{self.kappa:.3f}"
        return f"| {name} | `{topic}` | {self.texts} | {self.about} | {self.same} | {kappa} |"


def readings(row: Row, topic: str) -> tuple[bool, bool]:
    """What the two readings said; of a text whose writer meant it so, the first is the label."""
    return topic in _names(row.get("first", row["topics"])), topic in _names(row["second"])


def agreement(read: Sequence[tuple[bool, bool]]) -> Agreement:
    first, second = sum(one for one, _ in read), sum(other for _, other in read)
    same = sum(one == other for one, other in read)
    by_chance = (first * second + (len(read) - first) * (len(read) - second)) / len(read)
    kappa = (same - by_chance) / (len(read) - by_chance) if by_chance < len(read) else None
    return Agreement(len(read), first, same, kappa)


def table() -> tuple[str, ...]:
    """The lines of the table, as they stand in the documentation."""
    sets = {
        "written": [row for language in LANGUAGES for row in rows(GOLD / f"{language}.jsonl")],
        "real reports": rows(LABELLED),
    }
    return tuple(
        agreement([readings(row, topic) for row in read if "second" in row]).line(name, topic)
        for name, read in sets.items()
        for topic in TOPICS
    )


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list of topics")
    return frozenset(map(str, value))


def main() -> int:
    print("| texts | topic | read twice | about it | same | kappa |\n|---|---|---|---|---|---|")
    print("\n".join(table()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
