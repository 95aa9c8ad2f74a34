"""Dates as a text names them, in four languages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.enrich.dates import find_dates


def dates(text: str, language: str | None) -> list[str]:
    return [text[start:end] for start, end in find_dates(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "On Sunday the 2019-2023 plan, of last April, ends.", "Sunday|2019-2023|last April"),
        ("en", "It ends next year.", "next year"),
        ("en", "From Thursday to Saturday; May 3, 2024; 3 June 1997.", "Thursday to Saturday|May 3, 2024|3 June 1997"),
        ("en", "In May, May said 2000 soldiers may march for $2000 or 1,996 riel.", "May"),
        ("en", "Since the 1990s, and on 2024-05-01, yesterday's news.", "1990s|2024-05-01|yesterday"),
        ("fr", "Le 3 mai 2024, lundi dernier, du 1er au 4 juin.", "3 mai 2024|lundi dernier|1er au 4 juin"),
        ("fr", "En 2019, 2000 soldats ; l'an dernier ; la planète Mars.", "2019|l'an dernier"),
        ("zh", "2023年5月3日，周日，去年底，4日在北京，第4号文件。", "2023年5月3日|周日|去年底|4日"),
        ("zh", "二〇二一年十一月，5月3日至6日，三个月，20世纪90年代。", "二〇二一年十一月|5月3日至6日|20世纪90年代"),
        ("km", "ថ្ងៃចន្ទ ទី៣ ខែឧសភា ឆ្នាំ២០២៤ និងម្សិលមិញ", "ថ្ងៃចន្ទ ទី៣ ខែឧសភា ឆ្នាំ២០២៤|ម្សិលមិញ"),
        ("km", "អាយុ៤៧ឆ្នាំ", ""),
        ("de", "Am Sonntag, 3. Mai 2024", ""),
        (None, "Sunday", ""),
    ],
)
def test_dates_are_found_as_they_are_named(language: str | None, text: str, expected: str) -> None:
    assert dates(text, language) == [date for date in expected.split("|") if date]


@settings(max_examples=80, deadline=None)
@given(
    text=st.text(st.sampled_from("2019-/ 日月年周一ថ្ងៃខែ៣Maylundi, \n"), max_size=60),
    language=st.sampled_from(["en", "fr", "zh", "km"]),
)
def test_whatever_the_text_dates_are_apart_and_hold_something(text: str, language: str) -> None:
    spans = find_dates(text, language)
    assert all(text[start:end].strip() for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


@pytest.mark.parametrize("language", ["en", "fr", "zh", "km"])
@pytest.mark.parametrize("text", ["2" * 100_000, "Monday " * 15_000, "1 au " * 20_000, "十" * 100_000, "ថ្ងៃ " * 20_000])
def test_no_text_takes_long(language: str, text: str) -> None:
    assert len(find_dates(text, language)) <= len(text)
