"""What the worker and its child say to each other: frames of JSON and bytes, never pickles.

A frame is two lengths (4 bytes each, big-endian), then a JSON object, then raw bytes. Promises that what is read back
equals what was written, that a frame never exceeds MAX_FRAME, and that a broken or cut frame raises EOFError or
ValueError. The child has read hostile input: its frames are rebuilt field by field into our frozen dataclasses.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from pipeline.model import Entry, Feed, Page, Problem

MAX_FRAME: Final = 256 * 1024 * 1024
OUT_OF_MEMORY: Final = 71  # exit status of a child that ran out of it
_LENGTHS = struct.Struct(">II")


def pack(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    text = json.dumps(header, ensure_ascii=True, default=_moment).encode("ascii")
    if len(text) + len(body) > MAX_FRAME:
        raise ValueError("the frame is too long")
    return _LENGTHS.pack(len(text), len(body)) + text + body


def unpack(read: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """One frame, from `read(n)`, which gives exactly n bytes or raises EOFError."""
    text, body = _LENGTHS.unpack(read(_LENGTHS.size))
    if text + body > MAX_FRAME:
        raise ValueError("the frame is too long")
    header = json.loads(read(text))
    if not isinstance(header, dict):
        raise ValueError("the frame is no object")
    return header, read(body)


def to_json(document: Feed | Page) -> dict[str, Any]:
    return dataclasses.asdict(document)


def feed_from_json(data: Mapping[str, Any]) -> Feed:
    return Feed(
        format=data["format"],
        title=data["title"],
        language=data["language"],
        entries=tuple(_entry(item) for item in data["entries"]),
        problems=_problems(data),
    )


def page_from_json(data: Mapping[str, Any]) -> Page:
    return Page(**{**data, "published": _datetime(data["published"]), "problems": _problems(data)})


def _entry(data: Mapping[str, Any]) -> Entry:
    dates = {name: _datetime(data[name]) for name in ("published", "updated")}
    return Entry(**{**data, **dates, "authors": tuple(data["authors"])})


def _problems(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(str(item["code"]), str(item["message"])) for item in data["problems"])


def _datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
