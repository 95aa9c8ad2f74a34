"""Phrases are found whatever their case, accents, dashes and script, and only as whole words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.patterns import Hit, PatternMatcher, Role, matchable
from pipeline.model import Topic, TopicPatterns
from pipeline.text.normalise import clean
from pipeline.text.segment import segment


def matcher(patterns: TopicPatterns) -> PatternMatcher:
    return PatternMatcher([Topic("one", "One", 0.5, 0.1, {"en": patterns})])


def find(one: PatternMatcher, text: str) -> tuple[Hit, ...]:
    def words(start: int, end: int) -> frozenset[int]:
        return frozenset(at for span in segment(text, None) for at in span)

    return one.find(text, matchable(text), words=words)[0]


def found(text: str, *terms: str) -> list[str]:
    text = clean(text)
    return [text[hit.start : hit.end] for hit in find(matcher(TopicPatterns(terms=terms)), text)]


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("The CAMBODIA–China pact", "Cambodia-China", ["CAMBODIA–China"]),
        ("Asia-Europe\nMeeting", "Asia Europe Meeting", ["Asia-Europe\nMeeting"]),
        ("échanges sino-khmère", "sino-khmere", ["sino-khmère"]),
        ("ｃａｍｂｏｄｉａ today", "Cambodia", ["ｃａｍｂｏｄｉａ"]),
        ("亞歐會議開幕", "亚欧会议", ["亞歐會議"]),
        ("Cambodia's China policy", "Cambodia", ["Cambodia"]),
        ("China’s envoy", "China's", ["China’s"]),
    ],
)
def test_case_accents_dashes_width_and_variants_do_not_matter(text: str, term: str, expected: list[str]) -> None:
    assert found(text, term) == expected


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Indochina", "China"),
        ("Chinatown", "China"),
        ("asem in Malay", "ASEM"),
        ("ASEMBLY", "ASEM"),
        ("a gold-rimmed 请柬", "柬"),
        ("ក្រ", "ក"),
    ],
)
def test_part_of_another_word_is_not_found(text: str, term: str) -> None:
    assert found(text, term) == []


def test_an_acronym_may_be_written_with_a_number_and_one_capital() -> None:
    assert found("the Asem13 Summit and ASEM 14", "ASEM") == ["Asem", "ASEM"]


def test_khmer_is_found_through_zero_width_spaces_and_inside_sentences() -> None:
    assert found("ឯកអគ្គរដ្ឋទូត\u200bចិន\u200bប្រចាំ\u200bកម្ពុជា", "ចិន", "កម្ពុជា") == ["ចិន", "កម្ពុជា"]


def test_a_chinese_name_that_the_segmenter_joined_to_its_neighbour_is_found() -> None:
    assert found("王毅同柬埔寨副首相会谈", "王毅") == ["王毅"]


def test_the_longest_of_overlapping_phrases_wins() -> None:
    assert found("the Asia-Europe Foundation", "Asia-Europe", "Asia-Europe Foundation") == ["Asia-Europe Foundation"]


def test_an_excluding_phrase_hides_a_pair_word_and_is_spent() -> None:
    one = matcher(TopicPatterns(pairs=((("Cambodia",), ("China", "Chinese")),), excluding=("South China Sea",)))
    assert [hit.phrase for hit in find(one, "Cambodia and the South China Sea")] == ["cambodia"]


def test_an_excluding_phrase_that_hides_a_term_still_counts() -> None:
    hits = find(matcher(TopicPatterns(terms=("ASEM",), excluding=("ASEM S.p.A.",))), "ASEM S.p.A. says ASEM units sell")
    assert [hit.role for hit in hits] == [Role.EXCLUDING, Role.TERM]


def test_pairs_are_told_apart_over_languages() -> None:
    topic = Topic(
        "t",
        "T",
        0.5,
        0.1,
        {"en": TopicPatterns(pairs=((("a1",), ("b1",)),)), "fr": TopicPatterns(pairs=((("a2",), ("b2",)),))},
    )
    hits = find(PatternMatcher([topic]), "a1 b1 a2 b2")
    assert [(hit.pair, hit.side) for hit in hits] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_no_topics_and_no_phrases_find_nothing() -> None:
    assert PatternMatcher([]).find("text", "text", words=lambda start, end: frozenset()) == []
    assert find(matcher(TopicPatterns()), "text") == ()


@given(st.text(alphabet="Cambodiaሀé- 柬埔寨កម្ពុជា\n", max_size=60))
def test_hits_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    text = clean(text)
    hits = find(matcher(TopicPatterns(terms=("Cambodia", "柬埔寨", "កម្ពុជា", "a"))), text)
    assert all(matchable(text)[hit.start : hit.end] == hit.phrase for hit in hits)
    assert all(one.end <= other.start for one, other in pairwise(hits))
