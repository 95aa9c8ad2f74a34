"""Articles for the search tests: the demonstration's own texts, annotated by hand, and some odd ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from pipeline.index.base import Document
from pipeline.index.documents import by_name, document
from pipeline.model import (
    Annotated,
    Annotation,
    Article,
    Label,
    Membership,
    Mention,
    Quote,
    Source,
    SourceKind,
    Span,
    TopicScore,
    WatchEntity,
)
from pipeline.settings import ROOT

NOW = datetime(2020, 3, 1, 12, tzinfo=UTC)
SEEN = datetime(2020, 1, 15, 8, 30, tzinfo=UTC)

SOKHONN = WatchEntity("Prak Sokhonn", "PERSON", "Q16930233", "KH", None, ("布拉索昆", "ប្រាក់ សុខុន"))
WANG = WatchEntity("Wang Yi", "PERSON", "Q701149", "CN", "minister", ("王毅", "វ៉ាង យី"))
LI = WatchEntity("Li Keqiang", "PERSON", "Q319424", "CN", None, ("李克强",))
WATCHLIST = (SOKHONN, WANG, LI)
KNOWN = by_name(WATCHLIST)

_COUNTRIES = {"kingdom-daily": "KH", "asia-europe-monitor": "SG", "revue-du-mekong": "FR", "mekong-ribao": "CN"}

# (surface, label, name, Wikidata id) by item
_MENTIONS: Mapping[str, tuple[tuple[str, Label, str, str | None], ...]] = {
    "kd-20190609-01": (
        ("Prak Sokhonn", "PERSON", "Prak Sokhonn", "Q16930233"),
        ("Sokhonn", "PERSON", "Prak Sokhonn", "Q16930233"),
        ("Wang", "PERSON", "Wang Yi", "Q701149"),
        ("Li", "PERSON", "Li Keqiang", "Q319424"),
        ("Cambodia", "GPE", "Cambodia", "Q424"),
        ("Asem Summit", "EVENT", "Asem Summit", None),
        ("European Commission", "ORG", "European Commission", "Q8880"),
    ),
    "mr-20190608-1": (("王毅", "PERSON", "Wang Yi", "Q701149"), ("布拉索昆", "PERSON", "Prak Sokhonn", "Q16930233")),
    "sm-20190608-1": (("ប្រាក់ សុខុន", "PERSON", "Prak Sokhonn", "Q16930233"),),
    "https://revue-du-mekong.example/2020/02/sommet-asem": (
        ("Prak Sokhonn", "PERSON", "Prak Sokhonn", "Q16930233"),
        ("Asean", "ORG", "ASEAN", "Q7768"),
    ),
    "https://revue-du-mekong.example/2020/10/libre-echange": (
        ("Wang Yi", "PERSON", "Wang Yi", "Q701149"),
        ("Hun Sen", "PERSON", "Hun Sen", None),
    ),
}
_TOPICS: Mapping[str, dict[str, float]] = {
    "kd-20190609-01": {"asem": 0.9312, "cambodia_china": 1.0},
    "mr-20190608-1": {"asem": 0.3, "cambodia_china": 0.97},
    "mr-20200219-3": {"asem": 0.99, "cambodia_china": 0.05},
    "sm-20200220-2": {"asem": 0.85, "cambodia_china": 0.0},
}
_QUOTES: Mapping[str, tuple[Quote, ...]] = {
    "known": (Quote(37, 52, "direct", "Li Keqiang", 0, 2), Quote(6, 24, "reported")),
    "zh-traditional": (Quote(6, 17, "reported", "王毅", 0, 2),),
}


@cache
def documents() -> tuple[Document, ...]:
    articles = (*_demonstration(), *_odd(), *_probes())
    return tuple(document(one, known=KNOWN, quotes=_QUOTES.get(one.article.id, ())) for one in articles)


def _demonstration() -> list[Annotated]:
    seed = (ROOT / "seeds" / "000_cc05a888fb15b622.txt").read_text(encoding="utf-8")
    feeds = YAML(typ="safe").load((ROOT / "seeds" / "items.yml").read_text(encoding="utf-8"))
    return [_annotated(feed, item, seed) for feed in feeds for item in feed["items"]]


def _annotated(feed: dict[str, Any], item: dict[str, Any], seed: str) -> Annotated:
    source = feed["file"].removesuffix(".xml")
    cut = {"whole": len(seed), "two-thirds": len(seed) * 2 // 3}.get(str(item.get("seed")))
    return annotated(
        item["id"],
        title=item["title"],
        text=item.get("text") or seed[:cut],
        source=source,
        country=_COUNTRIES.get(source, "KH"),
        language=feed["language"],
        published=datetime.fromisoformat(str(item["published"])),
        author=str(item.get("author") or ""),
        mentions=_MENTIONS.get(item["id"], ()),
        topics=_TOPICS.get(item["id"], {}),
    )


def annotated(
    identity: str,
    *,
    title: str = "Title",
    text: str = "",
    source: str = "example",
    country: str = "KH",
    language: str | None = "en",
    published: datetime | None = None,
    author: str = "",
    mentions: tuple[tuple[str, Label, str, str | None], ...] = (),
    topics: Mapping[str, float] | None = None,
    revision: int = 1,
    backlog: str | None = None,
    first_seen: datetime = SEEN,
) -> Annotated:
    """One article with everything known of it; spans of mentions are of no use to a search index."""
    article = Article(
        identity, source, revision, f"https://{source}.example/{identity}", title, text, (author,) if author else (),
        published, None, None, first_seen, language, backlog,
    )  # fmt: skip
    scores = tuple(TopicScore(name, score, score >= 0.5) for name, score in (topics or {}).items())
    found = tuple(Mention(surface, label, 0, 0, name, wikidata) for surface, label, name, wikidata in mentions)
    url = f"https://{source}.example/feed"
    outlet = Source(source, f"The {source}", url, None, country, language or "en", SourceKind.INDEPENDENT)
    return Annotated(article, Annotation(language, scores, found), Membership(identity, identity, 1.0), outlet)


def _odd() -> list[Annotated]:
    return [
        annotated("empty", title="", text="", language=None),
        annotated("punctuation", title="— … ?!", text="***"),
        annotated("undated", title="No date", text="It has none.", published=None),
        annotated("ancient", title="Old clock", published=datetime(1, 1, 1, tzinfo=UTC)),
        annotated("edge", title="Midnight", published=datetime(2019, 6, 10, tzinfo=UTC)),
        annotated("last-second", title="Almost", published=datetime(2019, 6, 9, 23, 59, 59, 999999, tzinfo=UTC)),
        annotated("backlog", title="Late", backlog="older than 3 days at first sight", revision=3),
        annotated("long-word", title="x" * 700, text="a" * 300 + " end"),
        annotated("lone", title="bad \ud800 surrogate", text="half \udc00 pair"),
        annotated("hyphens", title="Belt-and-Road: Sino–Khmer (l’ASEAN) U.S. A+B", text="state-owned naïve Œuvre"),
        annotated("traditional", title="柬埔寨與中國", text="東盟外長會議。王", language="zh"),
        annotated("widths", title="ＡＳＥＭ１３ summit", text="２０２０年11月，金边"),
        annotated("repeated", title="Wang Wang Yi", text="Yi Wang. Phnom\nPenh"),
        annotated("case", title="STRASSE Straße", source="Mixed-Case", country="de", language="de"),
        annotated("emoji", title="🇰🇭🤝🇨🇳 friends", text="zero\u200bwidth soft\u00adhyphen"),
        annotated(
            "two-people",
            title="Two",
            mentions=(("Wang", "PERSON", "Wang Lutong", None), ("Yi", "PERSON", "Yi Gang", None)),
        ),
    ]


PROBED = datetime(2018, 3, 1, tzinfo=UTC)  # when all probes were published, unless they say otherwise


def _probes() -> list[Annotated]:
    """Articles of 2018 that differ in one thing each: an operator's word, a border, a script, a sign."""
    return [*_operators(), *_scripts(), *_signs(), _known(), _ahead()]


def _operators() -> list[Annotated]:
    """Every combination of three words: a query of these words is known by its truth table."""
    words = {"a": "alfa", "b": "bravo", "c": "charlie"}
    given = ("a", "b", "c", "ab", "ac", "bc", "abc")
    return [annotated(f"op-{one}", title=" ".join(map(words.__getitem__, one)), published=PROBED) for one in given]


def _scripts() -> list[Annotated]:
    texts = {
        "km-invisible": ("សេចក្តី\u200bប្រកាស\u200bព័ត៌មាន", "km"),
        "km-plain": ("សេចក្តីប្រកាសព័ត៌មាន", "km"),
        "km-parted": ("សេចក្តី ប្រកាស ព័ត៌មាន", "km"),
        "mixed": ("华为Huawei发布5G手机 ក្រុមហ៊ុនHuaweiលក់ទូរស័ព្ទ", "zh"),
        "zh-traditional": ("臺灣與歐盟簽署貿易協定", "zh"),
        "zh-simplified": ("台湾与欧盟签署贸易协定", "zh"),
        "zh-again": ("协定贸易，贸易·协定", "zh"),
        "thai": ("ประเทศไทย", "th"),
        "kana": ("カンボジアの首相", "ja"),
    }
    return [annotated(name, text=text, language=code, published=PROBED) for name, (text, code) in texts.items()]


def _signs() -> list[Annotated]:
    texts = {
        "numerals": "១២៣៤ and ٤٥٦ and 7,890.5",
        "quotes": "“No deal”, d’Aix said; AT&T [C++] back\\slash key:value 50%",
        "starts": "prefix prefixes prefixed pre-fix",
        "greek": "Αθήνα ΣΟΦΟΣ Ελλάς",
        "cyrillic": "Новый Ёлка",
        "strokes": "Łódź đồng İstanbul ﬁne",
    }
    return [annotated(name, text=text, published=PROBED) for name, text in texts.items()]


def _known() -> Annotated:
    """One of which everything is known."""
    made = annotated(
        "known",
        text="VIENTIANE, March 1 (Xinhua) -- Lotus diplomacy.",
        source="gazette",
        country="LA",
        published=PROBED,
        author="Zoë O'Hara",
        mentions=(
            ("Li", "PERSON", "Li Keqiang", "Q319424"),
            ("Vientiane", "GPE", "Vientiane", "Q9326"),
            ("Mekong River Commission", "ORG", "Mekong River Commission", None),
            ("Bon Om Touk", "EVENT", "Bon Om Touk", None),
        ),
        first_seen=PROBED + timedelta(hours=1),
    )
    score = TopicScore("trade", 0.5, True, (Span("Lotus diplomacy", 6, 21), Span("湄公河", 0, 3)))
    return replace(made, annotation=replace(made.annotation, topics=(score,)), alerts=("Kingdom", "asem watch"))


def _ahead() -> Annotated:
    """The outlet dated it half a minute ahead."""
    seen = PROBED - timedelta(seconds=30)
    return annotated("ahead", text="BEIJING (Reuters) - Early.", published=PROBED, first_seen=seen)
