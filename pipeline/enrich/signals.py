"""What the words of a topic amount to in one text: a fixed list of numbers, and the spans behind them.

Promises, for each topic, `FEATURES` (all >= 0) and evidence, from where the phrases stand: in the title, in the
lead, together in one sentence, beside words of context, or only in passing. A text in which every name stands in a
by-line, a caption or a list has no evidence. It knows neither the weight of a feature nor the trained model: see
`topics`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.enrich.acronyms import spelled_out
from pipeline.enrich.passing import Layout, layout, listed_spans, passing_spans, triples
from pipeline.enrich.patterns import Hit, PatternMatcher, Role, matchable
from pipeline.text.scripts import script
from pipeline.text.segment import segment

FEATURES = (
    "title_term",  # a term in the title
    "lead_term",  # ... in the lead
    "title_name",  # a term that is no acronym, so a name in full, in the title
    "lead_name",  # ... in the lead
    "terms",  # log(1 + terms anywhere)
    "acronyms",  # terms, but acronyms only, which other bodies may share
    "title_pair",  # both sides of a pair in the title
    "lead_pair",  # ... in one sentence of the lead, with context
    "bare_pair",  # ... in one sentence of the lead, without context
    "pairs",  # log(1 + sentences with a pair and context)
    "near",  # the sides in neighbouring sentences of title and lead, but never in one
    "both",  # log(1 + hits of the rarer side of a pair)
    "context",  # log(1 + different context words in sentences with a term or pair)
    "lead_context",  # log(1 + different context words in title and lead), if there is a term or pair at all
    "share",  # part of the sentences of title and lead that have a term or pair
    "listed",  # log(1 + hits in lists)
    "passing",  # only in by-lines, captions and lists
    "excluding",  # log(1 + excluding phrases)
)
LEAD = {"han": 180, "khmer": 600, "latin": 520, "other": 520}  # code points after the title
MOST_EVIDENCE = 12

Edges = Callable[[int, int], frozenset[int]]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Signals:
    """`features` in the order of FEATURES; `evidence` are spans of the normalised text, in order, not overlapping."""

    features: tuple[float, ...]
    evidence: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A text laid out: its sentences, where its title and lead end, and the parts that do not speak of its subject."""

    sentences: Layout
    title_end: int
    lead_end: int
    passing: Spans
    listed: Spans
    triples: Sequence[Spans]

    def sentence(self, hit: Hit) -> int:
        return self.sentences.sentence(hit.start)

    @property
    def lead_sentences(self) -> int:
        return max(1, bisect_left(self.sentences.starts, self.lead_end))


@dataclass(frozen=True, slots=True)
class _Found:
    """The hits of one topic, sorted by what they are worth."""

    plain: tuple[Hit, ...]  # neither in passing nor in a list, nor excluding
    terms: tuple[Hit, ...]
    couples: Mapping[int, list[Hit]]  # by sentence, where both sides of a pair stand in it
    near: tuple[int, ...]  # sentences that hold one side each, if none holds both
    listed: int
    excluding: int

    @property
    def rarer_side(self) -> int:
        counts: dict[int, list[int]] = {}
        for hit in self.plain:
            if hit.role == Role.PAIR:
                counts.setdefault(hit.pair, [0, 0])[hit.side] += 1
        return max((min(both) for both in counts.values()), default=0)


def read_signals(text: str, title_end: int, matcher: PatternMatcher, *, words: Spans = ()) -> list[Signals]:
    """Signals of each of the matcher's topics. `text` is normalised, and its title ends at `title_end`.

    `words` are the words of its beginning, where somebody has segmented that already.
    """
    sentences = layout(text)
    found = matcher.find(text, matchable(text), words=_word_edges(text, sentences, words))
    found = [_own(hits, text, title_end, known) for hits, known in zip(found, matcher.acronyms, strict=True)]
    if not any(found):
        return [_NOTHING] * len(found)
    body = text[title_end:].lstrip()[:1] or text[:1]
    lead_end = title_end + LEAD[script(body) if body else "other"]
    place = _Place(sentences, title_end, lead_end, passing_spans(text), listed_spans(text, sentences), triples(text))
    return [_signals(hits, place) if hits else _NOTHING for hits in found]


def _own(hits: Sequence[Hit], text: str, title_end: int, known: frozenset[str]) -> tuple[Hit, ...]:
    """The hits without the acronyms that the text itself says are another body's: spelled out beside one of them in
    words that hold nothing of the topic, or first named in an excluding phrase ("ASEM S.p.A.") and nowhere in full.
    `known` are those of which the topic has a long form to be told by."""
    foreign = set()
    for hit in hits:
        if hit.phrase in known and hit.phrase not in foreign:
            long = spelled_out(text, hit.start, hit.end)
            if long and not any(long[0] <= other.start and other.end <= long[1] for other in hits):
                foreign.add(hit.phrase)
    if not any(hit.role == Role.TERM and not hit.acronym for hit in hits):
        foreign |= {acronym for acronym in known if _first_excluded(hits, title_end, acronym)}
    return tuple(hit for hit in hits if hit.phrase not in foreign)


def _first_excluded(hits: Sequence[Hit], title_end: int, acronym: str) -> bool:
    """Is it in an excluding phrase where the text below the title has it first?"""
    below = (hit for hit in hits if hit.start >= title_end and acronym in hit.phrase.split())
    first = next(below, None)
    return first is not None and first.role == Role.EXCLUDING


_NOTHING = Signals((0.0,) * len(FEATURES))


def _word_edges(text: str, sentences: Layout, words: Spans) -> Edges:
    """Word boundaries around a place, segmenting each sentence at most once and only when asked."""
    beginning = frozenset(at for span in words for at in span)
    segmented = words[-1][1] if words else 0
    known: dict[int, frozenset[int]] = {}

    def edges(start: int, end: int) -> frozenset[int]:
        if end < segmented:
            return beginning
        number = sentences.sentence(start)
        if number not in known:
            left, right = sentences.span(number)
            spans = segment(text[left:right], "km" if script(text[start]) == "khmer" else "zh")
            known[number] = frozenset(left + at for span in spans for at in span)
        return known[number]

    return edges


def _signals(hits: Sequence[Hit], place: _Place) -> Signals:
    found = _sorted(hits, place)
    features = _title_and_lead(found, place) | _whole(found, place)
    return Signals(tuple(float(features[name]) for name in FEATURES), _evidence(found))


def _sorted(hits: Sequence[Hit], place: _Place) -> _Found:
    spoken = [hit for hit in hits if hit.role != Role.EXCLUDING and not _inside(hit, place.passing)]
    listed = {hit for members in place.triples for hit in _unrelated(spoken, members)}
    plain = tuple(hit for hit in spoken if hit not in listed and not _inside(hit, place.listed))
    couples = _couples(plain, place)
    return _Found(
        plain=plain,
        terms=tuple(hit for hit in plain if hit.role == Role.TERM),
        couples=couples,
        near=() if couples else _neighbours(plain, place),
        listed=sum(hit.role != Role.CONTEXT for hit in set(spoken) - set(plain)),
        excluding=sum(hit.role == Role.EXCLUDING for hit in hits),
    )


def _unrelated(hits: Sequence[Hit], members: Spans) -> list[Hit]:
    """The hits in a short list of names that holds both sides of a pair, or a term made of two of its members."""
    start, end = members[0][0], members[-1][1]
    inside = [hit for hit in hits if hit.role != Role.CONTEXT and start <= hit.start and hit.end <= end]
    across = any(not _inside(hit, members) for hit in inside)
    sides = {(hit.pair, hit.side) for hit in inside if hit.role == Role.PAIR}
    both = any((pair, 1 - side) in sides for pair, side in sides)
    return inside if across or both else []


def _title_and_lead(found: _Found, place: _Place) -> dict[str, float]:
    zones = [(_zone(place.sentences.starts[number], place), number) for number in found.couples]
    context = _in_context(found, place)
    return {
        "title_term": any(_zone(hit.start, place) == "title" for hit in found.terms),
        "lead_term": any(_zone(hit.start, place) == "lead" for hit in found.terms),
        "title_name": any(_zone(hit.start, place) == "title" and not hit.acronym for hit in found.terms),
        "lead_name": any(_zone(hit.start, place) == "lead" and not hit.acronym for hit in found.terms),
        "title_pair": any(zone == "title" for zone, _ in zones),
        "lead_pair": any(zone == "lead" and number in context for zone, number in zones),
        "bare_pair": any(zone == "lead" and number not in context for zone, number in zones),
        "near": bool(found.near),
    }


def _whole(found: _Found, place: _Place) -> dict[str, float]:
    strong = found.couples.keys() | {place.sentence(hit) for hit in found.terms}
    beside = [hit for hit in found.plain if hit.role == Role.CONTEXT and place.sentence(hit) in {*strong, *found.near}]
    early = [hit for hit in found.plain if hit.role == Role.CONTEXT and hit.start < place.lead_end and strong]
    return {
        "terms": math.log1p(len(found.terms)),
        "acronyms": bool(found.terms) and all(hit.acronym for hit in found.terms),
        "pairs": math.log1p(len(_in_context(found, place))),
        "both": math.log1p(found.rarer_side),
        "context": math.log1p(len({hit.phrase for hit in beside})),
        "lead_context": math.log1p(len({hit.phrase for hit in early})),
        "share": sum(place.sentences.starts[number] < place.lead_end for number in strong) / place.lead_sentences,
        "listed": math.log1p(found.listed),
        "passing": not strong and not found.rarer_side,
        "excluding": math.log1p(found.excluding),
    }


def _in_context(found: _Found, place: _Place) -> frozenset[int]:
    """Sentences with both sides of a pair and a word of context."""
    spoken = {place.sentence(hit) for hit in found.plain if hit.role == Role.CONTEXT}
    return frozenset(found.couples.keys() & spoken)


def _couples(hits: Iterable[Hit], place: _Place) -> dict[int, list[Hit]]:
    """Sentence number -> the pair hits of a pair of which both sides are there."""
    sides: dict[tuple[int, int], list[Hit]] = {}
    for hit in hits:
        if hit.role == Role.PAIR:
            sides.setdefault((place.sentence(hit), hit.pair), []).append(hit)
    couples: dict[int, list[Hit]] = {}
    for (number, _), members in sides.items():
        if {hit.side for hit in members} == {0, 1}:
            couples.setdefault(number, []).extend(members)
    return couples


def _neighbours(hits: Iterable[Hit], place: _Place) -> tuple[int, ...]:
    """Two sentences of title and lead, one after the other, that hold one side of a pair each."""
    sides: dict[int, tuple[set[int], set[int]]] = {}
    for hit in hits:
        if hit.role == Role.PAIR and hit.start < place.lead_end:
            sides.setdefault(hit.pair, (set(), set()))[hit.side].add(place.sentence(hit))
    for left, right in sides.values():
        pairs = [(number, number + step) for number in sorted(left) for step in (-1, 1) if number + step in right]
        if pairs:
            return pairs[0]
    return ()


def _zone(at: int, place: _Place) -> str:
    if at < place.title_end:
        return "title"
    return "lead" if at < place.lead_end else "rest"


def _inside(hit: Hit, spans: Spans) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


def _evidence(found: _Found) -> tuple[tuple[int, int], ...]:
    """The first hit of each phrase before further ones of the same, then in order of place."""
    decided = {*found.terms, *(hit for pair in found.couples.values() for hit in pair)}
    if not decided and found.rarer_side:
        decided = {hit for hit in found.plain if hit.role == Role.PAIR}
    seen: dict[str, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for hit in sorted(decided, key=lambda hit: (hit.start, -hit.end)):
        ranked.append((seen.setdefault(hit.phrase, 0), hit.start, hit.end))
        seen[hit.phrase] += 1
    spans = sorted((start, end) for _, start, end in sorted(ranked)[:MOST_EVIDENCE])
    return tuple(span for at, span in enumerate(spans) if not at or spans[at - 1][1] <= span[0])
