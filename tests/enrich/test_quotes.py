"""Who says what: texts marked by hand, and texts nobody wrote."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.annotator import ANALYSED
from pipeline.enrich.quotes import LONGEST, find_quotes, quotes_in
from pipeline.model import Label, Mention, Quote
from tests.enrich.quotes_cases import CASES, Case, Marked

PIECES = [
    "“", "”", '"', "«", "»", "‘", "’", "「", "」", "『", "』", "\n", ". ", "。", "។", "：", ",", " ", "a", "word ",
    "Wang Yi", " said ", " said that ", " a déclaré que ", "表示，", "说：", " បានថ្លែងថា ", "中方愿同柬方加强合作",
    "សន្តិភាពសម្រាប់ប្រទេស",    "\u200b", "e\u0301", "that we are here", "he said", "Mr. ", ", the man, ",
]  # fmt: skip
REPEATED = [
    "“", '"', "‘a ", "’s ", "« ", "a", " ", "he said ", "X", "X, a ", "他", "លោក", "លោក ថ្លែង ", "said a b c d e f ",
    ". ", ".", ", ", "Mr. ", "“a b c d” ", "“We are here now.” ",
]  # fmt: skip


def mentions_of(case: Case) -> tuple[Mention, ...]:
    named: list[tuple[str, Label]] = [(name, "PERSON") for name in case.people]
    named += [(name, "ORG") for name in case.bodies]
    called = dict(case.called)
    return tuple(
        Mention(found[0], label, found.start(), found.end(), called.get(name, name))
        for name, label in named
        for found in re.finditer(re.escape(name), case.text)
    )


def marked(text: str, quotes: tuple[Quote, ...]) -> tuple[Marked, ...]:
    return tuple((each.kind, each.speaker, text[each.start : each.end]) for each in quotes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text[:40])
def test_quotes_are_found_as_a_reader_marks_them(case: Case) -> None:
    found = find_quotes(case.text, case.language, mentions_of(case))
    assert marked(case.text, found) == case.quotes
    for quote in found:
        if quote.speaker_start is not None:
            surface = case.text[quote.speaker_start : quote.speaker_end]
            assert dict(case.called).get(surface, surface) == quote.speaker


@pytest.mark.parametrize("language", ["en", "fr", "zh", "km"])
def test_every_language_is_tried_on_a_dozen_texts(language: str) -> None:
    assert sum(case.language == language for case in CASES) >= 12


def test_spans_are_of_the_raw_text() -> None:
    raw = "Cafe\u0301 news\nWang\u200b Yi said that the cafe\u0301s would open on Monday."
    speaker = Mention("Wang\u200b Yi", "PERSON", 11, 19, "Wang Yi")
    assert raw[speaker.start : speaker.end] == speaker.text
    (quote,) = quotes_in(raw, "en", (speaker,))
    assert raw[quote.start : quote.end] == "the cafe\u0301s would open on Monday"
    assert (quote.speaker_start, quote.speaker_end) == (11, 19)


def test_a_text_too_short_to_tell_its_language_is_read_by_its_script() -> None:
    assert quotes_in("他说，任何国家都不应干涉别国内政。", None, ()) == find_quotes(
        "他说，任何国家都不应干涉别国内政。", "zh", ()
    )


def test_in_other_languages_whole_sentences_in_marks_are_quotes_of_nobody() -> None:
    text = "„Gut“, sagte er. “Wir kommen morgen alle wieder.”"
    assert marked(text, find_quotes(text, "de", ())) == (("direct", None, "Wir kommen morgen alle wieder."),)


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=60).map("".join),
    st.sampled_from(["en", "fr", "zh", "km", "de", None]),
)
def test_any_text_gives_spans_within_it_in_order_and_apart(text: str, language: str | None) -> None:
    mentions = tuple(
        Mention(found[0], "PERSON", found.start(), found.end(), found[0]) for found in re.finditer("Wang Yi", text)
    )
    quotes = quotes_in(text, language, mentions)
    assert all(0 <= quote.start < quote.end <= len(text) for quote in quotes)
    assert all(one.end <= two.start for one, two in pairwise(quotes))
    for quote in quotes:
        assert "\n" not in text[quote.start : quote.end]
        assert (quote.speaker is None) == (quote.speaker_start is None) == (quote.speaker_end is None)
        if quote.speaker_start is not None:
            assert text[quote.speaker_start : quote.speaker_end] == quote.speaker == "Wang Yi"


@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.parametrize("language", ["en", "fr", "zh", "km"])
def test_time_grows_with_the_text_and_no_faster(piece: str, language: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    mentions = tuple(Mention("X", "PERSON", found.start(), found.end(), "X") for found in re.finditer("X", text))
    began = time.process_time()
    find_quotes(text, language, mentions)
    assert time.process_time() - began < 5  # quadratic: minutes


def test_as_much_is_read_as_is_annotated() -> None:
    assert LONGEST == ANALYSED
