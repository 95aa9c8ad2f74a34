"""Names in Chinese texts: what the tags of `lac` say, made into spans of our kinds.

Promises, for each text and in order, spans of one label that lie on one line, hold no punctuation but the dot of
foreign names, no title, and neither "政府" nor "南部" after a place. Traditional characters are read as simplified
ones; offsets are into the text as it stands. Kinds go by what a name ends with: 省 and 市 are GPE, 海 and 江 are
LOC, 机场 and 大桥 are FAC, 峰会 and 运动会 are EVENT; a place that says nothing of itself is a GPE. A country's
single character (中柬, 驻华) is no name here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.enrich.lac import Tagger
from pipeline.enrich.ner import Found
from pipeline.enrich.places import cities, countries
from pipeline.model import Label
from pipeline.text import fold

_LABELS: dict[str, Label] = {"PER": "PERSON", "nr": "PERSON", "LOC": "GPE", "ORG": "ORG", "nt": "ORG", "nz": "EVENT"}
_Run = tuple[int, int, str]  # start, end, tag without its B or I

_MARK = re.compile(r"[^\w·‧・.&' -]|_")
_EDGE = " .&'·‧・-"
_LONGEST = 40

_BODIES = (
    "公司|集团|银行|大学|学院|中学|小学|乐队|乐团|党|委员会|协会|联合会|商会|基金会|理事会|医院|法院|检察院|"
    "日报|晚报|时报|电视台|通讯社|出版社|陆军|海军|空军|国防军|海岸警卫队|卫队|舰队|俱乐部|研究所|研究院|智库|"
    "商务部|国防部|外交部|财政部|内政部|卫生部|教育部|交通部|司法部|旅游部|环境部|劳工部|能源部|国务院|参议院|众议院|"
    "国会|议会|皇家军队|皇家空军|皇家海军|大使馆|领事馆|红十字会|警察局|总局|联盟|队"
)
_BODY_AFTER = re.compile(f"(?:{_BODIES})(?![长员伍友])")
_BODY = re.compile(f".+(?:{_BODIES}|部|局|署|院|会|社|厅|委|军)")
_WORKS = re.compile(
    r".+(?:机场|大桥|桥|港口|新港|码头|寺|庙|教堂|清真寺|宫|大厦|大楼|酒店|体育场|体育馆|球场|铁路|公路|高速|大道|街|"
    r"车站|火车站|地铁站|水电站|电站|核电站|大坝|水库|运河|监狱|市场|广场|基地|特区|开发区|工业园|园区|公园|会堂|"
    r"剧院|故居|陵|塔|要塞|城堡|哨所|口岸)"
)
_NO_WORKS = re.compile(r".*行政特区|.*行政区")
_NATURE = re.compile(
    r".+(?:海|洋|江|河|湖|山|岛|群岛|列岛|半岛|海湾|湾|海峡|海沟|礁|滩|沙洲|洲|高原|平原|盆地|沙漠|山脉|山谷|峰|"
    r"流域|地区|三角洲|大陆|走廊|瀑布|森林|草原|冰川|火山|海域|水域)|中东|东南亚|东北亚|东亚|南亚|中亚|西亚|北非|东欧|"
    r"西欧|北欧|南欧|拉美|北美|南美|印太|亚太|远东|巴尔干|高加索|华南|华北|华东|西南|西北|东北|北极|南极"
)
_TOWNS = frozenset(
    "上海 青海 珠海 威海 北海 黑龙江 浙江 镇江 湛江 九江 丽江 内江 阳江 中山 佛山 唐山 鞍山 舟山 乐山 马鞍山 香港 "
    "连云港 防城港 西港 青岛 秦皇岛 葫芦岛 釜山 旧金山 芜湖 巢湖 株洲 红河 漯河 萧山 台湾 新山".split()
)
_EVENT = re.compile(
    r".+(?:峰会|首脑会议|首脑会|领导人会议|伙伴会议|部长级会议|外长会|运动会|奥运会|亚运会|残奥会|世界杯|亚洲杯|欧洲杯|锦标赛|"
    r"博览会|进博会|世博会|广交会|论坛|战争|大战|内战|起义|革命|事变|惨案|电影节|联赛)"
)
_PEOPLE = re.compile(r".+(?:族|教|教徒|派|裔)")
_FOLK = re.compile(r"人(?![口民员士类工权事才大力均])")
_SIDE = re.compile(
    r"(?:[东西南北中]{1,2}部|[东西南北]段|以[东西南北]|境内|全境|沿岸|沿海|政府|政权|当局|方面|籍|一带|郊区|市区)$"
)
_STATE = re.compile(r"(?:政府|当局|政权)$")
_SENT = re.compile(r"(?:代表团|考察团|访问团)$")
_ROLE = re.compile(
    r"(?:首相|总理|总统|主席|国王|部长|大臣|大使|外长|防长|先生|女士|小姐|夫妇|夫人|将军|教授|博士|亲王|王子|公主|教皇|太后|王后|皇后|天皇|"
    r"司令|议员|市长|省长|州长|行长|院长|会长)$"
)
_RELATED = re.compile(r"之[子女妻父母孙]|(?<=..)[和与及同](?=..)")
_OFFICES = re.compile(r"(?!公司|集团).*(?:部|局|署|军|院|委员会|国会|议会)")
_ABBREVIATED = re.compile(
    "[中美日韩朝俄英法德意印巴越柬泰老缅菲马新澳欧亚非拉台]{2}|[中美日韩朝俄英法德印越柬泰老缅菲欧台]方"
)
_GAME = re.compile(r"(?P<one>.{1,12}?队)?.{0,8}(?:比.{1,2})?[胜负平克败]\s?(?P<other>[^\W\d]{2,10}队)")
_COMMON = re.compile(
    r"(?:国际|国家|高速|经济|工业|海军|军事|中央|火|汽|购物)*(?:机场|公路|特区|园区|开发区|车站|基地|市场|广场)"
)


class ChineseRecogniser:
    """Names by the small network of jieba. Not changed by use."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    @classmethod
    def load(cls) -> ChineseRecogniser:
        """Raises ModelError if the weights are not there."""
        return cls(Tagger.load())

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        """The names of each text, in the order of the texts."""
        tagged = self._tagger.tag(texts)
        return [tuple(_names(text, fold(text), tags)) for text, tags in zip(texts, tagged, strict=True)]


def _names(text: str, folded: str, tags: Sequence[str]) -> Iterator[Found]:
    done = 0
    last: Found | None = None
    for start, end, tag in _runs(tags):
        for found in _parts(folded, max(start, done), end, tag):
            if found.start < done or not _is_name(text[found.start : found.end]):
                continue
            done = found.end
            if last and last.end == found.start and last.label == "GPE" and _owned(folded, found):
                last = replace(found, start=last.start)
                continue
            if last:
                yield last
            last = found
    if last:
        yield last


def _owned(text: str, found: Found) -> bool:
    """Does a place before it belong to the name? "首都国际机场" of 北京, "公共工程与运输部" of 柬埔寨."""
    return found.label == "FAC" or (
        found.label == "ORG" and _OFFICES.fullmatch(text, found.start, found.end) is not None
    )


def _runs(tags: Sequence[str]) -> Iterator[_Run]:
    """The words that bear one of our tags."""
    start, kind = 0, ""
    for at, tag in enumerate([*tags, "O"]):
        name, _, place = tag.partition("-")
        if place == "I" and name == kind:
            continue
        if kind in _LABELS:
            yield start, at, kind
        start, kind = at, name


def _parts(text: str, start: int, end: int, tag: str) -> Iterator[Found]:
    """The names of one tagged word, which may hold punctuation, or a game's two teams."""
    for first, last in _pieces(text, start, end):
        if tag == "ORG" and (game := _GAME.fullmatch(text, first, last)):
            yield from (Found(*game.span(side), "ORG") for side in ("one", "other") if game[side])
        elif found := _name(text, first, last, tag):
            yield found


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for mark in [*(found.span() for found in _MARK.finditer(text, start, end)), (end, end)]:
        if at < mark[0]:
            yield at, mark[0]
        at = mark[1]


def _name(text: str, start: int, end: int, tag: str) -> Found | None:
    label = _LABELS[tag]
    start, end = _stripped(text, start, end)
    if tag == "nz":
        return Found(start, end, "EVENT") if _EVENT.fullmatch(text, start, end) else None
    if label in ("PERSON", "GPE") and (body := _BODY_AFTER.match(text, end)):
        return Found(start, body.end(), "ORG")
    if label == "PERSON":
        return _person(text, start, end)
    if label == "ORG":
        return _body(text, start, end)
    if folk := _FOLK.match(text, end):
        return Found(start, folk.end(), "NORP")
    return _place(text, start, end)


def _person(text: str, start: int, end: int) -> Found | None:
    if related := _RELATED.search(text, start, end):
        end = related.start()
    if role := _ROLE.search(text[start:end]):
        end = start + role.start()
    name = text[start:end]
    if _PEOPLE.fullmatch(name) and len(name) > 2:
        return Found(start, end, "NORP")
    return Found(start, end, "GPE" if name in _known() else "PERSON")


def _body(text: str, start: int, end: int) -> Found | None:
    if sent := _SENT.search(text[start:end]):
        end = start + sent.start()
    name = text[start:end]
    if not name:
        return None
    if name[-1] in "部局" and text[end : end + 1] == "长":  # an office, not a body: "中国外交部长"
        country = next((each for each in _known() if name.startswith(each)), "")
        return Found(start, start + len(country), "GPE") if country else None
    if state := _STATE.search(name):
        place = name[: state.start()]
        return _place(text, start, start + state.start()) if place in _known() or len(place) <= 4 else None
    if _EVENT.fullmatch(name):
        return Found(start, end, "EVENT")
    if _PEOPLE.fullmatch(name) and not _BODY.fullmatch(name):
        return Found(start, end, "NORP")
    return Found(start, end, "GPE" if name in _known() else "ORG")


def _place(text: str, start: int, end: int) -> Found | None:
    while side := _SIDE.search(text[start:end]):
        if side.start() < 2:
            break
        end = start + side.start()
    return None if _COMMON.fullmatch(text, start, end) else Found(start, end, _kind(text[start:end]))


def _kind(name: str) -> Label:
    if name in _known() or name in _TOWNS:
        return "GPE"
    if _WORKS.fullmatch(name) and not _NO_WORKS.fullmatch(name):
        return "FAC"
    return "LOC" if _NATURE.fullmatch(name) else "GPE"


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    return start, end


def _is_name(name: str) -> bool:
    if _ABBREVIATED.fullmatch(fold(name)) and not _NATURE.fullmatch(name):
        return False
    return 1 < len(name) <= _LONGEST and not name.isdecimal() and any(map(str.isalpha, name))


@functools.cache
def _known() -> frozenset[str]:
    """Countries and cities, in simplified characters."""
    return frozenset(fold(name) for name in countries("zh") | cities("zh"))
