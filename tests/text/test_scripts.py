"""Scripts: of a character, and of a text."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from pipeline.text.scripts import HAN, KHMER, LATIN, Script, dominant_script, marks, script


@pytest.mark.parametrize(
    ("char", "expected"),
    [("a", "latin"), ("É", "latin"), ("ｚ", "latin"), ("王", "han"), ("々", "han"), ("ក", "khmer"), ("្", "khmer")]
    + [(char, "other") for char in "1២。។ ·Дかกﷲ×_"],
)
def test_script_of_a_character(char: str, expected: Script) -> None:
    assert script(char) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "other"),
        ("2019, 100 %", "other"),
        ("Phnom Penh", "latin"),
        ("Президент", "other"),
        ("国务院总理会见ASEM代表", "han"),
        ("ប្រជុំ ASEM លើកទី១៣ នៅភ្នំពេញ", "khmer"),
        ("The word 和平 means peace", "latin"),
    ],
)
def test_dominant_script(text: str, expected: Script) -> None:
    assert dominant_script(text) == expected


def test_ranges_agree_with_the_names_of_unicode() -> None:
    """Letters by their names; Han radicals, numerals and marks have names of their own."""
    names = {
        LATIN: ("LATIN ", "FULLWIDTH LATIN"),
        HAN: ("CJK UNIFIED", "CJK COMPAT"),
        KHMER: ("KHMER LETTER", "KHMER VOWEL"),
    }
    for ranges, starts in names.items():
        inside = re.compile(f"[{ranges}]")
        for code in range(sys.maxunicode + 1):
            if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lo") and unicodedata.name(chr(code), "").startswith(
                starts
            ):
                assert inside.match(chr(code)), hex(code)


def test_marks_are_all_the_combining_marks() -> None:
    inside = re.compile(f"[{marks()}]")
    for code in range(sys.maxunicode + 1):
        assert bool(inside.match(chr(code))) == unicodedata.category(chr(code)).startswith("M"), hex(code)
