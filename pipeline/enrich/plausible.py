"""What a text itself says against a name that the recogniser found in it.

Promises to drop one-word finds that only look like names because they open a sentence or a headline ("Casinos
close", "Yuan gains"), and to call companies, clubs and houses what their last word says they are ("Sokha Hotel",
"Visakha FC"), and countries countries. It finds nothing, moves no span, and knows English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.enrich.ner import Found
from pipeline.enrich.places import countries
from pipeline.model import Label

# Words that open headlines and are hardly ever a name alone. One that is (Rice, Gold) also stands inside a sentence
# or in a longer name of the text, and is kept for that.
_COMMON = frozenset(
    "advisory agenda airline airlines airport analysis analysts army arrests article articles aviation bank bankers "
    "banks bonds border breaking briefing briefings briefs budget buses business canal cars cashew cashews casino "
    "casinos cement chapter chapters chart church coal coffee comment commentary construction corn correction "
    "cotton court courts crime crude culture customs dam dams deals debt diary diplomats dollar dolphins dong "
    "drones drugs durian durians economy editorial education elections elephants embassy energy exclusive experts "
    "explainer exports factories factory families farmers feature fire fishermen flights floods focus football "
    "forests fraud fuel gallery garments gas gold government graft growth headlines health hospital hospitals hotel "
    "hotels imports industry inflation insight interview investors item items journalists justice landmines "
    "lawmakers lawyers letter letters library loans mangoes maps market markets migrants ministers monks museum "
    "navy news newspaper obituary officials oil opera opinion page pages palm panda pandas parliament pepper photos "
    "pilots plastic police poll polls ports preview prices profile profiles property protests rail railway railways "
    "rains refugees renminbi report reports restaurant review rice riel roads rubber sand satellite scam scams "
    "school schools section sections shares ships silk solar soldiers sport sports steel stocks students sugar "
    "summary summit tariffs tax taxes tea teachers temple temples textiles timber tour tourism tourists trade "
    "traders traffic trains transcript travel trucks unions update vaccines video villagers visas voters wages "
    "weather wheat women workers yen yuan".split()
)
_OPENING = re.compile(r"(?:^|[\n.!?:;•|]|--|[–—])[\s\"'“‘(\[]*$")
_BEFORE = 12  # code points in which an opening is seen

_HOUSES = frozenset("hotel hotels resort villas stadium tower towers airport".split())
_FIRMS = frozenset("bank airlines airways holdings ltd inc corp plc fc f.c united".split())
_CITY_CLUBS = frozenset(
    "birmingham bradford bristol cardiff coventry exeter hull leicester lincoln manchester melbourne mumbai norwich "
    "stoke swansea".split()
)
_DOUBTED: frozenset[Label] = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC"})
_BANK_PLACES = frozenset("west left right south north east".split())
_NO_PLACE: frozenset[Label] = frozenset({"PERSON", "ORG", "FAC"})
_PEOPLE_TOO = frozenset({"Chad", "Georgia", "Israel", "Jersey", "Jordan"})  # countries that people are called, too


def plausible(text: str, found: Iterable[Found]) -> tuple[Found, ...]:
    """`found`, in its order, without common words and with the labels that last words and countries give."""
    found = tuple(found)
    longer = {word for each in found for word in _words(text, each)[1:] + _words(text, each)[:-1]}
    common: dict[str, bool] = {}
    kept = []
    for each in found:
        word = text[each.start : each.end]
        if each.label in _DOUBTED and word.isalpha() and word.istitle() and _opens(text, each.start):
            if word not in common:
                common[word] = word not in longer and _is_common(word, text)
            if common[word]:
                continue
        kept.append(replace(each, label=_by_name(word, each.label)))
    return tuple(kept)


def _words(text: str, each: Found) -> list[str]:
    return text[each.start : each.end].split()


def _is_common(word: str, text: str) -> bool:
    """Written small more often than as a name inside a sentence, or a common word and never such a name?"""
    inside = sum(not _opens(text, match.start()) for match in _whole(word, text))
    small = sum(1 for _ in _whole(word.lower(), text))
    return small > inside or (not inside and word.lower() in _COMMON)


def _whole(word: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)


def _opens(text: str, start: int) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    return not before.strip() or bool(_OPENING.search(before))


def _by_name(name: str, label: Label) -> Label:
    if label in _NO_PLACE and name in countries("en") and name not in _PEOPLE_TOO:
        return "GPE"
    return _by_tail(name, label)


def _by_tail(name: str, label: Label) -> Label:
    words = name.lower().split()
    if label not in _DOUBTED or len(words) < 2:
        return label
    first, last = words[0], words[-1].rstrip(".")
    if last in _HOUSES:
        return "ORG" if label == "ORG" else "FAC"
    club = last == "city" and first in _CITY_CLUBS and len(words) == 2
    if club or (last in _FIRMS and not (last == "bank" and first in _BANK_PLACES)):
        return "ORG"
    return label
