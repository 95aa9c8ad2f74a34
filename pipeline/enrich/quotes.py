"""Who is quoted with what in a text: direct and reported speech, as spans.

Promises spans in order that do not overlap or cross a line, in time in proportion to the text. Direct speech is what
stands in quotation marks, long enough to be a saying, and is told by a verb of speech or is a sentence; reported speech
is what follows such a verb up to the end of the sentence. The speaker is a person or organisation that was found before
and stands beside the verb; a pronoun names nobody. In languages other than English, French, Chinese and Khmer, only
whole sentences in marks are found, without speakers. Which verbs count is written in `speech`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.enrich.speech import BODY, PERSON, QUOTED, SPEECH, Speech
from pipeline.model import Mention, Quote
from pipeline.text import dominant_script, normalise
from pipeline.text.scripts import HAN, KHMER

LONGEST = 100_000  # code points that are read: as many as are annotated
LEAST_DIRECT, LEAST_REPORTED = 4, 3  # words; a word is counted for two Han or Khmer characters
_USUAL = {"latin": "en", "han": "zh", "khmer": "km"}
_SIGNS = {"PERSON": PERSON, "ORG": BODY}
_DIRECT = re.compile(
    "“(?P<a>[^“”\n]*+)”|«(?P<b>[^«»\n]*+)»|「(?P<c>[^「」\n]*+)」|『(?P<d>[^『』\n]*+)』"
    '|(?<![\\w"])"(?=\\S)(?P<e>[^"\n]*+)(?<=\\S)"(?!\\w)'
    "|(?<!\\w)‘(?P<f>(?:[^‘’\n]|’(?=\\w)|(?<=s)’(?=\\s\\w))*+)’"  # an apostrophe closes nothing
)
_UNSPACED = re.compile(f"[{HAN}{KHMER}]")
_WORD = re.compile(f"(?:(?![{HAN}{KHMER}])[\\w’'-])++")
_STOPS = ".!?…。！？។៕"
_STOP = re.compile('(?<![.!?…])[.!?…]++(?P<mark>[”"»’)\\]」』]*+)(?P<space>\\s|$)|[。！？។៕]++[”"»’」』]*+|\n')
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|No|Gen|Lt|Col|Sen|Rep|Gov|Prof|Jr)|[A-Z]\.[A-Z])$")
_SMALL = frozenset("a an and at by for from in into of on or the to with de la le et".split())
_EDGES = " \u00a0\t\n,，:：;；"
_MARKS = '“”"«»‘’「」『』'


@dataclass(frozen=True, slots=True)
class _Masked:
    """`text` with signs for names and quotes; `names` outside quotes, in order of place."""

    text: str
    names: tuple[Mention, ...]
    direct: tuple[tuple[int, int], ...]

    def speaker(self, place: int) -> Mention | None:
        at = bisect_right(self.names, place, key=lambda each: each.start) - 1
        return self.names[at] if at >= 0 and place < self.names[at].end else None


def quotes_in(raw: str, language: str | None, mentions: Sequence[Mention]) -> tuple[Quote, ...]:
    """The quotes of a raw text; mentions and quotes are spans of it. Only LONGEST code points are read."""
    normal = normalise(raw[:LONGEST])
    starts, ends = normal.places()
    size = len(normal.text)
    placed = [
        replace(each, start=bisect_left(starts, each.start), end=min(size, bisect_left(ends, each.end) + 1))
        for each in mentions
    ]
    found = find_quotes(normal.text, language, placed)

    return tuple(
        replace(
            quote,
            start=starts[quote.start],
            end=ends[quote.end - 1],
            speaker_start=None if quote.speaker_start is None else starts[quote.speaker_start],
            speaker_end=None if quote.speaker_end is None else ends[quote.speaker_end - 1],
        )
        for quote in found
    )


def find_quotes(text: str, language: str | None, mentions: Sequence[Mention]) -> tuple[Quote, ...]:
    """The quotes of a normalised text; `mentions`, in any order, are spans of it."""
    read_as = language or _USUAL.get(dominant_script(text[:500]))
    speech = SPEECH.get(read_as or "")
    masked = _mask(text, mentions)
    found: list[Quote] = []
    last: Quote | None = None  # what the sentence before says, and who
    sentences = list(_sentences(masked.text))
    for number, (start, end) in enumerate(sentences):
        following = sentences[number + 1] if number + 1 < len(sentences) else None
        made = list(_sentence(text, masked, speech, start, end, following, last))
        found += made
        last = made[-1] if made else None if text[start:end].strip() else last
    return tuple(found)


def _mask(text: str, mentions: Sequence[Mention]) -> _Masked:
    signs = [" " if PERSON <= sign <= QUOTED else sign for sign in text]
    direct = []
    for found in _DIRECT.finditer(text):
        start, end = _stripped(text, *found.span(found.lastgroup or 0), edges=" ")
        if _words(text[start:end]) >= LEAST_DIRECT and not _title(text[start:end]):
            direct.append((start, end))
            stop = end - 1 if text[end - 1] in _STOPS else end  # it may end the sentence, too
            signs[start:stop] = QUOTED * (stop - start)
    names = []
    for each in sorted(mentions, key=lambda mention: mention.start):
        sign = _SIGNS.get(each.label)
        if sign and each.start < each.end and QUOTED not in signs[each.start : each.end]:
            signs[each.start : each.end] = sign * (each.end - each.start)
            names.append(each)
    return _Masked("".join(signs), tuple(names), tuple(direct))


def _sentences(masked: str) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in _STOP.finditer(masked):
        if stop["space"] is not None and not _ends(masked, stop):
            continue
        yield start, stop.end()
        start = stop.end()
    if start < len(masked):
        yield start, len(masked)


def _ends(masked: str, stop: re.Match[str]) -> bool:
    """Whether a full stop, or the like, ends a sentence: not in "Mr. Li", nor in '"Why?" he asked'."""
    if stop["mark"]:
        return not masked[stop.end() : stop.end() + 1].islower()
    return not _ABBREVIATION.search(masked, max(0, stop.start() - 6), stop.start())


def _sentence(
    text: str,
    masked: _Masked,
    speech: Speech | None,
    start: int,
    end: int,
    following: tuple[int, int] | None,
    last: Quote | None,
) -> Iterator[Quote]:
    first = bisect_left(masked.direct, (start, start))
    inside = masked.direct[first : bisect_left(masked.direct, (end, end), first)]
    report = _report(text, masked, speech, start, end, inside) if speech else None
    quotes = [] if report is None else [report]
    told = speech is not None and speech.verb.search(masked.text, start, end) is not None
    for place in inside:
        if speech and told:
            quotes.append(_quote(masked, "direct", *place, _told_by(masked, speech, start, end, *place)))
        elif _alone(masked.text, start, end, *place) or text[place[1] - 1] in _STOPS:
            quotes.append(_beside(masked, speech, place, end, following, last))
    yield from sorted(quotes, key=lambda quote: quote.start)


def _told_by(masked: _Masked, speech: Speech, start: int, end: int, first: int, after: int) -> Mention | None:
    """The speaker in the same sentence: behind the quote, or the last before it."""
    if told := speech.after.match(masked.text, after, end):
        return _named(masked, told)
    before = deque(speech.before.finditer(masked.text, start, first), maxlen=1)
    return _named(masked, before[0]) if before else None


def _beside(
    masked: _Masked,
    speech: Speech | None,
    place: tuple[int, int],
    end: int,
    following: tuple[int, int] | None,
    last: Quote | None,
) -> Quote:
    """A sentence in marks: its speaker is told right after it, or is that of the sentence before."""
    if speech and following and masked.text[end - 1] != "\n" and following[0] == end:
        told = speech.after.match(masked.text, *following)
        if told and not masked.text[told.end() : following[1]].strip(_EDGES + _MARKS + _STOPS):
            return _quote(masked, "direct", *place, _named(masked, told))
    if last and last.speaker is not None:
        return replace(last, kind="direct", start=place[0], end=place[1])
    return _quote(masked, "direct", *place, None)


def _report(
    text: str, masked: _Masked, speech: Speech, start: int, end: int, inside: Sequence[tuple[int, int]]
) -> Quote | None:
    """Reported speech of the sentence, up to the first direct quote in it."""
    if told := speech.reporting.search(masked.text, start, end):
        until = next((place[0] for place in inside if place[0] >= told.end()), end)
        if told.groupdict().get("plain") and any(place[1] <= told.start() for place in inside):
            return None  # "...", he said in Bangkok
        if until < end:
            until = told.end() + len(text[told.end() : until].rstrip(_EDGES + _MARKS))
        span = _stripped(text, told.end(), _before_stop(text, told.end(), until))
    elif speech.closing and not inside:
        told = speech.closing.search(masked.text, start, _before_stop(masked.text, start, end))
        if not told:
            return None
        span = _stripped(text, start, told.start())
    else:
        return None
    if _words(text[slice(*span)]) < LEAST_REPORTED:
        return None
    return _quote(masked, "reported", *span, _named(masked, told))


def _quote(masked: _Masked, kind: str, start: int, end: int, speaker: Mention | None) -> Quote:
    made = Quote(start, end, "direct" if kind == "direct" else "reported")
    if speaker is None:
        return made
    return replace(made, speaker=speaker.name, speaker_start=speaker.start, speaker_end=speaker.end)


def _named(masked: _Masked, told: re.Match[str]) -> Mention | None:
    """Of names in a row, the one beside the verb."""
    groups = told.groupdict()
    for behind in ("last", "body"):
        if groups.get(behind):
            return masked.speaker(told.start(behind))
    return masked.speaker(told.end("name") - 1) if groups.get("name") else None


def _alone(masked: str, start: int, end: int, first: int, after: int) -> bool:
    return not (masked[start:first] + masked[after:end]).strip(_EDGES + _MARKS + _STOPS)


def _before_stop(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip(_STOPS + _EDGES))


def _stripped(text: str, start: int, end: int, *, edges: str = _EDGES) -> tuple[int, int]:
    while start < end and (text[start] in edges or text[start].isspace()):
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _words(text: str) -> float:
    return len(_WORD.findall(text)) + len(_UNSPACED.findall(text)) / 2


def _title(text: str) -> bool:
    """Whether it looks like the title of a work: capitals throughout, and no stop."""
    words = [word for word in _WORD.findall(text) if word.lower() not in _SMALL]
    return bool(words) and all(word[0].isupper() for word in words) and text[-1] not in ".,!?"
