"""Where an article says what a rule's query asks for, so that the mail can show it.

Promises spans of `title + "\\n" + text` that hold a phrase of the query, a mention of an entity it names, or the
evidence of a topic it names; nothing under a NOT. It decides nothing: whether the query matches is the index's to say,
and a query of dates or outlets alone has no words.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.errors import QueryError
from pipeline.model import Annotated, Span
from pipeline.query import parse_query
from pipeline.query.terms import Term, terms
from pipeline.query.tree import Exactly, Leaf, StartsWith, Words, leaves

_NAMES = frozenset({"entity", "person", "org", "place", "event"})
_READ = 20_000  # code points of a text that are looked through


def query_spans(query: str, annotated: Annotated) -> tuple[Span, ...]:
    """In order, without repeats. A query that can no longer be read has none."""
    try:
        asked = [leaf for leaf, negated in leaves(parse_query(query).root) if not negated]
    except QueryError:
        return ()
    article = annotated.article
    raw = f"{article.title}\n{article.text[:_READ]}"
    held = terms(raw)
    border = len(article.title)
    found = {places for leaf in asked for places in _places(leaf, annotated, held, border)}
    return tuple(Span(raw[start:end], start, end) for start, end in sorted(found) if end <= len(raw))


def _places(leaf: Leaf, annotated: Annotated, held: tuple[Term, ...], border: int) -> Iterator[tuple[int, int]]:
    if isinstance(leaf, Exactly) and leaf.field == "topic":
        for score in annotated.annotation.topics:
            if score.topic == leaf.value and score.match:
                yield from ((span.start, span.end) for span in score.evidence)
    if not isinstance(leaf, Words | StartsWith):
        return
    if leaf.field in _NAMES:
        for mention in annotated.annotation.mentions:
            if any(_phrases(leaf, terms(name)) for name in (mention.name, mention.text)):
                yield mention.start, mention.end
    elif leaf.field in ("title", "text"):
        for start, end in _phrases(leaf, held):
            if (end <= border) is (leaf.field == "title"):
                yield start, end


def _phrases(leaf: Words | StartsWith, held: tuple[Term, ...]) -> list[tuple[int, int]]:
    if isinstance(leaf, StartsWith):
        return [(term.start, term.end) for term in held if term.term.startswith(leaf.prefix)]
    size = len(leaf.terms)
    return [
        (held[at].start, held[at + size - 1].end)
        for at in range(len(held) - size + 1)
        if held[at].term == leaf.terms[0] and tuple(term.term for term in held[at : at + size]) == leaf.terms
    ]
