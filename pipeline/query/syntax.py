"""Lucene query strings to the neutral tree: `parse_query`.

Promises a tree, or a QueryError in words; nothing else is raised, whatever is typed. Words side by side must all
be there (AND), OR binds tighter than that and AND tighter still. What one of our engines cannot do exactly as the
others (fuzzy words, wildcards within a word, proximity, boosts, regular expressions) is refused, never approximated.
`luqum` knows the grammar; it stays behind this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from luqum import thread, tree

from pipeline.errors import QuerySyntaxError
from pipeline.query import clauses
from pipeline.query.fields import Field, Kind, find
from pipeline.query.tree import And, Node, Not, Or, Query, Words, leaves

LONGEST = 4000  # characters
DEEPEST = 50  # parentheses and NOTs within each other
MOST_TERMS = 500  # words, default fields counted twice; Elasticsearch takes 1024 clauses at least

_QUOTED = re.compile(r'\\.|"(?:[^"\\]|\\.)*"', re.DOTALL)
_WIDE_SIGN = re.compile(_QUOTED.pattern + "|[：（）　]", re.DOTALL)
_BELOW_ZERO = re.compile(_QUOTED.pattern + r"|(?P<sign>[<>]=?)(?P<number>-\d[\d.]*)", re.DOTALL)
_WIDE = str.maketrans("：（）　", ":() ")  # what Chinese keyboards write
_QUOTES = str.maketrans("“”„«»「」『』＂", '"' * 10)
_PLACE = re.compile(
    r"unexpected +'(?P<what>.*)' at position (?P<at>\d+)|Illegal character '.*' at position (?P<bad>\d+)", re.DOTALL
)


def parse_query(text: str) -> Query:
    """Raises QuerySyntaxError, or UnknownField with the nearest name. The query stands in the error as its subject."""
    typed = _plain(text)
    _check_outside(text, typed)
    try:
        parsed = thread.parse(typed)
    except (ValueError, ArithmeticError) as error:
        raise QuerySyntaxError(text, _explain(str(error), typed)) from error
    query = Query(text, _read(parsed, _Place(text)))
    if sum(len(leaf.terms) if isinstance(leaf, Words) else 1 for leaf, _ in leaves(query.root)) > MOST_TERMS:
        raise QuerySyntaxError(text, f"the query has too many words; at most {MOST_TERMS} can be searched for at once")
    return query


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the query we are: the whole text for errors, the field in force, how deep."""

    text: str
    field: Field | None = None
    depth: int = 0

    def deeper(self) -> _Place:
        if self.depth >= DEEPEST:
            raise QuerySyntaxError(self.text, f"parentheses and NOTs are nested more than {DEEPEST} deep")
        return replace(self, depth=self.depth + 1)


def _plain(text: str) -> str:
    """The query with the wide and curly signs of some keyboards made plain, where they can only be signs.

    Numbers below zero after < and > are put in quotation marks, as the grammar wants them.
    """
    typed = text if '"' in text else text.translate(_QUOTES)
    typed = _WIDE_SIGN.sub(lambda found: found[0].translate(_WIDE) if len(found[0]) == 1 else found[0], typed)
    return _BELOW_ZERO.sub(
        lambda found: '{sign}"{number}"'.format(**found.groupdict()) if found["sign"] else found[0], typed
    )


def _check_outside(text: str, typed: str) -> None:
    """What people get wrong most, said better than a parser can."""
    if not typed.strip():
        raise QuerySyntaxError(text, "the query is empty; write at least one word, or * for everything")
    if len(typed) > LONGEST:
        raise QuerySyntaxError(text[:80] + "...", f"the query is longer than {LONGEST} characters")
    bare = _QUOTED.sub(" ", typed)
    if '"' in bare:
        raise QuerySyntaxError(text, 'a quotation mark is opened and never closed; write \\" for one that is meant')
    if bare.rstrip().endswith("\\"):
        raise QuerySyntaxError(text, "the query ends with a backslash that escapes nothing")
    opened = bare.count("(") - bare.count(")")
    if opened:
        what = "opened and never closed" if opened > 0 else "closed and never opened"
        raise QuerySyntaxError(text, f"a parenthesis is {what}")


def _explain(error: str, typed: str) -> str:
    found = _PLACE.search(error)
    if not found:
        return "the query stops too early: something is missing at its end"
    if found["bad"]:
        at = int(found["bad"])
        hint = "put text with such characters in quotation marks"
        return f'"{typed[at]}" (character {at + 1}) has no meaning there; {hint}'
    return f'"{found["what"]}" (character {int(found["at"]) + 1}) is out of place'


def _read(item: Any, place: _Place) -> Node:
    reader = _READERS.get(type(item))
    if reader is None:
        raise QuerySyntaxError(place.text, f"{_REFUSED.get(type(item), type(item).__name__)} cannot be searched for")
    return reader(item, place)


def _all_of(item: Any, place: _Place) -> Node:
    return And(tuple(_read(part, place.deeper()) for part in item.operands))


def _any_of(item: Any, place: _Place) -> Node:
    if any(isinstance(part, tree.Plus) for part in item.operands):
        raise QuerySyntaxError(place.text, '"+" (must) has no meaning beside OR; use AND and parentheses')
    return Or(tuple(_read(part, place.deeper()) for part in item.operands))


def _without(item: Any, place: _Place) -> Node:
    return Not(_read(item.a, place.deeper()))


def _minus(item: Any, place: _Place) -> Node:
    """Not the word; but a number below zero where the field holds numbers."""
    if place.field is not None and place.field.kind in (Kind.NUMBER, Kind.SCORE) and isinstance(item.a, tree.Word):
        return clauses.word(place.field, f"-{item.a.value}", place.text)
    return _without(item, place)


def _must(item: Any, place: _Place) -> Node:
    return _read(item.a, place.deeper())


def _group(item: Any, place: _Place) -> Node:
    return _read(item.expr, place.deeper())


def _in_field(item: Any, place: _Place) -> Node:
    if place.field is not None:
        hint = f'put the value of "{place.field.name}" in quotation marks if it holds a colon'
        raise QuerySyntaxError(place.text, f'"{item.name}:" stands within "{place.field.name}:"; {hint}')
    return _read(item.expr, replace(place.deeper(), field=find(clauses.unescaped(item.name), place.text)))


def _phrase(item: Any, place: _Place) -> Node:
    return clauses.phrase(place.field, clauses.unescaped(item.value[1:-1]), place.text)


def _word(item: Any, place: _Place) -> Node:
    return clauses.word(place.field, item.value, place.text)


def _range(item: Any, place: _Place) -> Node:
    low, high = _bound(item.low, place), _bound(item.high, place)
    return clauses.between(place.field, low, high, item.include_low, item.include_high, place.text)


def _from(item: Any, place: _Place) -> Node:
    return clauses.between(place.field, _bound(item.a, place), None, item.include, True, place.text)


def _to(item: Any, place: _Place) -> Node:
    return clauses.between(place.field, None, _bound(item.a, place), True, item.include, place.text)


def _bound(item: Any, place: _Place) -> str | None:
    if isinstance(item, tree.Prohibit):
        return f"-{_bound(item.a, place) or ''}"
    value = clauses.unescaped(item.value[1:-1] if isinstance(item, tree.Phrase) else item.value)
    return None if value == "*" else value


_READERS: dict[type, Callable[[Any, _Place], Node]] = {
    tree.AndOperation: _all_of,
    tree.UnknownOperation: _all_of,
    tree.OrOperation: _any_of,
    tree.Not: _without,
    tree.Prohibit: _minus,
    tree.Plus: _must,
    tree.Group: _group,
    tree.FieldGroup: _group,
    tree.SearchField: _in_field,
    tree.Phrase: _phrase,
    tree.Word: _word,
    tree.Range: _range,
    tree.From: _from,
    tree.To: _to,
}

_REFUSED: dict[type, str] = {
    tree.Fuzzy: "an inexact word (~)",
    tree.Proximity: "words near each other (~)",
    tree.Boost: "a weight (^)",
    tree.Regex: "a regular expression (/.../)",
}
