"""One query, the same articles everywhere: tantivy, the real Elasticsearch and OpenSearch, and the alert matcher."""

from __future__ import annotations

import pytest

from pipeline.index import SearchIndex, match_queries
from pipeline.query import parse_query
from tests.index.corpus import NOW, documents

SEED = "kd-20190609-01"
POSTPONED = "tag:asia-europe-monitor.example,2020-09-04:postponed"
SCHOOLS = "https://revue-du-mekong.example/2020/03/ecoles"
ZH, KM = "mr-20190608-1", "sm-20190608-1"
FR = "https://revue-du-mekong.example/2020/02/sommet-asem"
FR_TRADE = "https://revue-du-mekong.example/2020/10/libre-echange"
EVERY = {one.id for one in documents()}

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
    "topics:*": {SEED, ZH, "mr-20200219-3", "sm-20200220-2"},
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
    "kind:independent -country:(kh OR cn OR sg OR fr)": {"case"},
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
}  # fmt: skip


@pytest.mark.parametrize("query", EXPECTED)
def test_every_engine_finds_the_same(query: str, filled: dict[str, SearchIndex]) -> None:
    parsed = parse_query(query)
    found = {kind: _found(index, query) for kind, index in filled.items()}
    found["matcher"] = set(match_queries({"q": parsed}, documents(), now=NOW)["q"])
    assert found == dict.fromkeys(found, EXPECTED[query])


def _found(index: SearchIndex, query: str) -> set[str]:
    results = index.search(parse_query(query), limit=1000, now=NOW)
    ids = [hit.id for hit in results.hits]
    assert results.total == len(ids) == len(set(ids))
    return set(ids)
