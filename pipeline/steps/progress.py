"""How a step says how far it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of one step are done; `total` is None where nobody knows it."""

    step: str
    done: int
    total: int | None


def silent(_progress: Progress) -> None:
    """For those who do not watch."""
