"""The terms of a text as our indexes hold them: those of `search_tokens`, none longer than an engine takes.

Promises that a query and an article come to the same terms, because both are cut here. It finds no spans.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from pipeline.text import search_tokens
from pipeline.text.scripts import UNSPACED

LONGEST = 200  # code points; Elasticsearch cuts words at 255 UTF-16 units


class Term(NamedTuple):
    """`unspaced` = of a script without spaces: a pair of characters, or a run of one."""

    term: str
    start: int
    end: int
    unspaced: bool


def terms(text: str) -> tuple[Term, ...]:
    """In order, with code points into `text`."""
    unspaced = _unspaced().match
    return tuple(
        Term(one.term[:LONGEST], one.start, one.end, unspaced(one.term) is not None) for one in search_tokens(text)
    )


@functools.cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{''.join(UNSPACED.values())}]")
