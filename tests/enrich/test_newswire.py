"""The newswire sets marked by hand: what their files hold, and that they fit the texts they were marked on.

What the spans should be is for docs/entities.md and a reader to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from pipeline.enrich.ner import Found
from pipeline.model import Label
from training.evaluate_ner import GoldSet, measure
from training.newswire import NEWS, SPLITS, held_out, marked, newswire
from training.samples import Sample, data_folder
from training.silver import groups

needs_texts = pytest.mark.skipif(
    not (data_folder() / NEWS).is_file(), reason=f"no news at {data_folder() / NEWS}; set NEWSWATCH_DATA"
)
RUN = 7  # words; shorter runs are phrases that all reports use


@pytest.mark.parametrize("split", SPLITS)
def test_spans_are_in_order_and_of_our_kinds(split: str) -> None:
    for item in marked(split):
        ends = [0, *(end for _, end, _ in item.spans)]
        for (start, end, label), before in zip(item.spans, ends, strict=False):
            assert before <= start < end <= item.length, item.id
            assert label in get_args(Label), item.id


@pytest.mark.parametrize("split", SPLITS)
def test_a_set_is_of_a_size_that_says_something(split: str) -> None:
    items = marked(split)
    assert len({item.id for item in items}) == len(items) >= 40
    assert sum(len(item.spans) for item in items) >= 900


def test_no_item_is_in_both_sets() -> None:
    assert len(held_out()) == sum(len(marked(split)) for split in SPLITS)


@needs_texts
@pytest.mark.parametrize("split", SPLITS)
def test_the_texts_are_those_that_were_marked(split: str) -> None:
    for item, sample in zip(marked(split), newswire(data_folder(), split), strict=True):
        assert len(sample.text) == item.length
        for start, end, _ in sample.spans:
            name = sample.text[start:end]
            assert name == name.strip(), item.id
            assert not sample.text[start - 1 : start].isalnum(), (item.id, name)
            assert not sample.text[end : end + 1].isalnum(), (item.id, name)
            assert not re.match(r"[Tt]he |.*['’]s$", name), (item.id, name)
            assert any(char.isupper() for char in name), (item.id, name)


@needs_texts
def test_no_story_is_in_both_sets() -> None:
    dev, test = ([runs(sample.text) for sample in newswire(data_folder(), split)] for split in SPLITS)
    shared = max(len(one & other) / min(len(one), len(other)) for one in dev for other in test if one and other)
    assert shared < 0.2


@needs_texts
def test_training_leaves_them_out() -> None:
    silver = "\n".join(group.text for group in groups(data_folder()))
    for line in (data_folder() / NEWS).read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["id"] in held_out():
            lines = item["text"].split("\n")
            assert sum(line in silver for line in lines if len(line) > 40) <= 0.2 * len(lines), item["id"]


def test_another_text_under_the_same_id_is_refused(tmp_path: Path) -> None:
    first = marked("dev")[0]
    path = tmp_path / NEWS
    path.parent.mkdir()
    path.write_text(json.dumps({"id": first.id, "title": "", "text": "Another text."}) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{first.id}: the text is not the one"):
        newswire(tmp_path, "dev")
    path.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{first.id} is not among the news"):
        newswire(tmp_path, "dev")


class Says:
    """A finder that finds always the same."""

    def __init__(self, *found: Found) -> None:
        self._found = found

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        return [self._found for _ in texts]


def test_scores_are_of_exact_spans_with_places_as_one_kind() -> None:
    text = "Thai Smile Inc. left Hat Yai."
    sample = Sample(text, ((0, 15, "ORG"), (21, 28, "GPE")))
    tests = GoldSet("one", (sample,), frozenset({"PERSON", "ORG", "PLACE", "NORP"}))
    scores = measure(Says(Found(0, 14, "ORG"), Found(21, 28, "FAC"), Found(0, 4, "NORP")), tests)
    assert {label: (score.right, score.given, score.gold) for label, score in scores.items()} == {
        "": (2, 2, 2),  # the full stop after an abbreviation makes no difference
        "NORP": (0, 1, 0),
        "ORG": (1, 1, 1),
        "PERSON": (0, 0, 0),
        "PLACE": (1, 1, 1),
    }
    missed = measure(Says(Found(0, 10, "ORG")), tests)[""]
    assert (missed.right, missed.given, missed.gold, missed.f1) == (0, 1, 2, 0.0)


def runs(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
