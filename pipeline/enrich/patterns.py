"""Where the words of the configured topics stand in a text.

Promises, for each topic, the places of its terms, pair words, context and excluding phrases, found in one pass
over the text by an Aho-Corasick automaton (Aho and Corasick, CACM 1975), whatever the case, accents, width,
variant or dash. Decides where a word ends by script: letters for Latin, the segmenter for short Han and Khmer
terms, whole orthographic clusters for Khmer; no regular expression's word boundary. It does not weigh what it
finds: see `signals`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import ahocorasick

from pipeline.enrich.acronyms import abbreviates
from pipeline.model import Topic
from pipeline.text.fold import fold
from pipeline.text.normalise import clean
from pipeline.text.scripts import script

# Every dash and every kind of space is one plain space, so that "Asia–Europe Meeting", broken over two lines or
# not, is the same phrase. One to one, so that offsets hold.
_JOINERS = {ord(char): " " for char in "-‐‑‒–—―−_/·・•~～\t\n\r\v\f\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"} | {
    ord("’"): "'",
    ord("‘"): "'",
    ord("ʼ"): "'",
}
_COENG = "\u17d2"
_SHORT = {"han": 2, "khmer": 4}  # code points; longer terms are not cut out of other words by chance


class Role(IntEnum):
    """What a phrase does for its topic; a pair's sides are told apart by `Hit.side`."""

    TERM = 0
    PAIR = 1
    CONTEXT = 2
    EXCLUDING = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """One phrase at `text[start:end]` of the normalised text."""

    start: int
    end: int
    role: Role
    phrase: str
    pair: int = 0  # which pair, counted over all languages of the topic
    side: int = 0  # 0 left, 1 right
    acronym: bool = False


@dataclass(frozen=True, slots=True)
class _Phrase:
    topic: int
    role: Role
    acronym: bool
    pair: int
    side: int


def matchable(text: str) -> str:
    """Normalised text as it is compared: folded, dashes and spaces alike; the same length as `text`."""
    return fold(text).translate(_JOINERS)


class PatternMatcher:
    """The phrases of `topics`, in all their languages, as one automaton. Not changed after construction.

    All languages are looked for in every text: a Khmer article that writes "ASEM" is as clear as an English one,
    and the language of a short title is a guess.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.topics = tuple(topics)
        phrases: dict[str, list[_Phrase]] = {}
        for number, topic in enumerate(self.topics):
            _collect(number, topic, phrases)
        self.acronyms = tuple(_known_acronyms(topic) for topic in self.topics)
        self._automaton = ahocorasick.Automaton()
        for key, uses in phrases.items():
            self._automaton.add_word(key, (len(key), key, tuple(uses)))
        if phrases:
            self._automaton.make_automaton()
        self._empty = not phrases

    def find(self, text: str, folded: str, *, words: Callable[[int, int], frozenset[int]]) -> list[tuple[Hit, ...]]:
        """Hits per topic, in order of place. `folded` is `matchable(text)`.

        `words(start, end)` gives the offsets at which words begin or end around that place; it is asked only for
        short Han and Khmer phrases.
        """
        found: list[list[Hit]] = [[] for _ in self.topics]
        if self._empty:
            return [() for _ in self.topics]
        for last, (length, key, uses) in self._automaton.iter(folded):
            start, end = last + 1 - length, last + 1
            if not _whole(folded, start, end, words):
                continue
            for use in uses:
                if not (use.acronym and not text[start].isupper()):
                    found[use.topic].append(Hit(start, end, use.role, key, use.pair, use.side, use.acronym))
        return [_settle(hits) for hits in found]


def _known_acronyms(topic: Topic) -> frozenset[str]:
    """The topic's acronyms, as phrases, that it also has a long form of."""
    terms = [term for patterns in topic.patterns.values() for term in patterns.terms]
    long = [term for term in terms if not _acronym(term)]
    return frozenset(
        matchable(term) for term in terms if _acronym(term) and any(abbreviates(term, one) for one in long)
    )


def _collect(number: int, topic: Topic, phrases: dict[str, list[_Phrase]]) -> None:
    pair = 0
    for patterns in topic.patterns.values():
        simple = ((Role.TERM, patterns.terms), (Role.CONTEXT, patterns.context), (Role.EXCLUDING, patterns.excluding))
        for role, words in simple:
            for word in words:
                _add(phrases, word, _Phrase(number, role, _acronym(word), 0, 0))
        for sides in patterns.pairs:
            for side, words in enumerate(sides):
                for word in words:
                    _add(phrases, word, _Phrase(number, Role.PAIR, _acronym(word), pair, side))
            pair += 1


def _add(phrases: dict[str, list[_Phrase]], word: str, use: _Phrase) -> None:
    key = " ".join(matchable(clean(word)).split())
    if key and use not in phrases.setdefault(key, []):
        phrases[key].append(use)


def _acronym(word: str) -> bool:
    return word.isascii() and word.isalnum() and word.isupper()


def _whole(folded: str, start: int, end: int, words: Callable[[int, int], frozenset[int]]) -> bool:
    """Is what stands at start:end a whole word, and not part of another?"""
    kind = script(folded[start])
    if kind in _SHORT:
        if kind == "khmer" and not _clusters(folded, start, end):
            return False
        if end - start > _SHORT[kind]:
            return True
        edges = words(start, end)
        # Segmenters join names to what stands beside them ("王毅同", "云南省"), so one edge is enough; but not for
        # a single character.
        return (start in edges and end in edges) if end - start == 1 else (start in edges or end in edges)
    before = folded[start - 1] if start else " "
    after = folded[end] if end < len(folded) else " "
    # A digit may follow: Asem13, G20.
    return not _letter(before) and not before.isdigit() and not (_letter(after) and not folded[end - 1].isspace())


def _letter(char: str) -> bool:
    return char.isalpha() and script(char) not in _SHORT


def _clusters(folded: str, start: int, end: int) -> bool:
    """Khmer only: neither the first nor the last cluster of the span reaches outside it (Unicode 15, 16.4)."""
    if start and folded[start - 1] == _COENG:
        return False
    return end == len(folded) or not "\u17b4" <= folded[end] <= "\u17d3"


def _settle(hits: list[Hit]) -> tuple[Hit, ...]:
    """The longest of overlapping hits, an excluding phrase before others of its length; context is apart.

    An excluding phrase that hid a pair word has done its work and is left out ("Chinese restaurant"); one that hid
    a term ("ASEM S.p.A.") stays, for it says what that term means in the rest of the text, and so does one alone.
    """
    strong = sorted((hit for hit in hits if hit.role != Role.CONTEXT), key=_rank)
    owner: dict[int, Hit] = {}
    kept: list[Hit] = []
    hiding: set[Hit] = set()
    for hit in strong:
        rivals = {owner[at] for at in range(hit.start, hit.end) if at in owner}
        if all((rival.start, rival.end) == (hit.start, hit.end) and rival.role != Role.EXCLUDING for rival in rivals):
            kept.append(hit)
            owner.update((at, hit) for at in range(hit.start, hit.end) if at not in owner)
        else:
            hiding.update(rival for rival in rivals if rival.role == Role.EXCLUDING and hit.role == Role.PAIR)
    rest = [hit for hit in kept if hit not in hiding] + [hit for hit in hits if hit.role == Role.CONTEXT]
    return tuple(sorted(rest, key=lambda hit: (hit.start, hit.end, hit.role)))


def _rank(hit: Hit) -> tuple[int, bool, int]:
    return hit.start - hit.end, hit.role != Role.EXCLUDING, hit.start
