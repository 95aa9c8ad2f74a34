"""Which recogniser reads which language: those that ship, or installed spaCy packages that the settings name.

Promises to load a recogniser when a text first needs it, English apart, and to say at once, naming the setting, that a
package is not installed. A package's labels become ours; what has none of them (DATE, MONEY, works of art) is left out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.enrich.chinese import ChineseRecogniser
from pipeline.enrich.ner import Found, Recogniser


class Finder(Protocol):
    """Finds names: for each text and in order, spans that do not overlap."""

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]: ...


@dataclass(frozen=True, slots=True)
class Late:
    """A finder that is loaded when it is first asked."""

    load: Callable[[], Finder]

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        return self.load().find(texts) if any(texts) else [()] * len(texts)


def recognisers() -> Mapping[str, Finder]:
    """By language. Raises ModelError if the English weights are missing."""
    return {"en": Recogniser.load(), "zh": Late(functools.cache(ChineseRecogniser.load))}
