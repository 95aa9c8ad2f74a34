"""The sentences whose names were marked by hand, and how they are scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest

from pipeline.enrich.ner import Found
from pipeline.model import Label
from training.evaluate_names import MARKED, SPLITS, Joined, marked
from training.evaluate_ner import measure
from training.samples import Sample


class Known:
    """Finds what it is told."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        labels: dict[str, Label] = {label: label for label in get_args(Label)}
        return [tuple(Found(start, end, labels[label]) for start, end, label in each.spans) for each in self._samples]


@pytest.mark.parametrize("language", MARKED)
def test_sentences_are_enough_marked_whole_and_in_one_half(language: str) -> None:
    halves = [marked(language, split).samples for split in SPLITS]
    assert sum(map(len, halves)) >= 60
    assert {each.text for each in halves[0]} & {each.text for each in halves[1]} == set()
    for sample in (*halves[0], *halves[1]):
        end = 0
        for start, stop, label in sample.spans:
            assert end <= start < stop <= len(sample.text)
            assert sample.text[start:stop] == sample.text[start:stop].strip()
            assert label in get_args(Label)
            end = stop


@pytest.mark.parametrize("language", MARKED)
def test_the_marks_themselves_score_one(language: str) -> None:
    gold = marked(language, "test")
    assert measure(Known(gold.samples), gold)[""].f1 == 1
    assert measure(Known([Sample(each.text, ()) for each in gold.samples]), gold)[""].f1 == 0


def test_places_that_touch_are_one_where_the_gold_says_so() -> None:
    spans = ((0, 2, "GPE"), (2, 5, "LOC"), (5, 7, "PERSON"), (8, 10, "GPE"))
    (found,) = Joined(Known([Sample("中国海南岛王毅在北京", spans)])).find([""])
    assert [(each.start, each.end) for each in found] == [(0, 5), (5, 7), (8, 10)]
