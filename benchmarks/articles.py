"""News articles for the benchmarks: English, French, Chinese and Khmer, made of words and names by chance.

Promises the same articles for the same seed, lengths as feeds and pages have them (a few lines to some thousand
letters, most in between), words that are as unevenly frequent as in real text, and names of people, organisations and
places where they stand. The sentences mean nothing, and nothing in them is copied. `fill` puts articles into a ledger
with all that enrichment would have found, without reading them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Table

from pipeline.enrich import families
from pipeline.ledger import Ledger, schema, sources, work
from pipeline.ledger.dialect import insert
from pipeline.ledger.identity import Alias, Draft, aliases, article_id, content_hash
from pipeline.model import Annotation, Label, Mention, Source, SourceKind, Span, TopicScore

START = datetime(2026, 10, 1, tzinfo=UTC)
STEP = timedelta(seconds=40)  # between two articles: 100,000 take 46 days
SOURCES = 60
LANGUAGES = ("en", "en", "en", "fr", "zh", "km")
BATCH = 500

_SHORT: Mapping[str, str] = {
    "en": "the of to and in a that for was on said with at by will from has its over after",
    "fr": "le de la et les des à en un que pour dans une sur au avec par son plus après",
    "zh": "的 在 和 将 与 了 对 为 是 有",
    "km": "នៃ និង ក្នុង ជា បាន នេះ ដែល របស់ ដោយ ទៅ",
}
_LONG: Mapping[str, str] = {
    "en": "minister trade summit agreement border harvest railway export market school river budget election reform "
    "factory tourism embassy delegation flood hospital court investment airport fishing police energy visit worker",
    "fr": "ministre commerce sommet accord frontière récolte marché école fleuve budget élection réforme usine visite "
    "tourisme ambassade délégation hôpital investissement aéroport pêche énergie travailleur coopération province",
    "zh": "部长 贸易 峰会 协议 边境 铁路 出口 市场 学校 河流 预算 选举 改革 工厂 旅游 大使馆 代表团 洪水 医院 "
    "法院 投资 机场 警方 能源 访问 工人 合作 发展 经济 政府 会议 项目 地区 农业 教育 文化 安全 建设 企业 社会",
    "km": "រដ្ឋមន្ត្រី ពាណិជ្ជកម្ម ព្រំដែន ទីផ្សារ សាលារៀន ទន្លេ ថវិកា រោងចក្រ ទេសចរណ៍ មន្ទីរពេទ្យ តុលាការ វិនិយោគ ប៉ូលិស "
    "ថាមពល កម្មករ សេដ្ឋកិច្ច រដ្ឋាភិបាល គម្រោង កសិកម្ម អប់រំ វប្បធម៌ សន្តិសុខ ខេត្ត ប្រជាជន ការងារ ទំនិញ ផ្លូវ ជំនួយ ប្រទេស កិច្ចប្រជុំ",
}
_SYLLABLES = "ka so mi ren ta vu lo pha ne bri do xi gu san te ro li am chi no".split()
_FAMILY_NAMES: Mapping[str, str] = {
    "en": "Marlow Tennick Okafor Lindqvist Prak Chheang Ferreira Nakata",
    "fr": "Delorme Vasseur Kieffer Sok Chanteloup Mbaye Rochard Tran",
    "zh": "赵 钱 孙 周 吴 郑 冯 陈",
    "km": "សុខ ចាន់ កែវ លី ហេង ម៉ៅ",
}
_GIVEN_NAMES: Mapping[str, str] = {
    "en": "Anna Peter Sovann Lucia Ravi Helen Dara Tomas Ingrid Samuel",
    "fr": "Claire Bernard Sophie Dara Luc Amina Pierre Hélène",
    "zh": "志远 晓明 建国 丽华 文博 海燕",
    "km": "សុភា ដារ៉ា វិចិត្រ ស្រីមុំ ពិសិដ្ឋ",
}
_PLACES: Mapping[str, Sequence[str]] = {
    "en": ("Cambodia", "China", "Phnom Penh", "Brussels", "Vietnam", "Singapore"),
    "fr": ("Cambodge", "Chine", "Phnom Penh", "Bruxelles", "Laos", "Paris"),
    "zh": ("柬埔寨", "中国", "金边", "越南", "新加坡"),
    "km": ("កម្ពុជា", "ចិន", "ភ្នំពេញ", "វៀតណាម"),
}
_BODIES: Mapping[str, Sequence[str]] = {
    "en": ("Ministry of Commerce", "European Commission", "ASEAN", "World Bank"),
    "fr": ("ministère du Commerce", "Commission européenne", "ASEAN", "Banque mondiale"),
    "zh": ("商务部", "欧盟委员会", "东盟", "世界银行"),
    "km": ("ក្រសួងពាណិជ្ជកម្ម", "អាស៊ាន", "ធនាគារពិភពលោក"),
}
_TOPICS = ("asem", "cambodia_china")


@dataclass(frozen=True, slots=True)
class Made:
    """One article and what is known of it, as if it had been read."""

    number: int
    language: str
    title: str
    text: str
    names: tuple[tuple[str, Label], ...]

    @property
    def source(self) -> str:
        return f"outlet-{self.number % SOURCES}"

    @property
    def seen(self) -> datetime:
        return START + STEP * self.number


def make(count: int, *, seed: int = 1) -> Iterator[Made]:
    """`count` articles, one language after the other."""
    chance = random.Random(seed)
    voices = {language: _Voice(chance, language) for language in _LONG}
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield voices[language].article(number)


class _Voice:
    """Writes in one language."""

    def __init__(self, chance: random.Random, language: str) -> None:
        self._chance, self._language = chance, language
        self._spaced = language in ("en", "fr")
        self._short = _SHORT[language].split()
        self._words = [*_LONG[language].split(), *self._rare()]
        self._weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(self._words))))
        self._end = {"zh": "。", "km": "។ "}.get(language, ". ")

    def article(self, number: int) -> Made:
        names: dict[str, Label] = {}
        paragraphs: list[str] = []
        wanted = min(max(self._chance.lognormvariate(7.3, 0.7), 200), 12_000)  # letters; the median is 1,500
        wanted *= 1 if self._spaced else {"zh": 0.35, "km": 0.9}[self._language]
        while sum(map(len, paragraphs)) < wanted:
            paragraphs.append("".join(self._sentence(names) for _ in range(self._chance.randint(2, 4))).strip())
        title = self._sentence(names).strip().rstrip(".。។")[:120]
        return Made(number, self._language, title, "\n\n".join(paragraphs), tuple(names.items()))

    def _sentence(self, names: dict[str, Label]) -> str:
        parts: list[str] = []
        words = self._chance.choices(self._words, cum_weights=self._weights, k=self._chance.randint(7, 14))
        for at, word in enumerate(words):
            if at % 2 == 0:
                parts.append(self._chance.choice(self._short))
            parts.append(word)
        if self._chance.random() < 0.6:
            name, label = self._name()
            names[name] = label
            parts.insert(self._chance.randint(0, len(parts)), name)
        sentence = (" " if self._spaced else "").join(parts)
        return sentence[:1].upper() + sentence[1:] + self._end

    def _name(self) -> tuple[str, Label]:
        language, chance = self._language, self._chance
        kind = chance.random()
        if kind < 0.35:
            return chance.choice(_PLACES[language]), "GPE"
        if kind < 0.55:
            return chance.choice(_BODIES[language]), "ORG"
        if kind < 0.65:
            return {"zh": "王毅", "km": "ប្រាក់ សុខុន"}.get(language, "Prak Sokhonn"), "PERSON"
        given, family = (chance.choice(names[language].split()) for names in (_GIVEN_NAMES, _FAMILY_NAMES))
        return {"zh": f"{family}{given}", "km": f"{family} {given}"}.get(language, f"{given} {family}"), "PERSON"

    def _rare(self) -> list[str]:
        """Words that no dictionary has, or rare pairs of those it has: most words of a text are seldom ones."""
        chance, base = self._chance, _LONG[self._language].split()
        if self._spaced:
            return ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(8000)]
        return [chance.choice(base) + chance.choice(base) for _ in range(800)]


def outlets() -> tuple[Source, ...]:
    """The sources of all articles."""
    return tuple(
        Source(
            id=f"outlet-{number}",
            name=f"Outlet {number}",
            url=f"https://outlet-{number}.example/feed",
            home=None,
            country=("KH", "CN", "FR", "SG")[number % 4],
            language="en",
            kind=SourceKind.INDEPENDENT,
        )
        for number in range(SOURCES)
    )


def fill(ledger: Ledger, count: int) -> None:
    """Put `count` articles with annotations and families into `ledger`, each waiting to be indexed."""
    with ledger.transaction("benchmark.sources") as connection:
        sources.register(connection, outlets(), now=START)
    made = make(count)
    while batch := tuple(itertools.islice(made, BATCH)):
        with ledger.transaction("benchmark.fill") as connection:
            _save(connection, batch)


def _save(connection: Connection, batch: Sequence[Made]) -> None:
    """The rows that the steps would write, but all of a table at once: that is many times as quick."""
    drafts = [draft(each) for each in batch]
    rows: dict[Table, list[dict[str, object]]] = {}
    for made, each, names in zip(batch, drafts, aliases(drafts), strict=True):
        for table, row in _rows(made, each, names):
            rows.setdefault(table, []).append(row)
    for table, some in rows.items():
        connection.execute(insert(connection, table).on_conflict_do_nothing(), some)
    work.add(connection, "index", [(str(row["id"]), 1) for row in rows[schema.article]], due=batch[0].seen)


def _rows(made: Made, draft: Draft, names: Sequence[Alias]) -> Iterator[tuple[Table, dict[str, object]]]:
    id, found = article_id(draft, names), annotation(made)
    plain = {name: getattr(draft, name) for name in ("source", "url", "title", "published", "language")}
    yield (
        schema.article,
        plain
        | {
            "id": id,
            "revision": 1,
            "feed_text": draft.text,
            "page_checked": False,
            "authors": list(draft.authors),
            "first_seen": made.seen,
            "last_changed": made.seen,
            "content_hash": content_hash(draft),
        },
    )
    for name in names:
        yield schema.alias, {"hash": name.hash, "kind": name.kind, "article": id}
    topics, mentions = ([asdict(each) for each in some] for some in (found.topics, found.mentions))
    known = {"article": id, "revision": 1, "language": made.language, "topics": topics, "mentions": mentions}
    yield schema.annotation, known | {"candidate": False, "alerts": []}
    signature = families.signature(families.family_text(made.title, made.text))
    yield schema.family_member, {"article": id, "family": id, "similarity": 1.0, "signature": signature}
    yield schema.family_text, {"family": id, "signature": signature}
    for band in set(families.bands(signature)):
        yield schema.family_band, {"family": id, "band": band}


def draft(made: Made) -> Draft:
    return Draft(
        source=made.source,
        guid=f"{made.number}",
        url=f"https://{made.source}.example/2026/news/{made.number}",
        title=made.title,
        text=made.text,
        authors=("A. Reporter",),
        published=made.seen - timedelta(minutes=made.number % 90),
        language=made.language,
    )


def annotation(made: Made) -> Annotation:
    """What enrichment would have found: every name, each time it stands there, and a topic in one of ten."""
    raw = f"{made.title}\n{made.text}"
    mentions = []
    for name, label in made.names:
        start = raw.find(name)
        while start >= 0:
            mentions.append(Mention(name, label, start, start + len(name), name))
            start = raw.find(name, start + len(name))
    mentions.sort(key=lambda mention: mention.start)
    about = made.number % 10 == 0
    evidence = (Span(raw[:40], 0, min(40, len(raw))),) if about else ()
    scores = tuple(TopicScore(topic, 0.9 if about else 0.05, about, evidence) for topic in _TOPICS)
    return Annotation(made.language, scores, tuple(mentions))
