"""The watch-list: known entities, found by name and alias in any script, in one pass over the text.

Promises mentions that are whole words by the rules of their script, never overlap, and carry the entry's name,
label and Wikidata id. Matching ignores accents, width, variants of Han characters, kinds of dash and, except for
acronyms and initial capitals, case. It resolves nothing: "Sokhonn" alone is `resolution`'s.

Where a word ends: for alphabets, where no letter or digit adjoins ("Asem13" is ASEM); for Han and Khmer, nowhere
by itself, so that short names must also be words of the segmenter or stand beside a longer name of the list, and
no name cuts a Khmer cluster (Unicode 16.4). Acronyms of up to three letters are taken as written and never on a
line of capitals ("WHO" is not "who"); longer ones must begin with a capital ("Asean"). Automaton: Aho and
Corasick, CACM 1975.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from pipeline.enrich.patterns import matchable
from pipeline.model import Mention, WatchEntity
from pipeline.text import clean, script, segment

_COENG = "\u17d2"
_LETTERS_ONLY = 3  # longest acronym that is matched exactly as written
_SHORT = {"han": 2, "khmer": 5}  # code points up to which a name must be a word of the segmenter
_HEADS = frozenset({"部长", "局长", "院长"})  # who heads a body, whose name ends before the last character
_BLOCK, _MARGIN = 400, 24  # code points that the segmenter is shown at once, and around them
_LINE = 100  # code points on each side by which a line of capitals is known


@dataclass(frozen=True, slots=True)
class _Name:
    """One spelling of one entity: `order` is the entity's place in the list."""

    order: int
    written: str
    acronym: bool
    capital: bool  # must begin with a capital letter in the text


class WatchList:
    """Finds `entities` in texts. Not changed by use."""

    def __init__(self, entities: Sequence[WatchEntity]) -> None:
        self.entities = tuple(entities)
        self._needs = tuple(tuple(filter(None, map(_key, entity.needs))) for entity in self.entities)
        names: dict[str, list[_Name]] = {}
        for order, entity in enumerate(self.entities):
            for written in dict.fromkeys((entity.name, *entity.aliases)):
                for key in _keys(written):
                    names.setdefault(key, []).append(_name(order, clean(written)))
        self._needy = frozenset(
            key for key, spellings in names.items() if all(self.entities[name.order].needs for name in spellings)
        )
        self._automaton = ahocorasick.Automaton()
        for key, spellings in names.items():
            self._automaton.add_word(key, (len(key), tuple(spellings)))
        if names:
            self._automaton.make_automaton()
        self._empty = not names

    def needs_context(self, name: str) -> bool:
        """Is this a name that is an entry's only where one of the words stands that the entry needs?"""
        return _key(name) in self._needy

    def find(self, text: str, *, names: Iterable[tuple[int, int]] = ()) -> tuple[Mention, ...]:
        """Mentions in order of place; of overlapping names the longest. `text` is normalised; offsets are into it.

        `names` are where others found a name, so that a word begins and ends there.
        """
        if self._empty:
            return ()
        folded = matchable(text)
        hits = sorted(self._hits(_Reading(text, folded, names)), key=lambda hit: (hit[0] - hit[1], hit[0]))
        taken = bytearray(len(text))
        found = []
        for start, end, order in hits:
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                entity = self.entities[order]
                found.append(Mention(text[start:end], entity.label, start, end, entity.name, entity.wikidata))
        return tuple(sorted(found, key=lambda mention: mention.start))

    def _hits(self, reading: _Reading) -> Iterator[tuple[int, int, int]]:
        found = [(last + 1 - length, last + 1, names) for last, (length, names) in self._automaton.iter(reading.folded)]
        reading.part((start, end) for start, end, _ in found)
        for start, end, spellings in found:
            fitting = [name for name in spellings if _as_written(name, reading.text, start, end)]
            if fitting and reading.whole(start, end):
                order = self._choose(fitting, reading)
                if order is not None:
                    yield start, end, order

    def _choose(self, names: Iterable[_Name], reading: _Reading) -> int | None:
        """The entity of a shared spelling: one whose needed words are there, then the first without needs."""
        free = None
        for name in names:
            if not self.entities[name.order].needs:
                free = name.order if free is None else free
            elif any(reading.holds(need) for need in self._needs[name.order]):
                return name.order
        return free


class _Reading:
    """One text, and what was found out about it on the way."""

    def __init__(self, text: str, folded: str, names: Iterable[tuple[int, int]]) -> None:
        self.text, self.folded = text, folded
        self._held: dict[str, bool] = {}
        self._edges: dict[int, frozenset[int]] = {}
        self._parted = {edge for span in names for edge in span}

    def part(self, spans: Iterable[tuple[int, int]]) -> None:
        """Takes note of where names begin and end that are too long to be anything else: words end there."""
        self._parted |= {
            edge
            for start, end in spans
            if end - start > _SHORT.get(script(self.folded[start]), len(self.folded))
            for edge in (start, end)
        }

    def whole(self, start: int, end: int) -> bool:
        """Is what stands at start:end a whole word, and not part of another?"""
        kind = script(self.folded[start])
        if kind in _SHORT:
            if kind == "khmer" and not _clusters(self.folded, start, end):
                return False
            if self.folded[end - 1 : end + 1] in _HEADS:
                return False
            return end - start > _SHORT[kind] or self._segmented(start, end)
        return not _letter(self.folded, start - 1, digits=True) and not _letter(self.folded, end, digits=False)

    def holds(self, need: str) -> bool:
        """Is a needed word there? In Han and Khmer as part of a longer word, too: it is a hint, not a name."""
        if need not in self._held:
            self._held[need] = self._find(need)
        return self._held[need]

    def _find(self, need: str) -> bool:
        at = self.folded.find(need)
        while at >= 0:
            if script(need[0]) in _SHORT or self.whole(at, at + len(need)):
                return True
            at = self.folded.find(need, at + 1)
        return False

    def _segmented(self, start: int, end: int) -> bool:
        """Do words begin and end just here, in the eyes of the segmenter?"""
        block = start // _BLOCK
        if block not in self._edges:
            left = max(0, block * _BLOCK - _MARGIN)
            spans = segment(self.text[left : (block + 1) * _BLOCK + _MARGIN], None)
            self._edges[block] = frozenset(left + edge for span in spans for edge in span)
        return all(edge in self._edges[block] or edge in self._parted for edge in (start, end))


def _name(order: int, written: str) -> _Name:
    acronym = written.isascii() and written.isalnum() and written.isupper() and len(written) > 1
    return _Name(order, written, acronym, written[:1].isupper())


def _key(written: str) -> str:
    return " ".join(matchable(clean(written)).split())


def _keys(written: str) -> set[str]:
    """A Khmer or Han name of several words is written with and without spaces."""
    key = _key(written)
    keys = {key} if key else set()
    if key and script(key[0]) in _SHORT:
        keys.add(key.replace(" ", ""))
    return keys


def _as_written(name: _Name, text: str, start: int, end: int) -> bool:
    """Does the case allow it?"""
    if name.acronym and end - start <= _LETTERS_ONLY:
        return text[start:end] == name.written and not _shouted(text, start, end)
    return text[start].isupper() or not name.capital


def _shouted(text: str, start: int, end: int) -> bool:
    """Is the acronym's line in capitals, so that nothing can be told from them?"""
    before = text[max(0, start - _LINE) : start].rpartition("\n")[2]
    line = before + text[end : end + _LINE].partition("\n")[0]
    return sum(map(str.isalpha, line)) > 2 * _LETTERS_ONLY and line.isupper()


def _letter(folded: str, at: int, *, digits: bool) -> bool:
    if not 0 <= at < len(folded):
        return False
    char = folded[at]
    return (char.isalpha() and script(char) not in _SHORT) or (digits and char.isdigit())


def _clusters(folded: str, start: int, end: int) -> bool:
    """Neither the first nor the last Khmer cluster of the span reaches outside it."""
    if start and folded[start - 1] == _COENG:
        return False
    return end == len(folded) or not "\u17b4" <= folded[end] <= "\u17d3"
