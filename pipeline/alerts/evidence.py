"""What in a text made a rule match, and a short extract around it.

Promises pieces that, joined, are the headline or an unbroken stretch of the text (made visible, see `words`), with
exactly the deciding words marked. Offsets that do not hold what they say are left out. Chooses; renders nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.alerts.query_words import query_spans
from pipeline.alerts.words import name_key, visible, whole_characters
from pipeline.model import Annotated, Reason
from pipeline.text import dominant_script

Offsets = tuple[int, int]

# Code points that fill about five lines of a mail: Khmer stacks several on one letter, a Han character is a word.
_LENGTH = {"latin": 420, "han": 190, "khmer": 380, "other": 420}
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*\s+|[。！？][”』」）]*|[។៕]\s*|\n\s*")
_PAUSE = re.compile(r"[\s\u200b]|(?<=[，、；：,;:])")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    marked: bool = False


def evidence(annotated: Annotated, reasons: Sequence[Reason]) -> tuple[Offsets, ...]:
    """Offsets into `title + "\\n" + text` of the words behind `reasons`: ordered, overlapping ones joined."""
    raw = f"{annotated.article.title}\n{annotated.article.text}"
    topics = {reason.value for reason in reasons if reason.clause == "topic"}
    words = {name_key(word) for reason in reasons if reason.clause == "entity" for word in reason.words}
    found = [
        (span.start, span.end, span.text)
        for score in annotated.annotation.topics
        if score.topic in topics
        for span in score.evidence
    ]
    found += [(m.start, m.end, m.text) for m in annotated.annotation.mentions if name_key(m.text) in words]
    asked = [reason.value for reason in reasons if reason.clause == "query"]
    found += [(span.start, span.end, span.text) for query in asked for span in query_spans(query, annotated)]
    bare = (_bare(raw, start, end) for start, end, text in found if raw[start:end] == text)
    return _joined((start, end) for start, end in bare if start < end)


def _bare(raw: str, start: int, end: int) -> Offsets:
    """The span without what nobody sees at its ends."""
    while start < end and not visible(raw[start]).strip():
        start += 1
    while start < end and not visible(raw[end - 1]).strip():
        end -= 1
    return start, end


def headline(annotated: Annotated, spans: Sequence[Offsets]) -> tuple[Piece, ...]:
    title = annotated.article.title
    return _pieces(title, 0, len(title), spans)


def extract(annotated: Annotated, spans: Sequence[Offsets]) -> tuple[Piece, ...]:
    """The earliest stretch of the text with the most different deciding words; its beginning if there are none."""
    title, text = annotated.article.title, annotated.article.text
    body = [(start - len(title) - 1, end - len(title) - 1) for start, end in spans if start > len(title)]
    length = _LENGTH[dominant_script(text[:2000])]
    start = _best_start(text, body, length)
    end = _cut_end(text, start, length)
    pieces = _pieces(text, start, end, body)
    before = (Piece("… "),) if start > 0 and not _starts_sentence(text, start) else ()
    after = (Piece(" …"),) if text[end:].strip() and not _starts_sentence(text, end) else ()
    return before + pieces + after if pieces else ()


def _best_start(text: str, spans: Sequence[Offsets], length: int) -> int:
    best, most = 0, 0
    starts = [start for start, _ in spans]
    for place, (start, _) in enumerate(spans):
        begin = _cut_start(text, start, length)
        inside = spans[place : bisect_left(starts, begin + length)]
        if (different := len({text[a:b].casefold() for a, b in inside})) > most:
            best, most = begin, different
    return best


def _cut_start(text: str, anchor: int, length: int) -> int:
    """Where the sentence around `anchor` begins, or, in a long one, a pause not too far before it."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, max(0, anchor - length // 2), anchor)]
    if ends:
        return ends[-1]
    if anchor <= length // 2:
        return 0
    pauses = [match.end() for match in _PAUSE.finditer(text, anchor - length // 4, anchor)]
    return pauses[0] if pauses else whole_characters(text, anchor - length // 8)


def _cut_end(text: str, start: int, length: int) -> int:
    """The last end of a sentence in the second half of what fits, else a pause, else any whole character."""
    limit = start + length
    if limit >= len(text):
        return len(text)
    for pattern, earliest in ((_SENTENCE_END, start + length // 2), (_PAUSE, limit - length // 5)):
        ends = [match.end() for match in pattern.finditer(text, earliest, limit)]
        if ends:
            return ends[-1]
    return whole_characters(text, limit)


def _starts_sentence(text: str, at: int) -> bool:
    return any(match.end() == at for match in _SENTENCE_END.finditer(text, max(0, at - 12), at))


def _pieces(text: str, start: int, end: int, spans: Sequence[Offsets]) -> tuple[Piece, ...]:
    pieces = []
    at = start
    for a, b in spans:
        a, b = max(a, start), min(b, end)
        if a < b:
            pieces += [Piece(visible(text[at:a])), Piece(visible(text[a:b]), marked=True)]
            at = b
    pieces.append(Piece(visible(text[at:end])))
    return _trimmed([piece for piece in pieces if piece.text])


def _trimmed(pieces: list[Piece]) -> tuple[Piece, ...]:
    if pieces:
        pieces[0] = Piece(pieces[0].text.lstrip(), pieces[0].marked)
        pieces[-1] = Piece(pieces[-1].text.rstrip(), pieces[-1].marked)
    return tuple(piece for piece in pieces if piece.text)


def _joined(spans: Iterable[Offsets]) -> tuple[Offsets, ...]:
    joined: list[Offsets] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
