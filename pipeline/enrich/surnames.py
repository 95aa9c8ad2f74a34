"""Which person a short Chinese or Khmer mention means, inside one document.

Promises that "习主席" names Xi Jinping in a text that names one 习 in full ("习" becomes a mention), and that a part of
a foreign name ("安倍" of 安倍晋三, "奥巴马" of 巴拉克·奥巴马) and a Khmer given name ("សុខុន" of ប្រាក់ សុខុន) get the whole
name and its link. Where two bear it, the nearest before is meant, then the nearest behind. It looks at one text only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.model import Mention
from pipeline.text import script

_TITLES = (
    "国家主席|总书记|主席|总理|副总理|总统|首相|副首相|外长|防长|部长|副部长|大臣|大使|国务委员|省长|市长|书记|将军|司令|"
    "发言人|先生|女士|议长|教授|博士|亲王|国王"
)
_DOTS = re.compile("[·‧・•]")
_TWO = frozenset("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 令狐 宇文 长孙 夏侯 歐陽 司馬 諸葛".split())


def resolve_surnames(text: str, mentions: Sequence[Mention], linked: frozenset[str]) -> tuple[Mention, ...]:
    """`mentions` with short Chinese ones named; in order of place. Those in `linked` are settled."""
    whole = [each for each in mentions if each.label == "PERSON" and _whole(each.text)]
    if not whole:
        return tuple(mentions)
    every = sorted([*mentions, *_titled(text, mentions, whole)], key=lambda mention: mention.start)
    bearers: dict[str, list[Mention]] = {}
    for each in whole:
        for part in _parts(each.text):
            bearers.setdefault(part, []).append(each)
    return tuple(
        _named(each, bearers) if each.label == "PERSON" and each.name not in linked else each for each in every
    )


def _whole(name: str) -> bool:
    return len(name) > 1 and (script(name[0]) == "han" or (script(name[0]) == "khmer" and " " in name))


def _family(name: str) -> str:
    return name[:2] if name[:2] in _TWO and len(name) > 2 else name[:1]


def _titled(text: str, mentions: Sequence[Mention], whole: Sequence[Mention]) -> Iterator[Mention]:
    """Family names before a title, where nothing was found."""
    chinese = [each.text for each in whole if len(each.text) <= 4 and script(each.text[0]) == "han"]
    families = {_family(name) for name in chinese if not _DOTS.search(name)}
    if not families:
        return
    taken = bytearray(len(text))
    for mention in mentions:
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    for found in re.finditer(f"({'|'.join(sorted(families, key=len, reverse=True))})(?=(?:{_TITLES}))", text):
        if not any(taken[found.start() : found.end() + 1]):
            yield Mention(found[0], "PERSON", found.start(), found.end(), found[0])


def _named(short: Mention, bearers: Mapping[str, Sequence[Mention]]) -> Mention:
    """With the name of the last before it of those whose part it is, or else of the first behind."""
    found = bearers.get(short.text)
    given, space, _ = short.text.partition(" ")
    if not found and space and short.name == short.text and given in bearers:  # "សុខុន" and a word that is no name
        short = replace(short, text=given, end=short.start + len(given))
        found = bearers[given]
    if not found:
        return short
    behind = bisect_left(found, short.start, key=lambda each: each.start)
    nearest = found[max(0, behind - 1)]
    return replace(short, name=nearest.name, wikidata=nearest.wikidata)


def _parts(whole: str) -> Iterator[str]:
    """What a person may be called by: the family name, or a part of a foreign name."""
    if _DOTS.search(whole):
        yield from filter(None, _DOTS.split(whole))
        return
    if " " in whole:
        yield whole.rpartition(" ")[2]
        return
    yield _family(whole)
    if len(whole) > 3:  # two characters of a Chinese name are no part of it
        yield from {whole[:size] for size in range(2, len(whole))} - {_family(whole)}
