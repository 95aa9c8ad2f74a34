"""Which parts of an article do not speak of its subject: by-lines, datelines, credits, captions, lists of countries.

Promises spans of the normalised text in which a name is named in passing, whatever the topic, and the sentences
between which names are not related to each other. It knows nothing of topics.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_AGENCIES = (
    r"xinhua|afp|ap|reuters|cns|akp|kyodo|bernama|vna|antara|tass|dpa|efe|ecns|bbc|cnn|voa|rfa|cgtn|scmp|"
    r"china daily|global times|china news service|the guardian|al jazeera|associated press|new york times|"
    r"新华社|中新社|新华网|人民网|法新社|路透社|美联社|中国日报|环球时报|柬中时报|高棉日报|ស៊ិនហួ|ចិនស៊ិនហួ"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    r"janv|févr|mars|avr|mai|juin|juil|août|sept|déc)[a-zéû]*\.?"
)
_DATE = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"

# Each with whether upper and lower case are alike.
_SHAPES = (
    # PHNOM PENH, Nov. 8 (Xinhua) --   BEIJING (AFP) -   PARIS —
    (
        False,
        r"^(?:[A-Z][A-Z.'’ ]{2,30})(?:[,/] ?(?:[A-Z][\w. ]{1,20}|\d{1,2} \w+\.?))?"
        r"(?: ?\([^()\n]{1,60}\))? ?(?:--|[-–—―:])\s",
    ),
    (True, rf"^[^\n,(]{{3,40}}, {_DATE}(?: ?\([^()\n]{{1,60}}\))? ?(?:--|[-–—―])?"),
    (True, rf"^(?:[^\n(]{{3,40}})? ?\((?:{_AGENCIES})\)"),
    # 新华社金边11月8日电（记者张三）   中新社北京3月2日电
    (
        False,
        r"^[（(]?(?:新华社|中新社|中新网|新华网|人民网|法新社|路透社)[^\n。，]{0,16}?(?:日电|电|讯)"
        r"(?:[ 　]?[（(][^（）()\n]{0,40}[）)])?",
    ),
    # (Xinhua)  (Photo by Wu Changwei/Xinhua)  (Xinhua/Nhean)  （新华社记者 摄）  (រូបភាព៖ ...)
    (
        True,
        rf"[(（\[](?:[^()（）\[\]\n]{{0,60}}[/,|·] ?)?(?:{_AGENCIES})"
        r"(?:[/ ][^()（）\[\]\n]{0,60})?[)）\]]",
    ),
    (
        True,
        r"[(（\[](?:file )?(?:photo|picture|image|crédit|photo d'archives|图|图片|资料图|រូបភាព|រូបថត)"
        r"[^()（）\[\]\n]{0,160}[)）\]]",
    ),
    (False, r"[(（][^()（）\n]{0,40}摄[)）]"),
    # whole lines: captions, sources, credits
    (
        True,
        r"^(?:photo(?: caption)?|caption|file photo|picture|image|photo d'archives|légende|crédit(?: photo)?|sources?|"
        r"图片来源|图|图片说明|图为|资料图|来源|ប្រភព|រូបភាព|រូបថត) ?[:：៖][^\n]{0,300}",
    ),
    (
        True,
        r"\b(?:source|editor|reporting by|editing by|writing by) ?: ?"
        r"(?:xinhua|china daily|global times|cgtn|afp|reuters)[^\n]{0,60}",
    ),
    (
        True,
        r"\b(?:told|tells|according to|reported by|reports?|said in a report by) (?:the )?"
        r"(?:china daily|xinhua(?: news agency)?|global times|cgtn)",
    ),
    (True, r"^.{0,120}\bin this (?:file |undated )?(?:photo|picture|image)\b[^\n]{0,200}"),
)
_PASSING = tuple(re.compile(shape, re.MULTILINE | (re.IGNORECASE if alike else 0)) for alike, shape in _SHAPES)

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st jr sr gen col lt capt sgt rep sen gov u.s u.k u.n e.g i.e etc vs no vol co ltd inc corp "
    "jan feb mar apr jun jul aug sep sept oct nov dec m mm mme mlle h.e".split()
)
_STOPS = re.compile(r"[.!?…]+[\"'”’»)\]]*\s+|[。！？｡]+[”’」』）]*|[។៕៘]+\s*|\n+")
_SEPARATOR = re.compile(r"[,，、;；]| ?\b(?:and|et|as well as)\b |和|与|及| ?និង ?")
_ARTICLE = re.compile(r"(?:the|le|la|les|l['’]) ?")
_LIST_PART = {True: 6, False: 26}  # code points of one member: Han, others
_LIST_SIZE = 4
# "Cambodia, Vietnam and China": three names, the last joined by a word. Not "In Beijing, Cambodia and China agreed".
_CAPITALISED = r"[A-ZÀ-ÞĀ-Ž](?:[\w'’-]|\.(?=\w|,| and ))*"
_NAME = rf"({_CAPITALISED}(?: {_CAPITALISED}){{0,3}})"
_PLACED = rf"(?:(?:the|in|le|la|les|en|au|aux) |(?:en |à )?l['’]|à la )?{_NAME}"
_HAN = r"((?:(?![对向与和同在到是为给由从将于访问援及的])[\u4e00-\u9fff]){2,6})"
_KHMER = r"([\u1780-\u17d3]{2,24})"
_TRIPLES = (
    re.compile(rf"(?<![\w.'’-]){_NAME}, {_PLACED},? (?:and|et|or|ou) {_PLACED}"),
    re.compile(rf"{_HAN}、{_HAN}(?:、|和|与|及|以及){_HAN}"),
    # Khmer writes spaces between clauses too: only where a word announces the list.
    re.compile(rf"(?:រួមមាន|រួមទាំង|ដូចជា|ក្នុងនោះមាន) ?{_KHMER} {_KHMER} និង ?{_KHMER}"),
)
_OPENERS = frozenset(
    "in on at from for after since during with by under before today yesterday tomorrow now then still also "
    "however meanwhile recently later earlier separately instead moreover elsewhere finally thus here there "
    "monday tuesday wednesday thursday friday saturday sunday à au en dans depuis après avec lundi mardi mercredi "
    "jeudi vendredi samedi dimanche hier demain ainsi enfin toutefois cependant ailleurs aujourd'hui".split()
)
# "49 % on Cambodia, 34 % on China": one figure for each.
_FIGURE = r"(?<![\d.,])\d[\d.,]* ?(?:%|per ?cent|pour cent) (?:of [a-z]+ )?(?:on|for|from|in|sur|pour|contre|au|en|à) "
_NEXT = rf"(?:,| and| et|, and|, et) (?:and |et )?{_FIGURE}{_PLACED}"
_HAN_NEXT = rf"[，、,；](?:对)?{_HAN}为?\d[\d.]*[%％]"
_FIGURES = (
    re.compile(rf"{_FIGURE}{_PLACED}{_NEXT}(?:{_NEXT})?(?:{_NEXT})?"),
    re.compile(rf"{_HAN}为?\d[\d.]*[%％]{_HAN_NEXT}(?:{_HAN_NEXT})?(?:{_HAN_NEXT})?"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The sentences of a text, as their starts (the first is 0), and the length of the whole."""

    starts: tuple[int, ...]
    length: int

    def sentence(self, at: int) -> int:
        """Number of the sentence that holds the offset."""
        return bisect_right(self.starts, at) - 1

    def span(self, number: int) -> tuple[int, int]:
        end = self.starts[number + 1] if number + 1 < len(self.starts) else self.length
        return self.starts[number], end


def layout(text: str) -> Layout:
    """Where sentences begin. Rules only: a full stop after an abbreviation or initial ends nothing."""
    starts = [0]
    for stop in _STOPS.finditer(text):
        if text[stop.start()] == "." and _abbreviates(text, stop.start()):
            continue
        if starts[-1] < stop.end() < len(text):
            starts.append(stop.end())
    return Layout(tuple(starts), len(text))


def _abbreviates(text: str, stop: int) -> bool:
    word = text[max(0, stop - 12) : stop].replace("(", " ").split(" ")[-1].lower()
    return (len(word) == 1 and word.isalpha()) or word in _ABBREVIATIONS


def passing_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Spans in which names do not count, sorted; they may overlap."""
    return tuple(sorted(match.span() for pattern in _PASSING for match in pattern.finditer(text)))


def listed_spans(text: str, places: Layout) -> tuple[tuple[int, int], ...]:
    """Enumerations: four and more short members in a row, as in "Brunei, Cambodia, China, Laos and Thailand"."""
    spans = []
    for number in range(len(places.starts)):
        start, end = places.span(number)
        spans.extend(_lists(text, start, end))
    return tuple(spans)


def triples(text: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Enumerations of three names, and of two with a figure each: the spans of their members.

    Shorter than the lists of `listed_spans`, they may be the parties to something else (a Chinese road to "Kampot,
    Kep and Takeo"); only the members are not related to each other.
    """
    found = []
    for pattern in (*_TRIPLES, *_FIGURES):
        for match in pattern.finditer(text):
            if match[1].split(" ")[0].lower() not in _OPENERS:
                found.append(tuple(match.span(group) for group in range(1, pattern.groups + 1) if match[group]))
    return tuple(found)


def _lists(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [match.span() for match in _SEPARATOR.finditer(text, start, end)]
    if len(cuts) < _LIST_SIZE - 1:
        return []
    edges = list(zip([start, *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), end], strict=True))
    spans, run = [], []
    for position, (left, right) in enumerate(edges):
        inner = 0 < position < len(edges) - 1
        if inner and _is_name(text[left:right]):
            run.append((left, right))
            continue
        spans.append((run, position))
        run = []
    long = [(members, after) for members, after in spans if len(members) >= _LIST_SIZE - 2]
    return [_around(edges, members, after, _limit(text[slice(*members[0])])) for members, after in long]


def _is_name(part: str) -> bool:
    """Short enough for a member of an enumeration, and written like a name where a script has capitals."""
    bare = _ARTICLE.sub("", part.strip())
    return len(part) <= _limit(bare) and not bare[:1].islower()


def _limit(part: str) -> int:
    return _LIST_PART["\u4e00" <= part.strip()[:1] <= "\u9fff"]


def _around(edges: list[tuple[int, int]], members: list[tuple[int, int]], after: int, limit: int) -> tuple[int, int]:
    """The short members with the tail of the part before and the head of the part behind them."""
    before = edges[after - len(members) - 1]
    behind = edges[after]
    return max(before[0], before[1] - limit), min(behind[1], behind[0] + limit)
