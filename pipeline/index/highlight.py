"""What matched, shown in title and text: computed here and not by an engine, so that all show the same.

Promises spans that cover exactly the words or characters found, at most one piece of the title and `PIECES` of the
text. Names asked for in an entity field are shown where title and text say them. It explains no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.index.base import Highlight, Hit
from pipeline.query.fields import DEFAULT
from pipeline.query.terms import Term, terms
from pipeline.query.tree import Query, StartsWith, Words, leaves

PIECES = 2
WIDTH = 200  # code points of one piece
READ = 50_000  # code points of a text that are looked through
_NAMES = ("entity", "person", "org", "place", "event")  # fields whose words stand in the text itself

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Needle:
    terms: tuple[str, ...]
    prefix: bool


def hit(query: Query, body: Mapping[str, Any], *, score: float) -> Hit:
    """One article found, as it was indexed."""
    published = body.get("published")
    return Hit(
        id=body["id"],
        score=float(score),
        title=body.get("title", ""),
        source=body["source"],
        published=datetime.fromisoformat(published) if published else None,
        highlights=highlights(query, body),
        body=body,
    )


def highlights(query: Query, body: Mapping[str, Any]) -> tuple[Highlight, ...]:
    """Pieces of title and text with what the query asked for."""
    made: list[Highlight] = []
    for field in DEFAULT:
        needles = _needles(query, field)
        text = str(body.get(field) or "")[:READ]
        if needles and (spans := _find(needles, text)):
            made += _pieces(field, text, spans)
    return tuple(made)


def _needles(query: Query, field: str) -> tuple[_Needle, ...]:
    made = []
    for leaf, negated in leaves(query.root):
        if negated or not isinstance(leaf, Words | StartsWith) or leaf.field not in (field, *_NAMES):
            continue
        made.append(_Needle(leaf.terms, False) if isinstance(leaf, Words) else _Needle((leaf.prefix,), True))
    return tuple(dict.fromkeys(made))


def _find(needles: Iterable[_Needle], text: str) -> tuple[Span, ...]:
    """Non-overlapping spans, in order."""
    found = terms(text)
    places: dict[str, list[int]] = {}
    for at, one in enumerate(found):
        places.setdefault(one.term, []).append(at)
    spans: list[Span] = []
    for needle in needles:
        spans += _starting(needle.terms[0], found) if needle.prefix else _matching(needle.terms, found, places)
    return _merged(spans)


def _matching(wanted: tuple[str, ...], found: Sequence[Term], places: Mapping[str, list[int]]) -> Iterable[Span]:
    for at in places.get(wanted[0], ()):
        here = found[at : at + len(wanted)]
        if len(here) == len(wanted) and all(one.term == term for one, term in zip(here, wanted, strict=True)):
            yield here[0].start, here[-1].end


def _starting(prefix: str, found: Sequence[Term]) -> Iterable[Span]:
    for one in found:
        if one.term.startswith(prefix):
            yield one.start, one.start + 1 if one.unspaced else one.end
        elif one.unspaced and one.term.endswith(prefix):
            yield one.end - 1, one.end


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _pieces(field: str, text: str, spans: Sequence[Span]) -> Iterable[Highlight]:
    """The whole title; of a text, the windows with most matches, in their order."""
    if field == "title":
        return [Highlight(field, text, tuple(spans))]
    windows: list[list[Span]] = []
    for span in spans:
        if windows and span[1] - windows[-1][0][0] <= WIDTH - WIDTH // 4:
            windows[-1].append(span)
        else:
            windows.append([span])
    best = sorted(sorted(windows, key=len, reverse=True)[:PIECES])
    return [_cut(field, text, window) for window in best]


def _cut(field: str, text: str, window: Sequence[Span]) -> Highlight:
    """The window with some words around it; a cut falls on a space where there is one near."""
    start = max(0, window[0][0] - WIDTH // 4)
    end = min(len(text), max(start + WIDTH, window[-1][1]))
    if start and (space := text.find(" ", start, window[0][0])) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", window[-1][1], end)) >= 0:
        end = space
    spans = tuple((first - start, last - start) for first, last in window)
    return Highlight(field, text[start:end], spans)
