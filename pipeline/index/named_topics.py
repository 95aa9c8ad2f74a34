"""Topics that a query names, beside those that there are: a misspelt one is an error, not an empty answer.

Promises to refuse no topic that is configured or that any article has, as those of a topic that was given up do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipeline.errors import QueryError
from pipeline.index.base import SearchIndex
from pipeline.query.fields import SCORES
from pipeline.query.tree import Exactly, NumberRange, Present, Query, leaves

_FIELD = "topic"


def named_topics(query: Query) -> tuple[str, ...]:
    """Each once, in the order of the query."""
    return tuple(dict.fromkeys(_named(query)))


def check_topics(index: SearchIndex, query: Query, *, known: Sequence[str], now: datetime) -> None:
    """Raises QueryError for the first topic that is neither known nor that of any article."""
    for name in named_topics(query):
        if name not in known and not _is_used(index, name, now):
            raise QueryError(query.text, f'there is no topic "{name}"; {_instead(name, known)}')


def _named(query: Query) -> Iterator[str]:
    for leaf, _ in leaves(query.root):
        match leaf:
            case Exactly(field, value) if field == _FIELD:
                yield value
            case NumberRange(field) | Present(field) if field.startswith(f"{SCORES}."):
                yield field.removeprefix(f"{SCORES}.")


def _is_used(index: SearchIndex, name: str, now: datetime) -> bool:
    asked = (Exactly(_FIELD, name), Present(f"{SCORES}.{name}"))
    return any(index.search(Query(name, each), limit=0, now=now).total for each in asked)


def _instead(name: str, known: Iterable[str]) -> str:
    if near := difflib.get_close_matches(name, known, n=1):
        return f'did you mean "{near[0]}"?'
    return "there are: " + (", ".join(sorted(known)) or "none")
