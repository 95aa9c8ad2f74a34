"""What counts as speaking of a topic, and what is only naming it."""

from __future__ import annotations

import time

import pytest

from pipeline.enrich.passing import layout, listed_spans, passing_spans, triples
from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.signals import FEATURES, read_signals
from pipeline.model import Topic, TopicPatterns

PATTERNS = TopicPatterns(
    terms=("Sino-Cambodian",),
    pairs=((("Cambodia", "Phnom Penh", "柬埔寨"), ("China", "Chinese", "Xinhua", "中国")),),
    context=("trade", "loan"),
)
MATCHER = PatternMatcher([Topic("ties", "Ties", 0.5, 0.1, {"en": PATTERNS})])


def signals(title: str, text: str) -> tuple[dict[str, float], list[str]]:
    raw = f"{title}\n{text}"
    found = read_signals(raw, len(title), MATCHER)[0]
    return dict(zip(FEATURES, found.features, strict=True)), [raw[start:end] for start, end in found.evidence]


@pytest.mark.parametrize(
    "text",
    [
        "PHNOM PENH, Nov. 8 (Xinhua) -- Rice exports rose, Cambodia said.",
        "Cambodia sold more rice. (Xinhua)",
        "Cambodia sold more rice. (Photo by Ly Lay/Xinhua)",
        "Cambodia sold more rice, a miller told Xinhua.",
        "Cambodia's rice\nPhoto: a Chinese trader and a loan",
        "Cambodia sold more rice. (China Daily)",
        "柬埔寨大米出口增长。（中国日报记者 摄）",
        "Brunei, Cambodia, China, Indonesia, Laos and Thailand took part.",
        "Tariffs hit 60 countries, among them Cambodia, Vietnam and China.",
        "Brands buy in Vietnam, Cambodia and China.",
        "Trump puts 49 % on Cambodia, 34 % on China.",
        "It is 36% for Thailand, 36% for Cambodia and 30% for China.",
        "名单包括柬埔寨、越南和中国。",
        "新税率：柬埔寨19%，中国30%。",
    ],
)
def test_names_in_by_lines_captions_and_lists_are_no_evidence(text: str) -> None:
    features, evidence = signals("Rice", text)
    assert evidence == []
    assert not features["pairs"]
    assert not features["bare_pair"]


def test_a_pair_in_one_sentence_with_context_is_told_from_one_without() -> None:
    with_context, words = signals("", "China gave Cambodia a loan.")
    without, _ = signals("", "A traveller from China came to Cambodia.")
    assert (with_context["lead_pair"], with_context["bare_pair"]) == (1, 0)
    assert (without["lead_pair"], without["bare_pair"]) == (0, 1)
    assert words == ["China", "Cambodia"]


def test_the_title_is_told_from_the_lead() -> None:
    features, _ = signals("Sino-Cambodian trade", "Nothing here.")
    assert (features["title_term"], features["lead_term"]) == (1, 0)


def test_neighbouring_sentences_of_the_lead_are_near() -> None:
    near, _ = signals("", "China gave buses. Phnom Penh's governor was glad.")
    far, _ = signals("", "China gave buses. " + "They are blue. " * 60 + "Phnom Penh has a river.")
    assert (near["near"], far["near"]) == (1, 0)
    assert far["both"] == near["both"] > 0


def test_a_text_without_any_phrase_gives_zeros() -> None:
    features, evidence = signals("Dolphins", "Three calves were counted.")
    assert not any(features.values())
    assert evidence == []


def test_sentences_end_neither_at_abbreviations_nor_at_initials() -> None:
    text = "Mr. J. Smith of the U.S. came. 他来了。ហើយទៅ។ Good"
    assert [text[start:][:4] for start in layout(text).starts] == ["Mr. ", "他来了。", "ហើយទ", "Good"]


def test_a_sentence_with_commas_is_not_a_list() -> None:
    text = "The meeting, the first since 2016, will be about green bonds and tax evasion in Cambodia and China."
    assert listed_spans(text, layout(text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "In Phnom Penh, Cambodia and China signed.",
        "On Monday, Cambodia and China signed.",
        "However, Cambodia and China signed.",
        "Cambodia, which owes China and Japan money, paid.",
        "តុលាការ នៃប្រទេស កម្ពុជា និងចិន",
    ],
)
def test_a_place_or_a_day_before_two_names_makes_no_list(text: str) -> None:
    assert triples(text) == ()


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("among them Cambodia, Viet Nam and China.", ["Cambodia", "Viet Nam", "China"]),
        ("dont le Cambodge, le Vietnam et la Chine", ["Cambodge", "Vietnam", "Chine"]),
        ("en Thaïlande, au Cambodge et en Chine", ["Thaïlande", "Cambodge", "Chine"]),
        ("49 % on Cambodia, 34 % on China", ["Cambodia", "China"]),
        ("中国对柬埔寨、越南和老挝的投资", ["柬埔寨", "越南", "老挝"]),
        ("រួមមាន កម្ពុជា ថៃ និងចិន", ["កម្ពុជា", "ថៃ", "ចិន"]),
    ],
)
def test_lists_of_three_names_and_figures_for_each(text: str, members: list[str]) -> None:
    assert [[text[start:end] for start, end in found] for found in triples(text)] == [members]


def test_only_the_members_of_a_short_list_are_not_related() -> None:
    features, words = signals("", "A Chinese firm will pave Kampot, Phnom Penh and Takeo for a loan.")
    assert (features["lead_pair"], words) == (1, ["Chinese", "Phnom Penh"])


@pytest.mark.parametrize(
    "junk", ["1" * 50_000, "A" * 50_000, "A " * 50_000, "A, " * 30_000, "中" * 50_000, "中、" * 30_000]
)
def test_lists_are_looked_for_in_bounded_time(junk: str) -> None:
    started = time.perf_counter()
    triples(junk)
    assert time.perf_counter() - started < 5


def test_passing_spans_are_sorted_and_inside_the_text() -> None:
    text = "BEIJING (AFP) - A.\n(Xinhua)\nSource: AFP"
    spans = passing_spans(text)
    assert list(spans) == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert passing_spans("") == ()
