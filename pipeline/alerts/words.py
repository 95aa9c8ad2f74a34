"""Words as people read and compare them.

Promises one spelling to compare by (`name_key`) and text without anything that a reader cannot see but a mail program
might act on (`visible`). Keeps zero-width spaces: Khmer lines are broken at them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from pipeline.text import clean, fold

# White space of all kinds, controls, lone surrogates; then marks that reorder text (a title could hide its end so).
_BREAKING = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_REORDERING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def name_key(name: str) -> str:
    """`name` without case, accents and extra white space: two names are the same if their keys are."""
    return " ".join(fold(clean(name)).split())


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Words in order of first appearance, those with one key once."""
    seen: dict[str, str] = {}
    for word in words:
        seen.setdefault(name_key(word), " ".join(word.split()))
    return tuple(seen.values())


def visible(text: str) -> str:
    """`text` with each run of white space and controls as one space, and without bidirectional controls."""
    return _BREAKING.sub(" ", _REORDERING.sub("", text))


def shorten(text: str, limit: int) -> str:
    """`text` cut to `limit` characters at a word's end if there is one near, with an ellipsis."""
    if len(text) <= limit:
        return text
    space = text.rfind(" ", limit * 2 // 3, limit)
    return text[: space if space > 0 else whole_characters(text, limit - 1)].rstrip(" ,;:-–—") + "…"


def whole_characters(text: str, at: int) -> int:
    """The last offset not after `at` that does not part a letter from the marks on it (or under it, in Khmer)."""
    while 0 < at < len(text) and (_is_mark(text[at]) or text[at - 1] == "\u17d2"):
        at -= 1
    return at


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M") or char in "\u200c\u200d"
