"""One list of mentions from watch-list and recogniser, each with the name of its entity.

Promises mentions in order of place that do not overlap, and that `name` groups the mentions of one entity in the
text: people by `people`, `surnames` and `givennames`, an acronym in parentheses with the long form before it ("Belt and
Road Initiative (BRI)"), other spellings by what they have in common when folded. The watch-list wins where both found
something, unless the recogniser's name is longer and adds a name word ("Royal University of Phnom Penh") or says
what is named after a place ("rue de Pékin"). It knows no document but this one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.enrich.acronyms import abbreviates
from pipeline.enrich.givennames import resolve_given_names
from pipeline.enrich.ner import Found
from pipeline.enrich.patterns import matchable
from pipeline.enrich.people import resolve_people
from pipeline.enrich.plausible import plausible
from pipeline.enrich.surnames import resolve_surnames
from pipeline.model import Label, Mention
from pipeline.text import script

# Words that make a longer name of the same place: "Kingdom of Cambodia" is Cambodia, "New South Wales" is not Wales.
_SAME_PLACE = frozenset("kingdom of the republic federation state people's democratic mainland river city".split())
_OWNER = re.compile(r"(?:kingdom|country|nation|government|city|region)['’]s\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?\s+")
_SUMMIT = re.compile(r"-?\d{0,3}(?:st|nd|rd|th)? (?:Summit|summit)(?!\w)|峰会|首脑会议|领导人会议")
_ACRONYM = re.compile(r"\s?[(（]([A-Za-z][A-Za-z&-]{1,9})[)）]")
_LONG_FORM = re.compile(r"(?:[A-Z][\w’'&-]*\s+(?:(?:of|and|the|for|on|in|de|la)\s+){0,2}){1,10}$")
_LONGEST = 150  # code points of a long form
_OF_PLACE = re.compile(r"\w.* (?:d['’]|de l['’]|de la |de |du |des )")  # "rue de", before the place
_UNCASED = frozenset({"han", "khmer"})
_NAMED_AFTER_PLACES = frozenset({"ORG", "FAC", "EVENT"})
_SUMMIT_BODIES = frozenset({"ORG", "EVENT"})


def resolve(text: str, watched: Sequence[Mention], found: Sequence[Found]) -> tuple[Mention, ...]:
    """All mentions of `text`; offsets of all are into it."""
    linked = frozenset(mention.name for mention in watched)
    mentions = _with_summits(text, combine(text, watched, plausible(text, found)))
    mentions = _agreed(mentions, linked)
    mentions = resolve_surnames(text, resolve_people(text, mentions, linked), linked)
    mentions = resolve_given_names(text, mentions)
    return _grouped(_with_acronyms(text, mentions, linked), linked)


def combine(text: str, watched: Sequence[Mention], found: Iterable[Found]) -> tuple[Mention, ...]:
    """Both kinds without overlaps, by the rule above. `watched` are in order of place and do not overlap."""
    kept: list[Mention] = []
    covered: set[int] = set()
    starts, ends = [mention.start for mention in watched], [mention.end for mention in watched]
    for span in found:
        span = _without_owner(text, span, _at(watched, starts, span.start))
        inside = watched[bisect_right(ends, span.start) : bisect_left(starts, span.end)]
        if not inside:
            kept.append(_mention(text, span))
        elif _longer_name(text, span, inside):
            kept.append(_linked(_mention(text, span), inside))
            covered.update(mention.start for mention in inside)
    kept += [mention for mention in watched if mention.start not in covered]
    return tuple(sorted(kept, key=lambda mention: mention.start))


def _at(watched: Sequence[Mention], starts: Sequence[int], start: int) -> Mention | None:
    place = bisect_left(starts, start)
    return watched[place] if place < len(starts) and starts[place] == start else None


def _mention(text: str, span: Found) -> Mention:
    name = text[span.start : span.end]
    return Mention(name, span.label, span.start, span.end, name)


def _without_owner(text: str, span: Found, first: Mention | None) -> Found:
    """ "Cambodia's Ministry of Health" is a ministry; Cambodia, the `first` mention in it, is another."""
    owner = _OWNER.match(text, span.start, span.end)
    if owner is None and first is not None and first.label == "GPE":
        owner = _POSSESSIVE.match(text, first.end, span.end)
    return Found(owner.end(), span.end, span.label) if owner and owner.end() < span.end else span


def _longer_name(text: str, span: Found, inside: Sequence[Mention]) -> bool:
    """Does the recogniser's span hold all these mentions, and a name word besides?"""
    if not all(span.start <= mention.start and mention.end <= span.end for mention in inside):
        return False
    rest, at = "", span.start
    for mention in inside:
        rest += text[at : mention.start] + " "
        at = mention.end
    rest += text[at : span.end]
    words = re.findall(r"[^\W_][\w’']*", rest)
    if any(word[0].isupper() and len(word) > 1 for word in words):
        return True
    if span.label == "PERSON" and any(mention.label == "PERSON" for mention in inside):
        return False
    if span.label == "FAC" and inside[0].label == "GPE" and _OF_PLACE.fullmatch(text, span.start, inside[0].start):
        return True
    named_after = span.label in _NAMED_AFTER_PLACES and all(mention.label != span.label for mention in inside)
    return any(script(word[0]) in _UNCASED and len(word) >= (1 if named_after else 3) for word in words)


def _linked(mention: Mention, inside: Sequence[Mention]) -> Mention:
    """A place in its long form keeps the link of its short form."""
    if len(inside) != 1 or inside[0].label != mention.label or mention.label not in ("GPE", "LOC"):
        return mention
    extra = set(mention.text.lower().split()) - set(inside[0].text.lower().split())
    return replace(mention, name=inside[0].name, wikidata=inside[0].wikidata) if extra <= _SAME_PLACE else mention


def _with_summits(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The summit of a body that is named is an event: "Asem13 Summit", "ASEAN summit"."""
    grown: list[Mention] = []
    for mention in mentions:
        if grown and mention.start < grown[-1].end:
            continue
        after = _SUMMIT.match(text, mention.end) if mention.label in _SUMMIT_BODIES else None
        if after and "ummit" not in mention.text:
            name = text[mention.start : after.end()]
            mention = Mention(name, "EVENT", mention.start, after.end(), name)
        grown.append(mention)
    return tuple(grown)


def _agreed(mentions: Sequence[Mention], linked: frozenset[str]) -> tuple[Mention, ...]:
    """One spelling, one label: the linked one's, then the most frequent, then the first."""
    counts: dict[str, Counter[Label]] = {}
    for mention in mentions:
        weight = len(mentions) if mention.name in linked else 1
        counts.setdefault(mention.text, Counter())[mention.label] += weight
    return tuple(replace(mention, label=counts[mention.text].most_common(1)[0][0]) for mention in mentions)


def _with_acronyms(text: str, mentions: Sequence[Mention], linked: frozenset[str]) -> tuple[Mention, ...]:
    """Acronyms introduced in parentheses, and every later use of them, named by their long form."""
    taken = _taken(text, mentions)
    by_end = {mention.end: mention for mention in mentions}
    by_start = {mention.start: mention for mention in mentions}
    added: list[Mention] = []
    long_forms: dict[str, Mention] = {}
    for found in _ACRONYM.finditer(text):
        short = by_start.get(found.start(1))
        long = by_end.get(found.start()) or _long_form(text, found.start(), found[1], short, taken)
        if (
            long is None
            or not abbreviates(found[1], long.text)
            or (short and short.name in linked and long.name not in linked)
        ):
            continue
        if long.end not in by_end:
            added.append(long)
        if short is None:
            added.append(Mention(found[1], long.label, found.start(1), found.end(1), long.name, long.wikidata))
        long_forms[found[1]] = long
    if not long_forms:
        return tuple(mentions)
    return tuple(
        sorted((_by_long_form(each, long_forms, linked) for each in [*mentions, *added]), key=lambda each: each.start)
    )


def _by_long_form(mention: Mention, long_forms: dict[str, Mention], linked: frozenset[str]) -> Mention:
    long = long_forms.get(mention.text)
    if long is None or mention.name in linked:
        return mention
    return replace(mention, label=long.label, name=long.name, wikidata=long.wikidata)


def _taken(text: str, mentions: Iterable[Mention]) -> bytearray:
    """One byte per code point: is it part of a mention?"""
    taken = bytearray(len(text))
    for mention in mentions:
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    return taken


def _long_form(text: str, end: int, acronym: str, short: Mention | None, taken: bytearray) -> Mention | None:
    """The capitalised words before the parenthesis, if the recogniser knows at least the acronym."""
    before = max(0, end - _LONGEST)
    words = _LONG_FORM.search(text[before:end] + " ") if short else None
    if short is None or words is None:
        return None
    for capital in re.finditer(r"(?<![\w’'-])[A-Z]", words[0]):
        start = before + words.start() + capital.start()
        if not any(taken[start:end]) and _initials(text[start:end]) == acronym.upper():
            return Mention(text[start:end], short.label, start, end, text[start:end])
    return None


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w[\w’']*", name) if word[0].isupper())


def _grouped(mentions: Sequence[Mention], linked: frozenset[str]) -> tuple[Mention, ...]:
    """Spellings that fold alike share the first one's name, a linked one's before others."""
    names: dict[str, Mention] = {}
    for mention in sorted(mentions, key=lambda each: (each.name not in linked, each.start)):
        names.setdefault(matchable(mention.text), mention)
    return tuple(
        mention if mention.name in linked else _like(mention, names[matchable(mention.text)]) for mention in mentions
    )


def _like(mention: Mention, first: Mention) -> Mention:
    if mention.name != mention.text or mention.label == "PERSON":
        return mention
    return replace(mention, name=first.name, wikidata=first.wikidata)
