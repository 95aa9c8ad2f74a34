"""The gold texts of the topics: labelled by known names, split by story, enough of them, and read twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest

from pipeline.settings import ROOT
from training.agreement import agreement, readings, table
from training.topics_data import GOLD, LABELLED, LANGUAGES, UNSEEN, data_folder, rows, story, topics

WRITTEN = [row for language in LANGUAGES for row in rows(GOLD / f"{language}.jsonl")]
REAL = rows(LABELLED)
SPLITS = {"train", "dev", "test"}
AT_LEAST = {"en": 150, "fr": 60, "zh": 60, "km": 60}
COPY = 0.35  # shared part of the runs of five characters, from which two texts could be copies of one
Row = dict[str, Any]


def shingles(text: str) -> frozenset[str]:
    letters = "".join(one for one in text.casefold() if not one.isspace() and not one.isdigit())
    return frozenset(letters[at : at + 5] for at in range(len(letters) - 4))


def copies(texts: Iterable[tuple[Row, str]]) -> list[tuple[object, object]]:
    """Pairs of rows in different splits that say nearly the same."""
    known = [(row, shingles(text)) for row, text in texts]
    return [
        (one["id"], other["id"])
        for (one, ours), (other, theirs) in combinations(known, 2)
        if one["split"] != other["split"] and len(ours & theirs) > COPY * len(ours | theirs)
    ]


@pytest.mark.parametrize("gold", [WRITTEN, REAL], ids=["written", "real"])
def test_ids_topics_and_splits_are_known(gold: list[Row]) -> None:
    assert [name for name, times in Counter(row["id"] for row in gold).items() if times > 1] == []
    assert {row["split"] for row in gold} == SPLITS
    named = {name for row in gold for key in ("topics", "second") for name in row.get(key, ())}
    assert named <= {topic.name for topic in topics()}


@pytest.mark.parametrize("gold", [WRITTEN, REAL], ids=["written", "real"])
def test_a_story_is_in_one_split(gold: list[Row]) -> None:
    splits = defaultdict(set)
    for row in gold:
        splits[story(row)].add(row["split"])
    assert [name for name, found in splits.items() if len(found) > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_written_text_has_a_copy_in_another_split(language: str) -> None:
    own = [row for row in WRITTEN if row["language"] == language]
    assert copies((row, f"{row['title']} {row['text']}") for row in own) == []
    one, *_ = own
    assert copies([(one, str(one["title"])), (one | {"split": "elsewhere"}, str(one["title"]))]) != []


def test_no_real_report_has_a_copy_in_another_split() -> None:
    if (folder := data_folder()) is None:
        pytest.skip("NEWSWATCH_DATA names no folder")
    texts = {row["id"]: str(row["text"])[:2000] for row in rows(folder / "topics" / "unlabelled_news.jsonl")}
    assert copies((row, texts[row["id"]]) for row in REAL) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_texts_and_half_of_them_are_about_neither(language: str) -> None:
    own = [row for row in WRITTEN if row["language"] == language]
    assert len(own) >= AT_LEAST[language]
    assert sum(not row["topics"] for row in own) >= len(own) / 2
    for split in SPLITS:
        for topic in topics():
            assert any(row["split"] == split and topic.name in row["topics"] for row in own)


def test_unseen_texts_are_no_copies_of_others_and_are_labelled_as_they_are() -> None:
    unseen = [row | {"split": "unseen"} for row in rows(UNSEEN)]
    assert Counter(row["language"] for row in unseen) == dict.fromkeys(LANGUAGES, 16)
    assert {name for row in unseen for name in row["topics"]} == {topic.name for topic in topics()}
    assert all(set(row["clear"]) <= set(row["topics"]) for row in unseen)
    assert copies((row, f"{row['title']} {row['text']}") for row in (*WRITTEN, *unseen)) == []


def test_what_a_test_text_is_clearly_about_is_among_its_topics() -> None:
    clear = [row for row in WRITTEN if "clear" in row]
    assert all(row["split"] == "test" and set(row["clear"]) <= set(row["topics"]) for row in clear)
    assert all(sum(topic.name in row["clear"] for row in clear) >= 30 for topic in topics())


def test_three_hundred_real_reports_are_labelled_and_none_is_copied_here() -> None:
    assert len(REAL) >= 300
    assert {key for row in REAL for key in row} <= {"id", "split", "story", "topics", "first", "second", "note"}


def test_the_documentation_states_the_agreement_of_the_two_readings() -> None:
    assert "\n".join(table()) in (ROOT / "docs" / "topics.md").read_text(encoding="utf-8")


def test_where_the_readings_differ_a_note_says_why_it_was_settled_so() -> None:
    names = [topic.name for topic in topics()]
    twice = [row for row in (*WRITTEN, *REAL) if "second" in row]
    differing = [row for row in twice if any(len(set(readings(row, name))) > 1 for name in names)]
    assert [row["id"] for row in differing if not row.get("note")] == []


def test_kappa_counts_what_chance_would_not_explain() -> None:
    # Cohen's own measure on the textbook table of 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.4
    read = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = agreement(read)
    assert (found.texts, found.about, found.same) == (50, 25, 35)
    assert found.kappa == pytest.approx(0.4)
    assert agreement([(False, False)] * 3).kappa is None
