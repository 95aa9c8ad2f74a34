"""Khmer given names after an honorific: whose they are, and what is none."""

from __future__ import annotations

import pytest

from pipeline.enrich.givennames import resolve_given_names
from pipeline.model import Label, Mention


def mention(text: str, name: str, label: Label = "PERSON") -> Mention:
    start = text.index(name)
    return Mention(name, label, start, start + len(name), f"{name}!", "Q1")


@pytest.mark.parametrize(
    "text",
    [
        "លោក ហ៊ុន ម៉ាណែត បានថ្លែង ហើយលោក ម៉ាណែត បានអំពាវនាវ",
        "លោក ហ៊ុន ម៉ាណែត បានថ្លែង ហើយលោកម៉ាណែតបានអំពាវនាវ",
        "ហ៊ុន ម៉ាណែត បានថ្លែង ហើយសម្តេច ម៉ាណែត",
    ],
)
def test_a_given_name_is_the_person_s(text: str) -> None:
    full = mention(text, "ហ៊ុន ម៉ាណែត")
    at = text.rindex("ម៉ាណែត")
    short = Mention("ម៉ាណែត", "PERSON", at, at + len("ម៉ាណែត"), full.name, full.wikidata)
    assert resolve_given_names(text, [full]) == (full, short)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("លោក ហ៊ុន ម៉ាណែត បានថ្លែង ហើយ ម៉ាណែត", "ហ៊ុន ម៉ាណែត"),  # no honorific
        ("លោក សុខ អាន បានថ្លែង ហើយលោក អានា បានមក", "សុខ អាន"),  # part of another name
        ("លោក ហ៊ុនសែន បានថ្លែង", "ហ៊ុនសែន"),
        ("Hun Manet spoke, and លោក Manet left.", "Hun Manet"),
    ],
)
def test_other_words_are_none(text: str, whole: str) -> None:
    full = mention(text, whole)
    assert resolve_given_names(text, [full]) == (full,)


def test_of_several_bearers_the_last_one_before_is_meant() -> None:
    text = "លោក សុខា មក។ ស សុខា មក លោក សុខា ទៅ។ កឹម សុខា មក លោក សុខា ទៅ។"
    people = [mention(text, "ស សុខា"), mention(text, "កឹម សុខា")]
    names = [each.name for each in resolve_given_names(text, people)]
    assert names == ["ស សុខា!", "ស សុខា!", "ស សុខា!", "កឹម សុខា!", "កឹម សុខា!"]


def test_only_people_have_given_names() -> None:
    text = "ក្រុងព្រះ សីហនុ និងលោក សីហនុ"
    place = mention(text, "ក្រុងព្រះ សីហនុ", "GPE")
    assert resolve_given_names(text, [place]) == (place,)
