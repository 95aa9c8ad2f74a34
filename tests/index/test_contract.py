"""One query, the same articles everywhere: tantivy, the real Elasticsearch and OpenSearch, and the alert matcher."""

from __future__ import annotations

import re

import pytest

from pipeline.index import SearchIndex, match_queries
from pipeline.query import fields, parse_query
from pipeline.query.fields import synonyms
from pipeline.settings import ROOT
from tests.index.corpus import NOW, documents

SEED = "kd-20190609-01"
POSTPONED = "tag:asia-europe-monitor.example,2020-09-04:postponed"
SCHOOLS = "https://revue-du-mekong.example/2020/03/ecoles"
ZH, KM = "mr-20190608-1", "sm-20190608-1"
FR = "https://revue-du-mekong.example/2020/02/sommet-asem"
FR_TRADE = "https://revue-du-mekong.example/2020/10/libre-echange"
EVERY = {one.id for one in documents()}
PROBES = {one.id for one in documents() if one.body.get("published", "").startswith("2018-03-01")}
XINHUA = {"known", "kd-20190611-04", "mr-20191112-5"}

# What each query finds, exactly.
EXPECTED: dict[str, set[str]] = {
    'entity:"Prak Sokhonn"': {SEED, ZH, KM, FR},
    'entity:"Sokhonn"': {SEED, ZH, KM, FR},
    "entity:sokhonn": {SEED, ZH, KM, FR},
    'entity:"布拉索昆"': {SEED, ZH, KM, FR},
    'entity:"ប្រាក់ សុខុន"': {SEED, ZH, KM, FR},
    "entity:Q701149": {SEED, ZH, FR_TRADE},
    'entity:"Wang Yi"': {SEED, ZH, FR_TRADE},
    'entity:"Wang Gang"': set(),
    'entity:"Lutong Yi"': set(),
    'entity_name:"Wang Yi"': {SEED, ZH, FR_TRADE},
    'entity_name:"Wang"': set(),
    'person:"Wang"': {SEED, ZH, FR_TRADE, "two-people"},
    'org:"European Commission"': {SEED},
    "place:cambodia": {SEED},
    "event:summit": {SEED},
    "wikidata:Q424": {SEED},
    "topic:asem": {SEED, "mr-20200219-3", "sm-20200220-2"},
    "topic:ASEM": {SEED, "mr-20200219-3", "sm-20200220-2"},
    "topic:(asem OR cambodia_china)": {SEED, ZH, "mr-20200219-3", "sm-20200220-2"},
    "topic:(asem AND cambodia_china)": {SEED},
    'topic:cambodia_china AND entity:"Wang Yi"': {SEED, ZH},
    "topics.asem:>=0.9312": {SEED, "mr-20200219-3"},
    "topics.asem:>0.9312": {"mr-20200219-3"},
    "topics.asem:[0.3 TO 0.9]": {ZH, "sm-20200220-2"},
    "topics.asem:{0.3 TO 0.85]": {"sm-20200220-2"},
    "topics.asem:0.85": {"sm-20200220-2"},
    "topics.cambodia_china:1": {SEED},
    "topics.cambodia_china:<=0": {"sm-20200220-2"},
    "topics.nobody_knows:>0": set(),
    "topics.cambodia_china:*": {SEED, ZH, "mr-20200219-3", "sm-20200220-2"},
    "topics:*": {SEED, ZH, "mr-20200219-3", "sm-20200220-2", "known"},
    "柬埔寨 亚欧": {ZH, "mr-20200219-3"},
    "亚欧首脑会议": {ZH, "mr-20200219-3"},
    '"第十三届亚欧首脑会议"': {"mr-20200219-3"},
    "欧亚": set(),
    "title:柬埔寨与中国": {"traditional"},
    "title:柬埔寨與中國": {"traditional"},
    "text:王": {ZH, "traditional"},
    "title:寨": {ZH, "mr-20200219-3", "mr-20191112-5", "traditional"},
    "title:毅": {ZH},
    "title:王毅*": {ZH},
    "អាស៊ី-អឺរ៉ុប": {KM, "sm-20200220-2"},
    "កិច្ចប្រជុំកំពូល": {KM, "sm-20200220-2"},
    "ប្រាក់ AND សុខុន AND ប៉េកាំង": {KM},
    "ឆ្នាំ២០២០": {"sm-20200220-2"},
    "រដ្ឋាភិបាលកម្ពុជា": {"sm-20200220-2"},
    "asie-europe": {FR},
    "européenne créée": {FR},
    "EUROPEENNE cree*": {FR},
    "l'asem": {FR},
    "oeuvre": {"hyphens"},
    '"belt and road" sino': {"hyphens"},
    "title:u.s.": {"hyphens"},
    "naive": {"hyphens"},
    "asem13 2020": {"widths"},
    "title:asem13": {"widths"},
    '"2020年"': {"widths"},
    "strasse": {"case"},
    "source:mixed-case": {"case"},
    "source:Mixed-Case": {"case"},
    "source:mixed*": {"case"},
    "country:DE": {"case"},
    "kind:independent -country:(kh OR cn OR sg OR fr)": {"case", "known"},
    "zerowidth": {"emoji"},
    "softhyphen": {"emoji"},
    "surrogate": {"lone"},
    "x" * 700: {"long-word"},
    "title:" + "x" * 50 + "*": {"long-word"},
    '"wang wang yi"': {"repeated"},
    'title:"yi wang"': set(),
    '"phnom penh" -source:(kingdom-daily OR asia-europe-monitor OR revue-du-mekong OR copies)': {"repeated"},
    "sokh*": {SEED, FR, "wm-1101", "wm-1102", "wm-1103", POSTPONED},
    "backlog:*": {"backlog"},
    "backlog:older": {"backlog"},
    "revision:>1": {"backlog"},
    "revision:[2 TO 3}": set(),
    "revision:[1.5 TO 3]": {"backlog"},
    "published:2019-06-10": {"edge"},
    "published:[2019-06-09 TO 2019-06-09]": {SEED, "wm-1101", "wm-1102", "last-second"},
    "published:{2019-06-09 TO 2019-06-10}": set(),
    "published:[2019-06-09T23:59:59 TO 2019-06-10T00:00:00]": {"edge", "last-second"},
    "published:[2019-06-09T23:59:59 TO 2019-06-10T00:00:00}": {"last-second"},
    "published:>2020-02": {FR_TRADE, SCHOOLS, POSTPONED},
    "published:[now-2w TO now]": {FR, "mr-20200219-3", "sm-20200220-2"},
    "-published:* AND -language:zh AND title:*": {
        "punctuation", "undated", "ancient", "backlog", "long-word", "lone", "hyphens", "widths", "repeated", "case",
        "emoji", "two-people",
    },
    "date:2020-01-15 language:zh": {"traditional"},
    "NOT title:*": {"empty"},
    "NOT (NOT title:*)": EVERY - {"empty"},
    "undated OR NOT title:*": {"empty"},
    "NOT language:*": {"empty"},
    "*": EVERY,
    "url:\"https://example.example/edge\"": {"edge"},
    r"url:https\:\/\/example.example\/e*": {"edge", "empty", "emoji"},
    "id:edge": {"edge"},
    "id:Edge": set(),
    'family:"edge"': {"edge"},
    'authors:"sok pisey"': {"kd-20190614-07"},
    "source_name:mixed": {"case"},
    # operators: all combinations of three words
    "alfa bravo OR charlie": {"op-ab", "op-ac", "op-abc"},
    "alfa OR bravo charlie": {"op-ac", "op-bc", "op-abc"},
    "alfa OR bravo AND charlie": {"op-a", "op-ab", "op-ac", "op-bc", "op-abc"},
    "alfa AND bravo OR charlie": {"op-c", "op-ab", "op-ac", "op-bc", "op-abc"},
    "(alfa OR bravo) AND charlie": {"op-ac", "op-bc", "op-abc"},
    "alfa (bravo OR charlie)": {"op-ab", "op-ac", "op-abc"},
    "alfa -bravo": {"op-a", "op-ac"},
    "-alfa title:(alfa OR bravo OR charlie)": {"op-b", "op-c", "op-bc"},
    "alfa NOT bravo NOT charlie": {"op-a"},
    "alfa NOT (bravo OR charlie)": {"op-a"},
    "alfa NOT (bravo AND charlie)": {"op-a", "op-ab", "op-ac"},
    "alfa AND NOT (bravo AND NOT charlie)": {"op-a", "op-ac", "op-abc"},
    "bravo NOT (alfa NOT (charlie))": {"op-b", "op-bc", "op-abc"},
    "NOT (NOT (NOT alfa)) AND bravo": {"op-b", "op-bc"},
    "alfa OR -bravo AND charlie": {"op-a", "op-c", "op-ab", "op-ac", "op-abc"},
    "alfa OR NOT title:*": {"empty", "op-a", "op-ab", "op-ac", "op-abc"},
    "title:(alfa bravo) -charlie": {"op-ab"},
    "title:(alfa OR bravo) NOT title:(alfa AND bravo)": {"op-a", "op-b", "op-ac", "op-bc"},
    "+alfa -charlie": {"op-a", "op-ab"},
    "alf* -bravo": {"op-a", "op-ac"},
    "text:alfa": set(),
    # phrases, quotes, signs
    '"alfa bravo"': {"op-ab", "op-abc"},
    '"bravo alfa"': set(),
    '"alfa charlie"': {"op-ac"},
    'title:("alfa bravo" charlie)': {"op-abc"},
    'title:"alfa bravo" OR title:"bravo charlie"': {"op-ab", "op-bc", "op-abc"},
    '"no deal"': {"quotes"},
    "“no deal”": {"quotes"},
    "«no deal»": {"quotes"},
    "no-deal": {"quotes"},
    "d'aix": {"quotes"},
    "d’aix": {"quotes"},
    "AT&T": {"quotes"},
    '"C++" text:back': {"quotes"},
    r'"back\\slash"': {"quotes"},
    '"key:value"': {"quotes"},
    r"key\:value": {"quotes"},
    r'"\[c\]" said': {"quotes"},
    "pre-fix": {"starts"},
    '"prefix pre"': set(),
    '"prefixes prefixed"': {"starts"},
    "prefixe*": {"starts"},
    # scripts
    "សេចក្តីប្រកាស": {"km-invisible", "km-plain"},
    '"សេចក្តី\u200bប្រកាសព័ត៌មាន"': {"km-invisible", "km-plain"},
    "សេចក្តី ព័ត៌មាន": {"km-invisible", "km-plain", "km-parted"},
    '"សេចក្តី ប្រកាស"': {"km-parted"},
    "សេចក្តី*": {"km-invisible", "km-plain", "km-parted"},
    "华为": {"mixed"},
    "发布5G手机": {"mixed"},
    '"华为huawei发布"': {"mixed"},
    "huawei លក់": {"mixed"},
    "huaweiលក់": {"mixed"},
    "为发": set(),
    "台湾与欧盟": {"zh-traditional", "zh-simplified"},
    "臺灣與歐盟": {"zh-traditional", "zh-simplified"},
    '"貿易協定"': {"zh-traditional", "zh-simplified"},
    "协定贸易": {"zh-again"},
    "贸易 协定 -台湾": {"zh-again"},
    "欧 published:2018": {"zh-traditional", "zh-simplified"},
    "定 AND 盟 -country:cn": {"zh-traditional", "zh-simplified"},
    "ไทย": {"thai"},
    "カンボジアの首相": {"kana"},
    "の": {"kana"},
    "αθηνα": {"greek"},
    "σοφοσ": {"greek"},
    "новый": {"cyrillic"},
    "новыи": set(),
    "елка": {"cyrillic"},
    "łódź ISTANBUL dong": {"strokes"},
    "fine": {"strokes"},
    # numerals
    "1234": {"numerals"},
    "១២៣៤": {"numerals"},
    '"456 and 7,890"': {"numerals"},
    "7890": set(),
    # every other field, and their borders
    "wire:XINHUA": XINHUA,
    "wire:*": XINHUA | {"ahead"},
    "wire:r*": {"ahead"},
    "alerts:KINGDOM": {"known"},
    "rule.name:KINGDOM": {"known"},
    "message:柬埔寨 tags:asem": {"mr-20200219-3"},
    "tags:(asem AND cambodia_china)": {SEED},
    "@timestamp:[2018-03-01 TO 2018-03-01]": PROBES,
    'url.full:"https://example.example/edge"': {"edge"},
    "story:op-a*": {"op-a", "op-ab", "op-ac", "op-abc"},
    'alerts:"asem watch"': {"known"},
    "alerts:asem*": {"known"},
    "alerts:watch": set(),
    "-alerts:* wire:xinhua": XINHUA - {"known"},
    'evidence:"lotus diplomacy"': {"known"},
    'evidence:"diplomacy 湄公河"': set(),
    "evidence:公河": {"known"},
    "evidence:*": {"known"},
    'quote:"lotus diplomacy"': {"known"},
    'quote:"vientiane lotus"': set(),
    "quote:march": {"known"},
    "quote:貿易協定": {"zh-traditional"},
    "quote:*": {"known", "zh-traditional"},
    "speaker:keqiang": {"known"},
    'speaker:"Keqiang Li"': set(),
    "speaker:王毅": {"zh-traditional"},
    'quote:lotus speaker:"Li Keqiang"': {"known"},
    "quote:* -speaker:li": {"zh-traditional"},
    "lag:3600": {"known"},
    "lag:-30": {"ahead"},
    "-lag:3600 source:gazette": set(),
    "lag:(-30 OR 3600)": {"ahead", "known"},
    "lag:[-30 TO 0]": {"ahead"},
    "lag:{-30 TO 3600]": {"known"},
    "lag:[-30 TO 3600}": {"ahead"},
    "lag:[3599.5 TO 3600.5]": {"known"},
    "lag:{3600 TO 3601}": set(),
    "lag:<0 published:2018": {"ahead"},
    "lag:<=-30 lag:>-31 published:2018": {"ahead"},
    "lag:<-30 published:2018": set(),
    "entity_country:CN": {SEED, ZH, FR_TRADE, "known"},
    "entity_country:cn -entity_country:kh": {FR_TRADE, "known"},
    "entity_country:k*": {SEED, ZH, KM, FR},
    "country:la": {"known"},
    "entity:李克强": {SEED, "known"},
    "entity:李": {SEED, "known"},
    "person:李克强": set(),
    "place:vientiane": {"known"},
    'org:"river commission"': {"known"},
    'org:"commission river"': set(),
    'event:"bon om"': {"known"},
    "entity_name:Mekong*": {"known"},
    'entity_name:"Mekong*"': set(),
    "wikidata:q9326": set(),
    "revision:{1 TO 3}": set(),
    "revision:{2 TO 4}": {"backlog"},
    "revision:[2 TO *]": {"backlog"},
    "topics.trade:[0.5 TO 0.5]": {"known"},
    "topics.trade:[0 TO 1}": {"known"},
    "topics.trade:{0.5 TO 1]": set(),
    "topics.asem:{0.5 TO 1]": {SEED, "mr-20200219-3", "sm-20200220-2"},
    "topics.asem:[0 TO 0.5]": {ZH},
    "topics.asem:[0 TO 1]": {SEED, ZH, "mr-20200219-3", "sm-20200220-2"},
    "topics.cambodia_china:[0.97 TO 1}": {ZH},
    "topics.asem:<-1": set(),
    "published:2018": PROBES,
    "published:[2018-03-01T00:00:00Z TO 2018-03-01T00:00:00Z]": PROBES,
    'published:"2018-03-01T07:00:00+07:00" alerts:*': {"known"},
    "published:{2018-03-01T00:00:00 TO 2019}": set(),
    "published:<2018-03-01": set(),
    "date:[* TO 2018-02-28]": set(),
    "date:[* TO 2018-03-01] alfa": {"op-a", "op-ab", "op-ac", "op-abc"},
    "first_seen:2018-02-28": {"ahead"},
    "first_seen:[2018-03-01T01 TO 2018-03-01T01]": {"known"},
    "authors:\"zoe o'hara\"": {"known"},
    "authors:hara*": {"known"},
    "source_name:gazette kind:INDEPENDENT": {"known"},
    "language:(th OR ja)": {"thai", "kana"},
    "id:(op-a OR op-ab)": {"op-a", "op-ab"},
    "family:op-a*": {"op-a", "op-ab", "op-ac", "op-abc"},
    "* -title:*": {"empty"},
}  # fmt: skip


@pytest.mark.parametrize("query", EXPECTED)
def test_every_engine_finds_the_same(query: str, filled: dict[str, SearchIndex]) -> None:
    parsed = parse_query(query)
    found = {kind: _found(index, query) for kind, index in filled.items()}
    found["matcher"] = set(match_queries({"q": parsed}, documents(), now=NOW)["q"])
    assert found == dict.fromkeys(found, EXPECTED[query])


def test_every_field_is_asked_for() -> None:
    asked = " ".join(EXPECTED)
    assert [name for name in fields() if not re.search(rf"(?<![\w.]){name}[:.]", asked)] == []


def test_every_other_name_is_asked_for() -> None:
    asked = " ".join(EXPECTED)
    assert [name for name in synonyms() if f"{name}:" not in asked] == []


def test_a_facet_may_be_asked_for_by_its_other_name(filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        counted = index.search(parse_query("story:op-a*"), limit=0, facets=("story", "family"), now=NOW).facets
        assert counted["story"] == counted["family"] != ()


def test_every_field_is_in_the_manual() -> None:
    page = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
    listed = re.findall(r"`([a-z_]+)(?:\.NAME)?`", "".join(re.findall(r"^\| (`[^|]*)\|", page, re.MULTILINE)))
    assert [name for name in fields() if name not in listed] == []
    assert [name for name in synonyms() if f"| `{name}` |" not in page] == []


def _found(index: SearchIndex, query: str) -> set[str]:
    results = index.search(parse_query(query), limit=1000, now=NOW)
    ids = [hit.id for hit in results.hits]
    assert results.total == len(ids) == len(set(ids))
    return set(ids)
