"""Articles for the search tests: the demonstration's own texts, annotated by hand, and some odd ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
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
    Source,
    SourceKind,
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


@cache
def documents() -> tuple[Document, ...]:
    return tuple(document(one, known=KNOWN) for one in (*_demonstration(), *_odd()))


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
