"""Which person a short mention means, inside one document.

Promises that "Sokhonn" and "Wang" get the name (and Wikidata id) of the whole name they are part of, that a family
name coming first (Chinese, Korean, Khmer, Vietnamese) or last (others) is respected, and that names the recogniser
missed or took for a body are people once the whole name is known. Among several bearers, one with the same title
is preferred ("Premier Li"), then the nearest before, then the nearest behind; a mention that is part of no whole
name stays as it is. It looks at one text only, and leaves Han and Khmer to `surnames`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.model import Mention
from pipeline.text import fold, script

# Family names that stand first. Chinese and Korean press calls people by these; Khmer and Vietnamese by the last part.
_CALLED_BY_FAMILY = frozenset(
    "ai an bai bo cai cao chang chen cheng chi choi chow chu chung cui dai deng ding dong du duan fan fang feng "
    "fu gao gong gu guan guo han hao he hong hou hu hua huang huo ji jia jian jiang jin jung kang kim kong kwon "
    "lai lam lau lee lei leung li lian liang liao lim lin ling liu long lu luo lv ma mao meng mo moon mu ng ni "
    "ning pan park pei peng qi qian qiao qin qiu ren shao shen shi shin song su sun tan tang tao tian wan wang "
    "wei wen wong wu xi xia xiang xiao xie xin xing xiong xu xue yan yang yao ye yi yin yoon you yu yuan yun zeng "
    "zhai zhan zhang zhao zheng zhong zhou zhu zhuang zou".split()
)
_CALLED_BY_GIVEN = frozenset(
    "aun bui cao chan chea cheam chhay chhim chhum chuon dang dao dinh dith do duong dy eang eat em hang heng ho "
    "hoang hor hun ith kem keo kheang khieu kith koy kuch ky le lou luong ly mai mam mean meas men mey mok ngo "
    "nguyen nhem norodom ouk oum pen pham phan phay phung pich pou prak ros sam san sao sar say seng sim sin "
    "sisowath so sok som srey sun suy tea tep thong touch tran trinh truong uch un var veng vo vu yim".split()
)
_COMMON = frozenset(
    "a all an and as at be big bill black brown bush but by can day do for from go green he her his hope i if in "
    "is it king long man mark may me men most new no not of on one or our out over pen price rice rose sam san "
    "say see sen she sin so some son song sun tea ten than that the then they this to two under up us was we "
    "white who will with you young your".split()
)
_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
_TITLE_BEFORE = re.compile(
    r"(president|premier|minister|councillor|secretary|secretary-general|chancellor|ambassador|senator|governor|general|"
    r"commissioner|king|queen|prince|princess|spokesman|spokeswoman|spokesperson|speaker|mr|mrs|ms|dr|samdech|techo)\.?\s+$",
    re.IGNORECASE,
)
_OTHERS = frozenset({"han", "khmer"})  # scripts that `surnames` reads
_NOT_PLACES = frozenset({"ORG", "NORP", "EVENT", "FAC"})


@dataclass(frozen=True, slots=True)
class _Person:
    """One mention of a person by name; `calls` are the parts by which the press would call them."""

    mention: Mention
    words: tuple[str, ...]
    calls: frozenset[str]
    title: str
    family_first: bool
    linked: bool


def resolve_people(text: str, mentions: Sequence[Mention], linked: frozenset[str]) -> tuple[Mention, ...]:
    """`mentions` with people named, and with mentions of known people added; in order of place.

    `linked` are the names that the watch-list gave: mentions that bear one are settled.
    """
    people = [_person(text, mention, linked) for mention in mentions if _is_person(mention)]
    whole = [person for person in people if len(person.words) > 1]
    if not whole:
        return tuple(mentions)
    known = _known_words(whole)
    cured = [mention if mention.name in linked else _cured(mention, text, known) for mention in mentions]
    every = sorted([*cured, *_missed(text, cured, known)], key=lambda mention: mention.start)
    bearers = _Bearers(whole)
    loose = {mention for mention in every if _is_person(mention) and mention.name not in linked}
    return tuple(bearers.named(_person(text, each, linked)) if each in loose else each for each in every)


def _is_person(mention: Mention) -> bool:
    return mention.label == "PERSON" and script(mention.text[0]) not in _OTHERS


class _Bearers:
    """The whole names of a text, to be asked whose name a short one is."""

    def __init__(self, whole: Sequence[_Person]) -> None:
        groups: dict[tuple[tuple[str, ...], str, bool], list[_Person]] = {}
        for person in whole:
            groups.setdefault((person.words, person.title, person.linked), []).append(person)
        self._groups = [(group, [person.mention.start for person in group]) for group in groups.values()]
        self._by_word: dict[str, list[int]] = {}
        for number, (group, _) in enumerate(self._groups):
            for word in set(group[0].words):
                self._by_word.setdefault(word, []).append(number)

    def named(self, short: _Person) -> Mention:
        """The mention with the name of the whole name it is part of, if there is one."""
        if not short.words or short.words[0] not in self._by_word or len(short.words[0]) < 2:
            return short.mention
        near = [person for group in self._holding(short.words) for person in _nearest(group, short.mention.start)]
        if not near:
            return short.mention
        best = self._fullest(min(near, key=lambda person: _distance(short, person)))
        return replace(short.mention, name=best.name, wikidata=best.wikidata)

    def _holding(self, words: tuple[str, ...]) -> Iterator[tuple[list[_Person], list[int]]]:
        wanted = set(words)
        for number in self._by_word.get(words[0], ()):
            if wanted <= set(self._groups[number][0][0].words):
                yield self._groups[number]

    def _fullest(self, person: _Person) -> Mention:
        """The mention whose name is used: a linked one, or the longest form; the first of these."""
        forms = [person] if person.linked else [group[0] for group, _ in self._holding(person.words)]
        return max(forms, key=lambda form: (form.linked, len(form.words), -form.mention.start)).mention


def _nearest(group: tuple[list[_Person], list[int]], start: int) -> list[_Person]:
    """The last at or before the place, and the first behind it."""
    people, starts = group
    behind = bisect_right(starts, start)
    return people[max(0, behind - 1) : behind + 1]


def _distance(short: _Person, person: _Person) -> tuple[bool, bool, bool, bool, int]:
    called = len(short.words) > 1 or short.words[0] in person.calls
    titled = bool(short.title) and short.title == person.title
    before = person.mention.start <= short.mention.start
    # A whole name is part of itself; another mention that holds it may be longer or linked.
    itself = person.mention.start == short.mention.start
    return not called, not titled, itself, not before, abs(person.mention.start - short.mention.start)


def _person(text: str, mention: Mention, linked: frozenset[str]) -> _Person:
    words = tuple(fold(word).rstrip(".") for word in _WORD.findall(mention.text))
    first, last = (words[0], words[-1]) if words else ("", "")
    family, given = first in _CALLED_BY_FAMILY, first in _CALLED_BY_GIVEN
    calls = {last} if given or not family else set()
    calls |= {first} if family and len(words) > 1 else set()
    title = _title(text, mention.start)
    return _Person(mention, words, frozenset(calls), title, family or given, mention.name in linked)


def _title(text: str, start: int) -> str:
    found = _TITLE_BEFORE.search(text[max(0, start - 24) : start])
    return found[1].lower() if found else ""


def _known_words(whole: Sequence[_Person]) -> dict[str, bool]:
    """Words, as written, that mean a person of this text when they stand alone -> is the family name first?"""
    known: dict[str, bool] = {}
    for person in whole:
        for word in _WORD.findall(person.mention.text):
            key = fold(word).rstrip(".")
            if key in person.calls and key not in _COMMON and len(key) > 1 and word[0].isupper():
                known[word] = known.get(word, False) or person.family_first
    return known


def _cured(mention: Mention, text: str, known: dict[str, bool]) -> Mention:
    """A lone known word that the recogniser took for something else is the person."""
    if mention.text not in known or mention.label == "PERSON":
        return mention
    sure = known[mention.text] or mention.label in _NOT_PLACES or _title(text, mention.start)
    return replace(mention, label="PERSON") if sure else mention


def _missed(text: str, mentions: Sequence[Mention], known: dict[str, bool]) -> Iterator[Mention]:
    taken = bytearray(len(text))
    for mention in mentions:
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    if not known:
        return
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(known, key=len, reverse=True)))})(?![\w-])")
    for found in pattern.finditer(text):
        if not any(taken[found.start() : found.end()]) and _alone(text, found.start(), found.end()):
            yield Mention(found[0], "PERSON", found.start(), found.end(), found[0])


def _alone(text: str, start: int, end: int) -> bool:
    """Not part of a longer name: no capitalised neighbour, unless it is a title or a common word."""
    after = re.match(r" ([^\W\d_]\w*)", text[end : end + 40])
    if after and after[1][0].isupper():
        return False
    before = re.search(r"([^\W\d_][\w.]*) $", text[max(0, start - 40) : start])
    if not before or not before[1][0].isupper():
        return True
    return before[1].lower() in _COMMON or bool(_title(text, start))
