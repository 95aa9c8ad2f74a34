"""Normal form and the way back: properties over awkward text, and the cases that are known by name."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.text.normalise import INVISIBLE, MELTING, clean, normalise
from tests.text.alphabet import texts

_JOINERS = re.compile("[\u200c\u200d]")
_HIDDEN = re.compile(f"[{INVISIBLE}]")


@given(texts)
@example("\u200d\u2329")
def test_normal_text_is_nfc_visible_and_stays_as_it_is(raw: str) -> None:
    text = normalise(raw).text
    assert text == clean(raw)
    assert unicodedata.is_normalized("NFC", text)
    assert not _HIDDEN.search(text)
    assert clean(text) == text


@given(texts, st.data())
@example("xe\u200b\u0301x", None)
@example("\u200b", None)
def test_a_span_leads_back_to_what_was_found(raw: str, data: st.DataObject | None) -> None:
    normal = normalise(raw)
    start, end = (0, len(normal.text))
    if data:
        start = data.draw(st.integers(0, len(normal.text)))
        end = data.draw(st.integers(start, len(normal.text)))
    first, last = normal.raw_span(start, end)
    assert 0 <= first <= last <= len(raw)
    if start == end:
        assert first == last
        return
    found = _JOINERS.sub("", normal.text[start:end])  # alone, a joiner has nothing to join
    assert found in _JOINERS.sub("", clean(raw[first:last]))
    assert not _HIDDEN.match(raw[first])
    assert not _HIDDEN.match(raw[last - 1])


@given(texts)
@example("x\u200be\u200b\u0301\u0323y")
@example("\u2329\u200b")
@example("\ud800")
def test_single_characters_lead_back_in_order_and_leave_out_only_the_invisible(raw: str) -> None:
    normal = normalise(raw)
    spans = [normal.raw_span(at, at + 1) for at in range(len(normal.text))]
    assert spans == sorted(spans)
    assert spans == list(zip(*normal.places(), strict=True))
    covered = {at for first, last in spans for at in range(first, last)}
    assert all(_HIDDEN.match(char) or _JOINERS.match(char) for at, char in enumerate(raw) if at not in covered)


def test_ascii_and_normal_text_come_back_as_they_are() -> None:
    for raw in ("", "Phnom Penh", "Élysée 金边 ភ្នំពេញ"):
        normal = normalise(raw)
        assert normal.text == raw
        assert normal.raw_span(0, len(raw)) == (0, len(raw))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ភ្នំ\u200bពេញ", "ភ្នំពេញ"),
        ("Cam\u00adbodia\ufeff", "Cambodia"),
        ("ex\u202ecod.exe", "excod.exe"),
        ("Ange\u0301la", "Angéla"),
        ("\u212bngström café", "Ångström café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("a\u200db", "ab"),
        ("x\ud800y", "xy"),
    ],
)
def test_what_is_dropped_composed_and_kept(raw: str, text: str) -> None:
    assert clean(raw) == text


def test_a_rewritten_cluster_is_covered_whole() -> None:
    normal = normalise("cafe\u200b\u0301s déjà")
    assert normal.text == "cafés déjà"
    assert normal.raw_span(3, 4) == (3, 6)
    assert normal.raw_span(4, 5) == (6, 7)
    assert normal.raw_span(0, 3) == (0, 3)
    assert normal.raw_span(4, 4) == (6, 6)


@pytest.mark.parametrize("span", [(-1, 0), (0, 4), (2, 1)])
def test_a_span_outside_the_text_is_an_error(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no span of this text"):
        normalise("abc").raw_span(*span)


def test_melting_letters_are_those_of_unicode() -> None:
    """All second halves of canonical compositions that are no combining marks, and the jamo."""
    jamo = {*map(chr, range(0x1161, 0x1176)), *map(chr, range(0x11A8, 0x11C3))}
    listed = re.compile(f"[{MELTING}]")
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<") and unicodedata.normalize("NFC", chr(code)) == chr(code):
            second = chr(int(parts[1], 16))
            assert unicodedata.combining(second) or second in jamo or listed.match(second), hex(code)
    assert all(map(listed.match, jamo))
