"""Acronyms and what a text says they stand for.

Promises to judge by letters alone, whatever the topic or entity: whether an acronym could stand for a name, and
which words beside it in the text spell it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.text.fold import fold

_LONGEST = 150  # code points of a long form
_WORD = re.compile(r"[^\W\d_]+")
_BEFORE = re.compile(r"(?:,? (?:or|ou) |, | ?[(（])[\"“'‘]?$")  # between a long form and its acronym
_AFTER = re.compile(r" ?[(（](?P<long>[^()（）\n]{1,150})[)）]")
_STOP = re.compile(r"[.!?:;()（）\n]")
_SMALL = 3  # letters of the words that acronyms leave out, as "of", "and", "des"


def abbreviates(acronym: str, long: str) -> bool:
    """Could it stand for the long form? Same first letter, and all its letters in order in the long form."""
    letters: Iterator[str] = iter(long.lower())
    return (
        len(acronym) < len(long)
        and long[:1].lower() == acronym[:1].lower()
        and all(letter in letters for letter in acronym.lower() if letter.isalnum())
    )


def spelled_out(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The words beside the acronym at text[start:end] whose first letters it is made of, if there are such.

    "Association of Southern European Manufacturers (ASEM)", "ASEM (American Society ...)"; but not "Asia-Europe
    Meeting (ASEM)", where it takes more than first letters.
    """
    acronym = fold(text[start:end])
    if after := _AFTER.match(text, end):
        words = list(_WORD.finditer(text, *after.span("long")))
        if words and _initials(acronym[::-1], [fold(word.group()) for word in words]) == len(words):
            return after.span("long")
    lead = _BEFORE.search(text, max(0, start - 8), start)
    if lead is None:
        return None
    left = max(0, lead.start() - _LONGEST)
    stops = [stop.end() for stop in _STOP.finditer(text, left, lead.start())]
    words = list(_WORD.finditer(text, stops[-1] if stops else left, lead.start()))
    used = _initials(acronym[::-1], [fold(word.group()) for word in words])
    return (words[-used].start(), lead.start()) if used else None


def _initials(letters: str, words: Sequence[str]) -> int:
    """How many of the last words have `letters`, which are read backwards, as their first ones; 0 if they have not."""
    if not letters or not words:
        return 0
    *others, last = words
    if last[0] == letters[0]:
        if len(letters) == 1:
            return 1
        if used := _initials(letters[1:], others):
            return used + 1
    used = _initials(letters, others) if len(last) <= _SMALL else 0
    return used + 1 if used else 0
