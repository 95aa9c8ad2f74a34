"""Queries for tantivy.

Promises the same articles as the Elasticsearch translation, which the contract suite compares. Filters add nothing to
a score, words in a title count double. It opens no index and reads no clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import tantivy
from tantivy import Occur

from pipeline.index.base import whole_bounds
from pipeline.index.tantivy_schema import PRESENT, schema
from pipeline.query.fields import Kind, fields
from pipeline.query.moments import Moments, literal
from pipeline.query.tree import (
    And,
    DateRange,
    Everything,
    Exactly,
    Node,
    Not,
    NumberRange,
    Or,
    Present,
    Query,
    StartsWith,
    Words,
)

TITLE_WEIGHT = 2.0
_META = re.compile(r"[\\.+*?()|\[\]{}^$#&~-]")  # of tantivy's regular expressions


def translated(query: Query, index: tantivy.Index, *, now: datetime | None) -> tantivy.Query:
    """The query for `index`. Raises ValueError if it needs `now` and has none."""
    return _node(query.root, index, now)


def by_id(article: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema(), "id", article)


def first_seen_in(month: str) -> tantivy.Query:
    """Articles first seen in a month, "2026.11"."""
    whole = literal(month.replace(".", "-"))
    return _dates(DateRange("first_seen", Moments(whole, whole)), None)


def _node(node: Node, index: tantivy.Index, now: datetime | None) -> tantivy.Query:
    match node:
        case And(parts):
            return _all(parts, index, now)
        case Or(parts):
            return tantivy.Query.boolean_query([(Occur.Should, _node(part, index, now)) for part in parts])
        case Not():
            return _all((node,), index, now)
        case Words() | StartsWith() if fields()[node.field].kind is Kind.WORDS:
            return _weighed(_words(node), node.field)
        case _:
            return tantivy.Query.const_score_query(_filter(node, index, now), 0.0)


def _all(parts: Sequence[Node], index: tantivy.Index, now: datetime | None) -> tantivy.Query:
    """tantivy finds nothing by exclusions alone, so that they are taken from everything."""
    clauses = [
        (Occur.MustNot, _node(part.part, index, now))
        if isinstance(part, Not)
        else (Occur.Must, _node(part, index, now))
        for part in parts
    ]
    if all(isinstance(part, Not) for part in parts):
        clauses.append((Occur.Must, tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)))
    return tantivy.Query.boolean_query(clauses)


def _words(node: Words | StartsWith) -> tantivy.Query:
    if isinstance(node, StartsWith):
        return _starts_with(node)
    if len(node.terms) == 1:
        return tantivy.Query.term_query(schema(), node.field, node.terms[0])
    return tantivy.Query.phrase_query(schema(), node.field, list(node.terms))


def _weighed(query: tantivy.Query, field: str) -> tantivy.Query:
    return tantivy.Query.boost_query(query, TITLE_WEIGHT) if field == "title" else query


def _starts_with(node: StartsWith) -> tantivy.Query:
    return tantivy.Query.regex_query(schema(), node.field, _META.sub(r"\\\g<0>", node.prefix) + "(.|\n)*")


def _filter(node: Node, index: tantivy.Index, now: datetime | None) -> tantivy.Query:
    match node:
        case Everything():
            return tantivy.Query.all_query()
        case Exactly(field, value):
            return tantivy.Query.term_query(schema(), field, value)
        case Present(field):
            return tantivy.Query.term_query(schema(), PRESENT, field)
        case StartsWith():
            return _starts_with(node)
        case DateRange():
            return _dates(node, now)
        case NumberRange():
            return _numbers(node, index)
    raise TypeError(f"no such clause: {node!r}")


def _dates(node: DateRange, now: datetime | None) -> tantivy.Query:
    start, end = node.moments.resolve(now)
    kind = tantivy.FieldType.Date
    return tantivy.Query.range_query(schema(), node.field, kind, start, end, include_upper=end is None)


def _numbers(node: NumberRange, index: tantivy.Index) -> tantivy.Query:
    if fields().get(node.field):
        low, high = whole_bounds(node)
        return tantivy.Query.range_query(schema(), node.field, tantivy.FieldType.Integer, low, high)
    sides = [query for query in (_from(node, index), _to(node, index)) if query is not None]
    return tantivy.Query.boolean_query([(Occur.Must, side) for side in sides])


def _from(node: NumberRange, index: tantivy.Index) -> tantivy.Query | None:
    """A JSON path has no range but in query syntax, and there no bounds of two types, such as 0.5 and 1."""
    opening = "[" if node.include_low else "{"
    return None if node.low is None else index.parse_query(f"{node.field}:{opening}{node.low:.9f} TO *]")


def _to(node: NumberRange, index: tantivy.Index) -> tantivy.Query | None:
    closing = "]" if node.include_high else "}"
    return None if node.high is None else index.parse_query(f"{node.field}:[* TO {node.high:.9f}{closing}")
