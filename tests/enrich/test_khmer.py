"""Names in Khmer texts, by the words before them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.enrich.khmer import COMMON, KhmerRecogniser
from training.khmer_words import ARTICLES, words
from training.samples import data_folder


def names(text: str) -> list[str]:
    (found,) = KhmerRecogniser().find([text])
    return [f"{text[each.start : each.end]} {each.label}" for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("លោក សៀង សុផល កសិករនៅស្រុកបាទី ខេត្តតាកែវ និយាយថាគាត់ខាតបង់។", ["សៀង សុផល PERSON", "បាទី GPE", "តាកែវ GPE"]),
        ("ឯកឧត្តម ឈិន ម៉ាលីន អ្នកនាំពាក្យក្រសួងយុត្តិធម៌ បានបដិសេធ។", ["ឈិន ម៉ាលីន PERSON", "ក្រសួងយុត្តិធម៌ ORG"]),
        ("លោកនាយករដ្ឋមន្ត្រី ហ៊ុន ម៉ាណែត មានប្រសាសន៍។", ["ហ៊ុន ម៉ាណែត PERSON"]),
        ("លោក Robert Lieberman បាននិយាយ។", ["Robert Lieberman PERSON"]),
        ("លោកបានបន្តទៀតថា លោកមិនពេញចិត្តទេ។", []),
        ("អ្នកស្រីប្រឆាំងនឹងគម្រោងនេះ។", []),
        ("ក្រសួងអប់រំ យុវជន និងកីឡា នឹងប្រកាស។", ["ក្រសួងអប់រំ យុវជន និងកីឡា ORG"]),
        ("អ៊ីស្រាអែលវាយប្រហារ។ ប្រទេសមួយចំនួនតវ៉ា។", ["អ៊ីស្រាអែល GPE"]),
        ("គណបក្សកាន់អំណាចបានឈ្នះ។", []),
        ("", []),
    ],
)
def test_names_and_their_kinds(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("លោកក្រសួងខេត្តតាកែវបានចិន ុំ្៤a.\n"), max_size=60))
def test_whatever_the_text_names_are_in_order_and_on_one_line(text: str) -> None:
    (found,) = KhmerRecogniser().find([text])
    end = 0
    for each in found:
        assert end <= each.start < each.end <= len(text)
        assert "\n" not in text[each.start : each.end]
        end = each.end


@pytest.mark.skipif(not (data_folder() / ARTICLES).is_file(), reason=f"no {data_folder() / ARTICLES}")
def test_the_list_of_common_words_can_be_made_again() -> None:
    assert COMMON.read_text(encoding="utf-8").split() == words(data_folder() / ARTICLES)


@pytest.mark.skipif(not (data_folder() / ARTICLES).is_file(), reason=f"no {data_folder() / ARTICLES}")
def test_in_real_articles_pronouns_are_no_people() -> None:
    lines = (data_folder() / ARTICLES).read_text(encoding="utf-8").splitlines()[1::2]
    texts = [json.loads(line)["text"].replace("\u200b", "") for line in lines]
    people = [
        text[each.start : each.end]
        for text, found in zip(texts, KhmerRecogniser().find(texts), strict=True)
        for each in found
        if each.label == "PERSON"
    ]
    assert people.count("ហ៊ុន សែន") > 20
    assert [name for name in people if name.startswith(("បាន", "មាន", "លោក", "ដែល"))] == []
