"""Names that start as typed: of the people, organisations, places and events in the articles, the most frequent first.

Promises the same names from every back end, since it asks only what `SearchIndex` answers: names that start, or have a
word that starts, with what is typed, in any script, and names whose other spellings in the watch-list do. Counted are
articles. Only the `LOOKED_THROUGH` most frequent names beside the typed one are looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.errors import QuerySyntaxError
from pipeline.index.base import FacetCount, SearchIndex
from pipeline.index.documents import NOBODY, Known
from pipeline.model import NameKind
from pipeline.query.terms import Term, terms
from pipeline.query.tree import And, Exactly, Node, Query, StartsWith, Words
from pipeline.text import fold, normalise

LOOKED_THROUGH = 10_000
LONGEST = 200  # characters typed; longer than any name
KINDS: Mapping[str, str] = {
    "PERSON": "person",
    "ORG": "org",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "EVENT": "event",
    "NORP": "group",
}
_BEFORE_A_WORD = r"(?:^|[^\w\u0300-\u036f\u1780-\u17d3])"  # what may stand before a word of a name


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`alias` = the other spelling that starts so, if the name itself does not; `count` = articles."""

    name: str
    kind: str
    wikidata: str | None
    count: int
    alias: str | None = None


def suggest(
    index: SearchIndex,
    typed: str,
    *,
    kind: NameKind | None = None,
    limit: int,
    known: Known = NOBODY,
    now: datetime,
) -> tuple[Suggestion, ...]:
    """Raises QuerySyntaxError if nothing is typed that could start a name, or more than LONGEST characters."""
    if len(typed) > LONGEST:
        shown = f"{typed[:30]}..."
        raise QuerySyntaxError(shown, f"names start with at most {LONGEST} characters; these are {len(typed):,}")
    field = kind or "entity"
    query = Query(typed, _starting(typed))
    counts = index.search(query, limit=0, facets=(field,), facet_values=LOOKED_THROUGH, now=now).facets[field]
    starts = re.compile(_BEFORE_A_WORD + re.escape(_plain(typed)))
    made: list[Suggestion] = []
    for each in counts:
        if len(made) < limit and (spelling := _spelling(each.value, starts, known)):
            made.append(_suggestion(each, spelling, _entity(index, each.value, now), known))
    return tuple(made)


def _suggestion(each: FacetCount, spelling: str, found: Mapping[str, Any], known: Known) -> Suggestion:
    listed = known.get(each.value, ())
    wikidata = found.get("wikidata") or next((entity.wikidata for entity in listed), None)
    alias = spelling if spelling != each.value else None
    return Suggestion(each.value, KINDS.get(found.get("label", ""), ""), wikidata, each.count, alias)


def _starting(typed: str) -> Node:
    """Articles with an entity that has all words but the last, and one that starts with that."""
    found = terms(typed)
    if not found:
        raise QuerySyntaxError(typed, "there is no letter or digit that a name could start with")
    *before, last = found
    return And((*(Words("entity", (one.term,)) for one in before), _start(last)))


def _start(last: Term) -> Node:
    if last.unspaced and len(last.term) > 1:
        return Words("entity", (last.term,))  # a pair of characters is a whole term
    return StartsWith("entity", last.term)


def _spelling(name: str, starts: re.Pattern[str], known: Known) -> str | None:
    """How the name is called when it is called as typed."""
    aliases = (alias for entity in known.get(name, ()) for alias in (entity.name, *entity.aliases))
    return next((spelling for spelling in (name, *aliases) if starts.search(_plain(spelling))), None)


def _plain(text: str) -> str:
    return " ".join(fold(normalise(text).text).split())


def _entity(index: SearchIndex, name: str, now: datetime) -> Mapping[str, Any]:
    """What the newest article with this name says of it."""
    newest = index.search(Query(name, Exactly("entity_name", name)), limit=1, now=now).hits
    listed: Iterable[Mapping[str, Any]] = newest[0].body.get("entities", ()) if newest else ()
    return next(_named(listed, name), {})


def _named(listed: Iterable[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    return (each for each in listed if each["name"] == name)
