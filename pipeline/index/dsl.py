"""Queries and documents for Elasticsearch.

Promises the same articles as the tantivy translation, which the contract suite compares: text is asked of the hidden
`terms.*` fields, which hold our own terms parted by spaces, and never analysed there. The visible text fields are
analysed by Elasticsearch, for what people type into Kibana. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.index.analysed import analyse
from pipeline.index.base import Document, whole_bounds
from pipeline.query.fields import Kind, fields
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
Clause = dict[str, Any]


def translated(query: Query, *, now: datetime) -> Clause:
    return _node(query.root, now)


def source(document: Document) -> dict[str, Any]:
    """What is sent: the body, and the terms of its text fields."""
    words = {name: value for name, value in document.body.items() if name in fields() and _is_words(name)}
    return {**document.body, "terms": {name: _joined(value) for name, value in words.items()}}


def whole(field: str) -> str:
    """The Elasticsearch field that counts whole values of `field`."""
    return f"{field}.keyword" if _is_words(field) else field


def _is_words(field: str) -> bool:
    known = fields().get(field)
    return known is not None and known.kind is Kind.WORDS


def _joined(value: Any) -> list[str]:
    return [" ".join(sequence) for sequence in analyse(value).sequences]


def _node(node: Node, now: datetime) -> Clause:
    match node:
        case And(parts):
            return _all(parts, now)
        case Or(parts):
            return {"bool": {"should": [_node(part, now) for part in parts], "minimum_should_match": 1}}
        case Not(part):
            return {"bool": {"must_not": [_node(part, now)]}}
        case Words(field, terms):
            return _words(field, terms)
        case StartsWith(field, prefix) if _is_words(field):
            return {"prefix": {f"terms.{field}": {"value": prefix, "boost": _weight(field)}}}
        case _:
            return {"bool": {"filter": [_filter(node, now)]}}


def _all(parts: tuple[Node, ...], now: datetime) -> Clause:
    """Filters that stand in a list of their own are cached, and add nothing to a score."""
    must = [_node(part, now) for part in parts if not isinstance(part, Not)]
    must_not = [_node(part.part, now) for part in parts if isinstance(part, Not)]
    return {"bool": {"must": must, "must_not": must_not}}


def _words(field: str, terms: tuple[str, ...]) -> Clause:
    if len(terms) == 1:
        return {"term": {f"terms.{field}": {"value": terms[0], "boost": _weight(field)}}}
    return {"match_phrase": {f"terms.{field}": {"query": " ".join(terms), "boost": _weight(field)}}}


def _weight(field: str) -> float:
    return TITLE_WEIGHT if field == "title" else 1.0


def _filter(node: Node, now: datetime) -> Clause:
    match node:
        case Everything():
            return {"match_all": {}}
        case Exactly(field, value):
            return {"term": {field: {"value": value}}}
        case Present(field):
            return {"exists": {"field": field}}
        case StartsWith(field, prefix):
            return {"prefix": {field: {"value": prefix}}}
        case DateRange():
            return _dates(node, now)
        case NumberRange():
            return _numbers(node)
    raise TypeError(f"no such clause: {node!r}")


def _dates(node: DateRange, now: datetime) -> Clause:
    start, end = node.moments.resolve(now)
    return _range(node.field, {"gte": _iso(start), "lt": _iso(end)})


def _numbers(node: NumberRange) -> Clause:
    if node.field in fields():
        low, high = whole_bounds(node)
        return _range(node.field, {"gte": low, "lte": high})
    low_key = "gte" if node.include_low else "gt"
    return _range(node.field, {low_key: node.low, "lte" if node.include_high else "lt": node.high})


def _range(field: str, bounds: Mapping[str, Any]) -> Clause:
    return {"range": {field: {key: bound for key, bound in bounds.items() if bound is not None}}}


def _iso(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=None).isoformat() + "Z" if moment else None
