"""A third topic learned from labels: better than its words alone, on written texts that were held out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import checked_topics
from pipeline.config_file import read_document
from pipeline.enrich.topiclearning import LEAST, Result, Study, stories, study
from pipeline.enrich.topics import TopicClassifier
from pipeline.enrich.topictraining import Example, save
from pipeline.errors import ModelError
from pipeline.model import Topic, TopicPatterns
from seeds.make_practice import HERE, Text, texts

MEKONG = Topic(
    "mekong",
    "Mekong River Commission",
    threshold=0.5,
    candidate=0.12,
    patterns={
        "en": TopicPatterns(
            terms=("Mekong River Commission", "MRC"),
            pairs=((("Mekong",), ("secretariat", "member countries", "prior consultation", "commission")),),
            context=("Vientiane", "dam", "joint committee"),
            excluding=("Medical Research Council", "Media Rating Council"),
        ),
        "fr": TopicPatterns(
            terms=("Commission du Mékong",),
            pairs=((("Mékong",), ("secrétariat", "pays membres", "consultation préalable", "commission")),),
        ),
        "zh": TopicPatterns(
            terms=("湄公河委员会", "湄委会"), pairs=((("湄公河",), ("秘书处", "成员国", "事先磋商", "委员会")),)
        ),
        "km": TopicPatterns(terms=("គណៈកម្មការទន្លេមេគង្គ",), pairs=((("ទន្លេមេគង្គ",), ("លេខាធិការដ្ឋាន", "គណៈកម្មការ")),)),
    },
)


def examples(written: Iterable[Text]) -> list[Example]:
    return [
        Example(each.id, each.language, each.title, each.text, frozenset(["mekong"] if each.about else []))
        for each in written
    ]


LEARN, HELD_OUT = examples(texts("learn")), examples(texts("held_out"))


def judged(classifier: TopicClassifier) -> Result:
    scored = classifier.classify([(one.title, one.text, one.language) for one in HELD_OUT])
    pairs = [(bool(one.topics), scores[0].match) for one, scores in zip(HELD_OUT, scored, strict=True)]
    return Result(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


def retrained(topic: Topic, found: Study, folder: Path) -> Result:
    """On the held-out texts, with what was learned put to use."""
    save(found.learned.nlp, {"mekong": found.learned.weights}, folder / "mekong", meta={})
    return judged(TopicClassifier.load((replace(topic, threshold=found.learned.threshold),), own=folder))


@pytest.fixture(scope="module")
def learned() -> Study:
    return study(MEKONG, LEARN)


def test_it_gets_better_with_labels(learned: Study, tmp_path: Path) -> None:
    before = judged(TopicClassifier.load((MEKONG,)))
    assert before.f1 < 0.8
    assert retrained(MEKONG, learned, tmp_path).f1 >= 0.9
    assert judged(TopicClassifier.load((MEKONG,), own=tmp_path / "none")) == before


def test_the_name_of_a_river_and_labels_are_enough(tmp_path: Path) -> None:
    """The topic of the walk in docs/topics.md."""
    document = read_document(HERE / "mekong.yml")
    (broad,) = checked_topics(replace(document, root={"topics": [document.root]}))
    found = study(broad, LEARN)
    assert judged(TopicClassifier.load((broad,))).f1 < 0.75
    assert found.better
    assert retrained(broad, found, tmp_path).f1 >= 0.9


def test_what_is_reported_adds_up(learned: Study) -> None:
    *languages, everything = learned.sides
    assert [side.language for side in languages] == ["en", "fr", "km", "zh"]
    assert (everything.texts, everything.about) == (len(LEARN), sum(bool(one.topics) for one in LEARN))
    for side in learned.sides:
        assert side.now.hits + side.now.missed == side.learned.hits + side.learned.missed == side.about
    for kind in ("hits", "false", "missed"):
        assert sum(getattr(side.learned, kind) for side in languages) == getattr(everything.learned, kind)
    (none, now), *_, (most, best) = learned.curve
    assert (none, now, best) == (0, everything.now.f1, everything.learned.f1)
    assert len(LEARN) / 2 < most < len(LEARN)
    assert learned.better is (best > now)


def test_labels_without_sense_are_not_better() -> None:
    """Each second text is labelled at random: nothing can be learned of that."""
    confused = [
        Example(one.story, one.language, one.title, one.text, frozenset(["mekong"] if number % 2 else []))
        for number, one in enumerate(LEARN[::2])
    ]
    made = study(MEKONG, confused)
    assert made.sides[-1].learned.f1 < 0.75


def test_copies_of_a_story_are_counted_once() -> None:
    twice = [*LEARN[:3], *LEARN[:3]]
    assert stories(twice, "mekong") == {True: 3, False: 0}
    assert LEAST >= 10


def test_a_model_that_is_broken_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "mekong").mkdir()
    with pytest.raises(ModelError, match=r"newswatch topics train mekong`, or add --undo"):
        TopicClassifier.load((MEKONG,), own=tmp_path)
