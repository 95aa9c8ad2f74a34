"""JSON Lines from strangers: one line in, one item or one problem out.

Promises never to raise for what a line holds: bytes that are no UTF-8, no JSON, no object, no id, fields of the wrong
type. Strings come out without lone surrogates, each replaced by one character, so that offsets stay what they were.
It does not know what the items are for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.model import Problem

MAX_LINE = 16 * 1024 * 1024  # bytes, or characters of a line that is text already
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPTIONAL = ("title", "text", "language", "url", "published")

Id = str | int


@dataclass(frozen=True, slots=True)
class Item:
    """A line that can be worked on. Missing title and text are empty."""

    id: Id
    title: str
    text: str
    language: str | None = None
    url: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot; `id` if at least that could be read."""

    problem: Problem
    id: Id | None = None


def read_items(lines: Iterable[str | bytes]) -> Iterator[Item | BadLine]:
    """One outcome a line, in order, as the lines come."""
    for number, line in enumerate(lines, start=1):
        yield _item(line, number)


def _item(line: str | bytes, number: int) -> Item | BadLine:
    value = _value(line, number)
    if isinstance(value, Problem):
        return BadLine(value)
    own_id = _id(value.get("id"))
    if own_id is None:
        return BadLine(Problem("no_id", f'line {number}: "id" is missing, empty, or neither text nor a whole number'))
    for name in _OPTIONAL:
        if not isinstance(value.get(name), str | None):
            return BadLine(Problem("bad_field", f'line {number}: "{name}" is not text'), own_id)
    fields = {name: whole(value[name]) for name in _OPTIONAL if value.get(name) is not None}
    return Item(id=own_id, **{"title": "", "text": "", **fields})


def _value(line: str | bytes, number: int) -> Mapping[str, Any] | Problem:
    if len(line) > MAX_LINE:
        return Problem("too_long", f"line {number}: longer than {MAX_LINE} bytes")
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
        value = json.loads(text, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        return Problem("encoding", f"line {number}: not UTF-8 at byte {error.start}")
    except RecursionError:
        return Problem("not_json", f"line {number}: nested too deeply")
    except ValueError as error:
        return Problem("not_json", f"line {number}: {error}" if line.strip() else f"line {number}: empty")
    if not isinstance(value, dict):
        return Problem("not_json", f"line {number}: not a JSON object")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")  # Python reads NaN and Infinity, nobody else does


def _id(value: object) -> Id | None:
    if isinstance(value, str):
        return whole(value) or None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def whole(text: str) -> str:
    """`text` with every lone surrogate replaced by one U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)
