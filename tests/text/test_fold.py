"""Folding keeps every place, and makes alike what people write in different ways."""

from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.text.fold import fold
from tests.text.alphabet import texts


@given(texts)
def test_fold_keeps_the_length_and_its_own_result(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


def test_every_character_folds_to_one_and_for_good() -> None:
    everything = "".join(map(chr, (*range(0x20000), *range(0x2F800, 0x2FA20))))  # the rest folds to itself
    folded = fold(everything)
    assert len(folded) == len(everything)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉLYSÉE", "elysee"),
        ("Đà Nẵng", "da nang"),
        ("ＡＳＥＭ　２０２０", "asem 2020"),
        ("國務院總理李強", "国务院总理李强"),
        ("ឆ្នាំ២០១៩", "ឆ្នាំ2019"),
        ("Ελλάδα ΟΔΟΣ οδός", "ελλαδα οδοσ οδοσ"),
        ("Serhiĭ Ёлка", "serhii елка"),
    ],
)
def test_ways_of_writing_are_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other) == other


@pytest.mark.parametrize(("one", "other"), [("й", "и"), ("ញុំ", "ញុ"), ("가", "각"), ("が", "か"), ("中", "国")])
def test_what_tells_words_apart_stays(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_what_needs_two_characters_is_left() -> None:
    assert fold("Straße Œuvre ﬁn") == "straße œuvre ﬁn"
