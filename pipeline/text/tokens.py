"""The terms that every search back end indexes and looks for.

Promises the same terms for a text and for the same words in a query, whatever the case, accents, width, variant or
zero-width characters: words where they are parted by spaces, overlapping pairs of characters where they are not
(a run of one character is its own term). Positions count terms, so that a phrase of terms is a phrase of the text;
offsets are into the text given. A word is letters, marks and digits: "l'ASEAN" and "U.S." are two words each.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.text.fold import fold
from pipeline.text.normalise import clean, normalise
from pipeline.text.scripts import UNSPACED, marks

# What `fold` leaves because it needs two characters; a term has no length to keep.
_EXPANDED = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ŉ": "n", "ĳ": "ij"}
    | dict.fromkeys(map(chr, range(0x300, 0x370)), "")
)
_ASCII_WORD = re.compile("[a-z0-9]+")


class Token(NamedTuple):
    """One term; `start` and `end` are code points into the text given."""

    term: str
    start: int
    end: int
    position: int


def search_tokens(text: str) -> tuple[Token, ...]:
    """The terms of `text`, in order."""
    normal = normalise(text)
    terms = enumerate(_terms(fold(normal.text)))
    if normal.text == text:
        return tuple(Token(term, start, end, position) for position, (term, start, end) in terms)
    starts, ends = normal.places()
    return tuple(Token(term, starts[start], ends[end - 1], position) for position, (term, start, end) in terms)


def search_terms(text: str) -> tuple[list[str], list[str]]:
    """The terms of `search_tokens` without their places, and the last character of each run that was cut into pairs.

    For who indexes: several times as quick.
    """
    folded = fold(clean(text))
    if folded.isascii():
        return _ASCII_WORD.findall(folded), []
    terms: list[str] = []
    lasts: list[str] = []
    for run in _runs().finditer(folded):
        found = run[0]
        if run.lastgroup is None:
            if term := found if found.isascii() else found.translate(_EXPANDED):
                terms.append(term)
        elif len(found) == 1:
            terms.append(found)
        else:
            terms += map(operator.add, found, found[1:])
            lasts.append(found[-1])
    return terms, lasts


def _terms(folded: str) -> Iterator[tuple[str, int, int]]:
    for run in _runs().finditer(folded):
        start, end = run.span()
        if run.lastgroup is None:
            if term := run[0] if run[0].isascii() else run[0].translate(_EXPANDED):
                yield term, start, end
        elif end - start == 1:
            yield run[0], start, end
        else:
            for at in range(start, end - 1):
                yield folded[at : at + 2], at, at + 2


@functools.cache
def _runs() -> re.Pattern[str]:
    """A run of each unspaced script by itself, or a word of any other."""
    unspaced = "|".join(f"(?P<{name}>[{ranges}]+)" for name, ranges in UNSPACED.items())
    every = "".join(UNSPACED.values())
    return re.compile(f"{unspaced}|(?:[^\\W_{every}]+|(?![{every}])[{marks()}])+")
