"""One clause - a word, a phrase, a range - in one field, as a node of the tree.

Promises that what cannot match anything (a phrase of punctuation, a range of words) is an error in words. A field
given as None means title or text. It knows the kinds of fields, and neither grammar nor engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.errors import QuerySyntaxError
from pipeline.query.fields import DEFAULT, SCORES, Field, Kind, fields
from pipeline.query.moments import Moments, literal
from pipeline.query.terms import Term, terms
from pipeline.query.tree import DateRange, Everything, Exactly, Node, NumberRange, Or, Present, StartsWith, Words

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WILD = re.compile(r"(?<!\\)(?:\\\\)*([*?])")


def unescaped(value: str) -> str:
    return _ESCAPED.sub(r"\1", value)


def word(field: Field | None, typed: str, query: str) -> Node:
    """What stands without quotation marks, escapes and all: a word, `start*`, or `*` for anything."""
    wild = [found.end() for found in _WILD.finditer(typed)]
    if not wild:
        return phrase(field, unescaped(typed), query)
    if wild != [len(typed)] or not typed.endswith("*"):
        raise QuerySyntaxError(query, f'"{typed}": the only wildcard is one * at the end of a word')
    if typed == "*":
        return Present(field.name) if field else Everything()
    return _each(field, lambda one: _start(one, unescaped(typed[:-1]), query))


def phrase(field: Field | None, value: str, query: str) -> Node:
    """A value as meant, without escapes and quotation marks."""
    return _each(field, lambda one: _BY_KIND[one.kind](one, value, query))


def between(
    field: Field | None, low: str | None, high: str | None, include_low: bool, include_high: bool, query: str
) -> Node:
    """Bounds as meant; None is open."""
    if field is None:
        raise QuerySyntaxError(query, "a range needs a field before it, such as published:[2019-06-01 TO now]")
    if low is None and high is None:
        return Present(field.name)
    if field.kind is Kind.DATE:
        try:
            made = [literal(bound) if bound is not None else None for bound in (low, high)]
        except ValueError as error:
            raise QuerySyntaxError(query, f"{field.name}: {error}") from None
        return DateRange(field.name, Moments(made[0], made[1], include_low, include_high))
    if field.kind in (Kind.NUMBER, Kind.SCORE) and field.name != SCORES:
        return NumberRange(
            field.name, _number(field, low, query), _number(field, high, query), include_low, include_high
        )
    ranged = ", ".join(name for name, known in fields().items() if known.kind in (Kind.DATE, Kind.NUMBER))
    raise QuerySyntaxError(query, f'"{field.name}" has no order; ranges work on {ranged} and {SCORES}.NAME')


def _each(field: Field | None, make: Callable[[Field], Node]) -> Node:
    if field is not None:
        return make(field)
    return Or(tuple(make(fields()[name]) for name in DEFAULT))


def _words(field: Field, value: str, query: str) -> Node:
    found = terms(value)
    if not found:
        hint = "; write AND, OR and NOT for operators" if set(value) <= set("&|!") else ""
        raise QuerySyntaxError(query, f'there is no word to search for in "{value}"{hint}')
    if len(found) == 1 and found[0].unspaced and len(found[0].term) == 1:
        return StartsWith(field.name, found[0].term)  # one character of a script that is indexed by pairs
    return Words(field.name, tuple(one.term for one in found))


def _start(field: Field, value: str, query: str) -> Node:
    if field.kind is Kind.EXACT:
        return StartsWith(field.name, _cased(field, value))
    if field.kind is not Kind.WORDS:
        raise QuerySyntaxError(query, f'"{field.name}" takes whole values; a * cannot end them')
    found = terms(value)
    if all(one.unspaced for one in found):
        return _words(field, value, query)  # pairs find the run wherever it stands
    if not _is_word(found, value):
        raise QuerySyntaxError(query, f'"{value}*": a * can only end a single word')
    return StartsWith(field.name, found[0].term)


def _is_word(found: tuple[Term, ...], value: str) -> bool:
    return len(found) == 1 and found[0].end == len(value)


def _exactly(field: Field, value: str, query: str) -> Node:
    if not value.strip():
        raise QuerySyntaxError(query, f'"{field.name}" is given no value')
    return Exactly(field.name, _cased(field, value.strip()))


def _cased(field: Field, value: str) -> str:
    return value.lower() if field.lower else value


def _date(field: Field, value: str, query: str) -> Node:
    return between(field, value, value, True, True, query)


def _equal(field: Field, value: str, query: str) -> Node:
    if field.name == SCORES:
        raise QuerySyntaxError(query, f"write {SCORES}.NAME for a topic's score, or topic:NAME for articles about it")
    return between(field, value, value, True, True, query)


def _number(field: Field, value: str | None, query: str) -> float | None:
    if value is None:
        return None
    if re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    raise QuerySyntaxError(query, f'{field.name}: "{value}" is not a number')


_BY_KIND: dict[Kind, Callable[[Field, str, str], Node]] = {
    Kind.WORDS: _words,
    Kind.EXACT: _exactly,
    Kind.DATE: _date,
    Kind.NUMBER: _equal,
    Kind.SCORE: _equal,
}
