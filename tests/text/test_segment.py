"""Word spans in Latin, Chinese and Khmer, in the text as it was given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.text.segment import segment
from tests.text.alphabet import texts


def words(text: str, language: str | None) -> list[str]:
    return [text[start:end] for start, end in segment(text, language)]


@given(texts)
@settings(deadline=None)
def test_spans_are_in_order_and_hold_all_letters(text: str) -> None:
    spans = segment(text, None)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start < end for before, (start, end) in zip(ends, spans, strict=False))
    covered = {at for start, end in spans for at in range(start, end)}
    assert not [char for at, char in enumerate(text) if char.isalnum() and at not in covered and char not in "\u17b4"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Prak Sokhonn's team", ["Prak", "Sokhonn", "s", "team"]),
        ("国务院总理李克强会见柬埔寨副首相", ["国务院", "总理", "李克强", "会见", "柬埔寨", "副", "首相"]),
        ("國務院總理", ["國務院", "總理"]),
        ("中国签署ASEM协议", ["中国", "签署", "ASEM", "协议"]),
        ("कर्मचारी हैं", ["कर्मचारी", "हैं"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text, "zh") == expected


def test_khmer_words_and_what_stands_between_them() -> None:
    found = words("កម្ពុជាត្រៀមធ្វើជាម្ចាស់ផ្ទះកិច្ចប្រជុំកំពូលអាស៊ី-អឺរ៉ុប (ASEM) លើកទី១៣។", "km")
    assert found[:5] == ["កម្ពុជា", "ត្រៀម", "ធ្វើជា", "ម្ចាស់", "ផ្ទះ"]
    assert {"អាស៊ី", "អឺរ៉ុប", "ASEM", "ទី", "១៣"} <= set(found)


def test_khmer_words_keep_the_zero_width_spaces_inside_them() -> None:
    plain = "រដ្ឋាភិបាលកម្ពុជាបានបង្កើត"
    spaced = "រដ្ឋា\u200bភិបាល\u200bកម្ពុជា\u200bបាន\u200bបង្កើត"
    assert [word.replace("\u200b", "") for word in words(spaced, "km")] == words(plain, "km")
    assert "រដ្ឋា\u200bភិបាល" in words(spaced, "km")


def test_a_long_khmer_text_without_stops_is_cut_and_kept() -> None:
    text = "កម្ពុជា" * 2000
    assert "".join(words(text, "km")) == text


def test_japanese_is_not_cut_as_chinese() -> None:
    assert words("東京都知事が会見", "ja") == ["東京都知事", "が", "会見"]
