"""Whole annotations: the seed document, many scripts, the stream, and texts nobody wrote."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.enrich.annotator import ANALYSED, Annotator
from pipeline.model import Annotation, TextItem, Topic, TopicPatterns, WatchEntity

ROOT = Path(__file__).resolve().parents[2]
TOPICS = (
    Topic("cambodia_china", "Cambodia-China", 0.5, 0.2, {"en": TopicPatterns(terms=("Cambodia and China",))}),
    Topic("asem", "ASEM", 0.5, 0.2, {"en": TopicPatterns(terms=("ASEM summit", "Asem13"))}),
)
WATCHLIST = (
    WatchEntity("Prak Sokhonn", "PERSON", "Q1", "KH", None, ("ប្រាក់ សុខុន", "布拉索昆")),
    WatchEntity("Wang Yi", "PERSON", None, "CN", None, ("王毅", "វ៉ាង យី")),
    WatchEntity("Cambodia", "GPE", "Q424", "KH", None, ("柬埔寨", "កម្ពុជា", "Cambodge")),
    WatchEntity("European Union", "ORG", "Q458", "EU", None, ("EU",)),
    WatchEntity("Belt and Road Initiative", "ORG", None, "CN", None, ("BRI",)),
    WatchEntity("Li Qiang", "PERSON", None, "CN", None, ("李强",), ("premier",)),
)


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator.load(TOPICS, WATCHLIST)


@pytest.fixture(scope="module")
def seed() -> TextItem:
    path = next(iter(sorted((ROOT / "seeds").glob("000_*.txt"))))
    return TextItem("seed", "", path.read_text(encoding="utf-8"))


def annotated(annotator: Annotator, item: TextItem) -> Annotation:
    (annotation,) = annotator.annotate([item])
    check(item, annotation)
    return annotation


def check(item: TextItem, annotation: Annotation) -> None:
    raw = item.raw
    for mention in annotation.mentions:
        assert raw[mention.start : mention.end] == mention.text
        assert mention.name
        assert mention.text
    for score in annotation.topics:
        assert 0 <= score.score <= 1
        assert all(raw[span.start : span.end] == span.text for span in score.evidence)
    spans = [(mention.start, mention.end) for mention in annotation.mentions]
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


def names(annotation: Annotation, label: str) -> set[str]:
    return {mention.name for mention in annotation.mentions if mention.label == label}


def test_the_seed_document_s_people_bodies_places_and_events(annotator: Annotator, seed: TextItem) -> None:
    annotation = annotated(annotator, seed)
    assert annotation.language == "en"
    assert names(annotation, "PERSON") == {"Prak Sokhonn", "Li Keqiang", "Wang Yi"}
    assert names(annotation, "ORG") >= {
        "Ministry of Foreign Affairs and International Cooperation",
        "European Commission",
        "European Union",
        "Asean Secretariat",
        "Belt and Road Initiative",
    }
    assert names(annotation, "GPE") >= {
        "Cambodia", "China", "Bangkok", "Japan", "South Korea", "India", "Mongolia", "Pakistan", "Australia",
        "New Zealand", "Russian Federation", "Bangladesh", "Norway", "Switzerland", "Croatia", "Kazakhstan",
    }  # fmt: skip
    assert names(annotation, "EVENT") >= {"Asem13 Summit", "Asem Summit", "Asem1 Summit"}
    assert "Chinese" in names(annotation, "NORP")


def test_the_seed_document_s_short_mentions_are_resolved(annotator: Annotator, seed: TextItem) -> None:
    people = [(each.text, each.name) for each in annotated(annotator, seed).mentions if each.label == "PERSON"]
    assert people == [
        ("Prak Sokhonn", "Prak Sokhonn"),
        ("Sokhonn", "Prak Sokhonn"),
        ("Li Keqiang", "Li Keqiang"),
        ("Wang Yi", "Wang Yi"),
        ("Sokhonn", "Prak Sokhonn"),
        ("Wang", "Wang Yi"),
        ("Sokhonn", "Prak Sokhonn"),
        ("Li", "Li Keqiang"),
        ("Li", "Li Keqiang"),
    ]


def test_the_seed_document_holds_nothing_silly(annotator: Annotator, seed: TextItem) -> None:
    silly = ("shouldbe", "Sunday", "Saturday", "2019", "Minister of", "Premier", "Councillor", "Plan", "Partnership")
    texts = [mention.text for mention in annotated(annotator, seed).mentions]
    assert [text for text in texts if any(word in text for word in silly)] == []
    assert [text for text in texts if "’s" in text or "\n" in text] == []


def test_without_a_watch_list_the_model_alone_finds_the_people(seed: TextItem) -> None:
    annotation = annotated(Annotator.load((), ()), seed)
    assert names(annotation, "PERSON") == {"Prak Sokhonn", "Li Keqiang", "Wang Yi"}
    assert annotation.topics == ()


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("柬埔寨副首相布拉索昆会见了王毅。", "zh", {"Cambodia", "Prak Sokhonn", "Wang Yi"}),
        ("លោក ប្រាក់\u200b សុខុន ជួបជាមួយលោក វ៉ាង យី នៅ\u200bកម្ពុជា", "km", {"Prak Sokhonn", "Wang Yi", "Cambodia"}),
        (
            "Le ministre Wang Yi est arrivé hier au Cambodge pour une visite de trois jours.",
            "fr",
            {"Wang Yi", "Cambodia"},
        ),
    ],
)
def test_the_watch_list_works_in_every_language(
    annotator: Annotator, text: str, language: str, expected: set[str]
) -> None:
    annotation = annotated(annotator, TextItem("x", "", text))
    assert annotation.language == language
    assert {mention.name for mention in annotation.mentions} == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Li Qiang, a goalkeeper from Dalian, signed for a club in Malaysia.", True),
        ("Li Qiang, the premier, flew to Malaysia.", False),
        ("Li Qiu, a goalkeeper from Dalian, signed for a club in Malaysia.", False),
    ],
)
def test_who_only_bears_the_name_is_a_namesake(annotator: Annotator, title: str, expected: bool) -> None:
    annotation = annotated(annotator, TextItem("x", title, ""))
    assert [mention.namesake for mention in annotation.mentions if mention.label == "PERSON"] == [expected]


def test_spans_are_of_the_raw_text_with_its_invisible_characters(annotator: Annotator) -> None:
    item = TextItem(
        "x", "The E\u200bU in Pa\u00adris", "Co\u0302te d'Ivoire and Prak So\u200bkhonn met in Hano\u0301i."
    )
    texts = [mention.text for mention in annotated(annotator, item).mentions]
    assert "E\u200bU" in texts
    assert "Prak So\u200bkhonn" in texts


def test_every_item_has_its_annotation_in_order(annotator: Annotator) -> None:
    items = [TextItem(str(number), "", f"Item {number}: the EU.") for number in range(150)]
    items[70] = TextItem("70", "", "Wang Yi. " * 30_000)
    annotations = list(annotator.annotate(items, batch_size=16))
    assert len(annotations) == len(items)
    for item, annotation in zip(items, annotations, strict=True):
        check(item, annotation)
        assert annotation.mentions[0].name == ("Wang Yi" if item.id == "70" else "European Union")


def test_items_are_read_no_further_than_a_batch(annotator: Annotator) -> None:
    taken: list[str] = []

    def items() -> Iterator[TextItem]:
        for number in range(1_000):
            taken.append(str(number))
            yield TextItem(str(number), "", "The EU said.")

    assert len(list(islice(annotator.annotate(items(), batch_size=8), 9))) == 9
    assert len(taken) == 16


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_500_000,
        "the EU " * 200_000,
        "(" * 300_000,
        "\u200b" * 200_000,
        "王毅" * 60_000,
        "កម្ពុជា" * 20_000,
        "\ud800\x00",
        "",
    ],
    ids=["word", "words", "brackets", "zero-width", "han", "khmer", "surrogate", "empty"],
)
def test_no_text_is_too_long_or_too_strange(annotator: Annotator, text: str) -> None:
    item = TextItem("x", "EU", text)
    annotation = annotated(annotator, item)
    assert annotation.mentions[0].name == "European Union"
    assert all(mention.end <= ANALYSED for mention in annotation.mentions)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=30), text=st.text(max_size=80), name=st.sampled_from(["Wang Yi", "EU", "王毅", "កម្ពុជា"]))
def test_whatever_the_text_spans_fit_it(annotator: Annotator, title: str, text: str, name: str) -> None:
    annotated(annotator, TextItem("x", title, f"{text} {name} {text}"))


def test_memory_does_not_grow_with_the_stream(annotator: Annotator) -> None:
    def items(first: int, count: int) -> Iterator[TextItem]:
        for number in range(first, first + count):
            words = " ".join(f"Word{number}x{place} said" for place in range(20))
            yield TextItem(str(number), "", f"The EU met. {words}")

    def run(first: int, count: int) -> int:
        assert sum(1 for _ in annotator.annotate(items(first, count))) == count
        gc.collect()
        return int(psutil.Process().memory_info().rss)

    run(0, 300)
    before = run(300, 300)
    assert run(600, 1_000) - before < 30 * 1024 * 1024
