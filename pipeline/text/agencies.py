"""Which news agency a text names as its source.

Promises an agency only where the text gives itself out as that agency's: in its dateline, its last line, a line that
begins with "source", or its by-line. An agency that is merely quoted ("told Xinhua") or that took the photograph is
none. It does not know who prints whom: that is what families show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

_AGENCIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "xinhua": r"Xinhua(?: News Agency)?|XINHUA|Chine Nouvelle|新华社|新華社|新华网|ស៊ិនហួ|ចិនស៊ិនហួ",
        "cns": r"CNS|China News Service|中新社|中新网|中国新闻社",
        "afp": r"AFP|Agence France[- ]Presse|法新社",
        "reuters": r"Reuters|REUTERS|Thomson Reuters(?: Foundation)?|路透社|路透",
        "ap": r"AP|Associated Press|The Associated Press|美联社",
        "akp": r"AKP|Agence Kampuchea Presse|ទីភ្នាក់ងារសារព័ត៌មានកម្ពុជា",
        "kyodo": r"Kyodo(?: News)?|KYODO|共同社",
        "vna": r"VNA|Vietnam News Agency",
        "bernama": r"Bernama|BERNAMA",
        "antara": r"Antara|ANTARA",
        "yonhap": r"Yonhap|YONHAP|韩联社",
        "tass": r"TASS|Tass|塔斯社",
        "dpa": r"dpa|DPA|Deutsche Presse-Agentur|德新社",
        "efe": r"EFE|埃菲社",
        "belga": r"Belga|BELGA",
        "ansa": r"ANSA",
        "pti": r"PTI|Press Trust of India",
        "ani": r"ANI",
    }
)
_HEAD: Final = 300  # code points in which a dateline ends
_TAIL: Final = 200
_ANY: Final = "|".join(f"(?P<{name}>{names})" for name, names in _AGENCIES.items())
_ENDED: Final = r"(?![\w-])"
_OTHER: Final = "|".join(_AGENCIES.values())
_NAMED: Final = rf"[(（\[【](?:{_ANY})(?:\s?[,/&]\s?(?:{_OTHER}))?[)）\]】]"  # (Xinhua)   (Reuters/AFP)
_SOURCE: Final = r"(?:Sources?|SOURCE|Agence|稿件来源|新闻来源|来源|來源|ប្រភព) ?[:：៖] ?"

_OPENINGS: Final = (
    # PHNOM PENH, Nov. 8 (Xinhua) --   BEIJING (AFP) Chinese ...   （新华社）   ភ្នំពេញ (ស៊ិនហួ)
    re.compile(rf"^[^\n()（）]{{0,80}}{_NAMED}\s?(?:--|[-–—―:：])", re.MULTILINE),
    re.compile(rf"^(?:[A-Z][A-Z.,'’ -]{{2,40}}|[^\na-zA-Z()（）]{{0,40}}){_NAMED}", re.MULTILINE),
    # AKP Phnom Penh, June 09, 2019 --   AFP -   Reuters: Leaders
    re.compile(rf"\A[^\w(（]*(?:{_ANY})(?= [A-Z][\w.' ]{{2,40}},? [^\n]{{0,30}}(?:--|[-–—])| ?(?:--|[-–—:：])\s)"),
    # 新华社金边11月8日电   （新华社记者张三）中新社北京3月2日电
    re.compile(rf"^[（(【]?(?:{_ANY})[^\n。，,]{{0,16}}?(?:日电|日電|电|讯|訊)", re.MULTILINE),
)
_ENDINGS: Final = (
    # ... on Monday. —AFP   ... (AFP)   © Reuters 2019   - Bernama
    re.compile(rf"(?:--|[-–—―©]) ?(?:{_ANY})(?:\s?[,/&]\s?(?:{_OTHER}))?(?:,? \d{{4}})?[.。]?\s*\Z"),
    re.compile(rf"(?:^|[.。!?”\"]\s*){_NAMED}[.。]?\s*\Z", re.MULTILINE),
    re.compile(rf"^(?:{_ANY})[.。]?\s*\Z", re.MULTILINE),
)
_LINE: Final = re.compile(rf"^[(（\[]?{_SOURCE}(?:{_ANY}){_ENDED}", re.MULTILINE)
_BYLINE: Final = re.compile(rf"(?:by |par )?(?:{_ANY})(?: staff(?: writers?)?)?", re.IGNORECASE)


def wire_agency(text: str, *, authors: Sequence[str] = ()) -> str | None:
    """The agency's short name, such as "xinhua", or None. `text` is the article's, without its headline."""
    for pattern in _OPENINGS:
        if found := pattern.search(text[:_HEAD]):
            return found.lastgroup
    tail = text.rstrip()[-_TAIL:]
    for pattern in _ENDINGS:
        if found := pattern.search(tail):
            return found.lastgroup
    for author in authors:
        if found := _BYLINE.fullmatch(author.strip()):
            return found.lastgroup
    line = _LINE.search(text)
    return line.lastgroup if line else None
