"""Unicode NFC without invisible characters, and the way back to the raw text.

Promises that spans found in the normalised text give spans of the raw text, in code points, that start and end
with what was found. Removed are: zero-width space and joiners, byte-order mark, soft hyphen, bidirectional
controls, invisible operators, variation selectors, tags, Khmer inherent vowels (invisible by definition) and lone
surrogates. Kept are the joiners that carry meaning: inside Arabic and Indic words, and in joined emoji. It does not
touch white space, case or width: see `fold`.

Sources: Unicode UAX #15 (normalisation), UAX #44 Default_Ignorable_Code_Point.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_JOINED_SCRIPTS = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f"  # Arabic, Indic, Burmese
_EMOJI = "\u2190-\u2328\u232b-\u2bff\U0001f000-\U0001faff"
INVISIBLE = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff\ud800-\udfff"
)
_SUSPECT = re.compile(f"[{INVISIBLE}\u200c\u200d]")  # far quicker, and seldom there
_INVISIBLE = re.compile(f"[{INVISIBLE}]+|(?<![{_JOINED_SCRIPTS}])[\u200c\u200d]+(?![{_EMOJI}\u200c\u200d])")
_WORD = re.compile(r"\S+|[\u2000\u2001]")  # the two spaces that NFC changes
# Letters that are no combining marks and yet may melt into the letter before (NFC_Quick_Check=Maybe, class 0).
MELTING = (
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1161-\u1175"
    "\u11a8-\u11c2\u1b35\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
)
_MELTS = re.compile(f"[{MELTING}]")

# A run of one text in another: (start after, start before, length before, whole). `whole` marks a cluster that NFC
# rewrote, of which no part can be told apart; other runs are the same in both texts.
_Piece = tuple[int, int, int, bool]


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is NFC and visible; `raw` is what it was made of."""

    text: str
    raw: str = field(repr=False)
    _steps: tuple[_Steps, ...] = field(default=(), repr=False)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Code-point offsets into `text` as offsets into `raw`; ValueError unless 0 <= start <= end <= len(text).

        A span that touches a cluster which NFC rewrote covers all of it; an empty span stays empty.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"no span of this text: {start}, {end}")
        for step in reversed(self._steps):
            start, end = step.back(start, end)
        return start, end

    def places(self) -> tuple[Sequence[int], Sequence[int]]:
        """Where each code point of `text` starts and ends in `raw`: `raw_span` for those who ask for many spans.

        `raw_span(start, end)` is `(starts[start], ends[end - 1])` unless the span is empty.
        """
        starts: Sequence[int] = range(len(self.raw))
        ends: Sequence[int] = range(1, len(self.raw) + 1)
        for step in self._steps:
            starts, ends = step.forth(starts, ends)
        return starts, ends


@dataclass(frozen=True, slots=True)
class _Steps:
    """One rewriting, as pieces in order."""

    starts: tuple[int, ...]  # of each piece in the text after
    pieces: tuple[_Piece, ...]
    length: int  # of the text after

    def back(self, start: int, end: int) -> tuple[int, int]:
        if not self.starts:
            return (0, 0)
        after, before, size, whole = self.pieces[bisect_right(self.starts, start) - 1]
        first = before if whole else min(before + start - after, before + size)
        if start == end:
            return first, first
        after, before, size, whole = self.pieces[bisect_right(self.starts, end - 1) - 1]
        return first, before + size if whole else before + end - after

    def forth(self, starts: Sequence[int], ends: Sequence[int]) -> tuple[list[int], list[int]]:
        """Given where the code points before start and end, the same for those after."""
        new_starts: list[int] = []
        new_ends: list[int] = []
        for (_, before, size, whole), following in zip(self.pieces, (*self.starts, self.length)[1:], strict=True):
            if whole:
                count = following - len(new_starts)
                new_starts.extend([starts[before]] * count)
                new_ends.extend([ends[before + size - 1]] * count)
            else:
                new_starts.extend(starts[before : before + size])
                new_ends.extend(ends[before : before + size])
        return new_starts, new_ends


def normalise(raw: str) -> Normalised:
    """Raw text with its normalised form; a text that is normal already comes back as it is."""
    if raw.isascii():
        return Normalised(raw, raw)
    steps = []
    visible = raw
    if _SUSPECT.search(raw):
        visible = _INVISIBLE.sub("", raw)
        steps.append(_assemble(_visible_pieces(raw), len(visible)))
    text = unicodedata.normalize("NFC", visible)
    if text != visible:
        steps.append(_assemble(_composed_pieces(visible), len(text)))
    return Normalised(text, raw, tuple(steps))


def clean(raw: str) -> str:
    """`normalise(raw).text`, for those who need no way back."""
    if raw.isascii():
        return raw
    visible = _INVISIBLE.sub("", raw) if _SUSPECT.search(raw) else raw
    return unicodedata.normalize("NFC", visible)


def _assemble(pieces: Iterator[_Piece], length: int) -> _Steps:
    kept = tuple(pieces)
    return _Steps(tuple(piece[0] for piece in kept), kept, length)


def _visible_pieces(raw: str) -> Iterator[_Piece]:
    """What stands between the invisible characters."""
    after = before = 0
    for hidden in _INVISIBLE.finditer(raw):
        if size := hidden.start() - before:
            yield after, before, size, False
            after += size
        before = hidden.end()
    if before < len(raw):
        yield after, before, len(raw) - before, False


def _composed_pieces(visible: str) -> Iterator[_Piece]:
    """The clusters that NFC rewrites, each whole, and the runs between them."""
    after = before = 0
    for start, end, composed in _rewritten(visible):
        if size := start - before:
            yield after, before, size, False
            after += size
        yield after, start, end - start, True
        after, before = after + composed, end
    if before < len(visible):
        yield after, before, len(visible) - before, False


def _rewritten(text: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, length when composed) of the clusters that are not NFC."""
    for word in _WORD.finditer(text):
        if unicodedata.is_normalized("NFC", word[0]):
            continue
        for start, end in _clusters(text, word.start(), word.end()):
            composed = unicodedata.normalize("NFC", text[start:end])
            if composed != text[start:end]:
                yield start, end, len(composed)


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts text[start:end] before each letter that nothing before it can reach."""
    for at in range(start + 1, end):
        if not unicodedata.combining(text[at]) and not _MELTS.match(text[at]):
            yield start, at
            start = at
    yield start, end
