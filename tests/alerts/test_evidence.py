"""The extract of a mail: an unbroken stretch of the text, with exactly the deciding words marked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.alerts.evidence import Piece, evidence, extract, headline
from pipeline.alerts.words import shorten, visible, whole_characters
from pipeline.model import Annotated, Reason
from tests.alerts.examples import annotated, seed

TOPIC = (Reason("topic", "cambodia_china"),)
FILLER = "Officials met again on Tuesday and said little. " * 60


def joined(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def marked(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.marked]


def about(text: str, *words: str, title: str = "A title", language: str = "en") -> tuple[Annotated, tuple[Piece, ...]]:
    article = annotated(title, text, topics={"cambodia_china": words}, language=language)
    return article, extract(article, evidence(article, TOPIC))


def test_deciding_words_are_marked_in_headline_and_extract() -> None:
    article = seed()
    spans = evidence(article, (*TOPIC, Reason("entity", "Prak Sokhonn", ("Prak Sokhonn", "Sokhonn"))))
    assert marked(headline(article, spans)) == ["Sokhonn"]
    assert marked(extract(article, spans)) == ["Prak Sokhonn", "Cambodia and China"]
    assert joined(headline(article, spans)) == article.article.title


def test_words_of_other_topics_are_not_marked() -> None:
    article = seed()
    assert marked(extract(article, evidence(article, (Reason("topic", "asem"),)))) == ["Asem13 Summit"]


def test_words_of_a_query_are_marked() -> None:
    article = seed()
    shown = extract(article, evidence(article, (Reason("query", '"Action Plan" AND tourism'),)))
    assert marked(shown) == ["Action Plan", "tourism"]
    assert evidence(article, (Reason("query", "no:such AND ("),)) == ()


def test_evidence_deep_in_a_long_text_is_found() -> None:
    _, pieces = about(f"{FILLER}Then Cambodia and China signed a treaty. {FILLER}", "Cambodia and China")
    text = joined(pieces)
    assert text.startswith("Then Cambodia and China signed a treaty. Officials met")
    assert len(text) < 440


def test_the_stretch_with_most_different_words_is_taken() -> None:
    text = f"China was mentioned. China again. {FILLER}Hun Sen met Wang Yi about the Belt and Road. {FILLER}"
    _, pieces = about(text, "China", "Hun Sen", "Wang Yi", "Belt and Road")
    assert marked(pieces) == ["Hun Sen", "Wang Yi", "Belt and Road"]


def test_without_evidence_the_text_begins() -> None:
    article = seed()
    assert joined(extract(article, ())).startswith("Deputy Prime Minister and Minister of Foreign Affairs")


def test_a_sentence_cut_short_ends_in_an_ellipsis() -> None:
    _, pieces = about("and so " * 400 + "China " + "and so " * 400, "China")
    assert joined(pieces).startswith("… ")
    assert joined(pieces).endswith(" …")
    assert " China " in joined(pieces)


def test_a_text_of_one_paragraph_without_end_has_no_false_ellipsis() -> None:
    _, pieces = about("China came", "China")
    assert pieces == (Piece("China", marked=True), Piece(" came"))


def test_an_empty_text_has_no_extract() -> None:
    assert about("", "China")[1] == ()
    assert about(" \n\n ", "China")[1] == ()


def test_offsets_that_do_not_hold_their_words_are_left_out() -> None:
    article = seed()
    wrong = annotated("Another title", article.article.text[5:])
    moved = Annotated(wrong.article, article.annotation, wrong.membership, wrong.source)
    assert evidence(moved, TOPIC) == ()


def test_overlapping_evidence_is_marked_once() -> None:
    _, pieces = about("The China-Cambodia Community of Shared Future.", "China-Cambodia", "Cambodia Community")
    assert marked(pieces) == ["China-Cambodia Community"]


@pytest.mark.parametrize(
    ("text", "word"),
    [("កម្ពុជា​និង​ចិន" * 200, "ចិន"), ("ព្រះរាជាណាចក្រកម្ពុជា" * 200, "កម្ពុជា"), ("中柬两国关系" * 300, "中柬")],
)
def test_a_text_without_spaces_is_cut_between_whole_letters(text: str, word: str) -> None:
    shown = joined(about(text, word, title="x")[1]).strip("… ")
    assert word in shown
    assert 100 < len(shown) < 420
    assert not unicodedata.category(shown[0]).startswith("M")
    at = text.find(shown)
    assert at >= 0
    end = at + len(shown)
    assert end == len(text) or not unicodedata.category(text[end]).startswith("M")


ANY = st.text(st.characters(codec="utf-8") | st.sampled_from(". \n。។China\u200b\u17d2"), max_size=900)


@hypothesis_settings(deadline=None)
@example(" ", [(0, 1)], "0  ")
@given(ANY, st.lists(st.tuples(st.integers(0, 900), st.integers(1, 12)), max_size=8), st.text(max_size=20))
def test_what_is_shown_is_in_the_text_and_what_is_marked_is_evidence(
    text: str, places: list[tuple[int, int]], title: str
) -> None:
    words = {text[at : at + size] for at, size in places} - {""}
    article, pieces = about(text, *words, title=title)
    spans = evidence(article, TOPIC)
    raw = f"{title}\n{text}"
    shown = joined(pieces).removeprefix("… ").removesuffix(" …")
    assert visible(shown).replace(" ", "") in visible(text).replace(" ", "")
    assert len(shown) <= 425
    allowed = [visible(raw[start:end]).strip() for start, end in spans]
    assert all(any(piece.strip() in whole for whole in allowed) for piece in marked(pieces))
    assert joined(headline(article, spans)) == visible(title).strip()


@hypothesis_settings(deadline=None)
@given(st.text(max_size=80), st.integers(2, 40))
def test_shortened_text_fits_and_is_the_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))


@hypothesis_settings(deadline=None)
@given(st.text("កម្ពុជា\u17d2ណចិន e\u0301", max_size=30), st.integers(0, 30))
def test_letters_are_not_parted_from_their_marks(text: str, at: int) -> None:
    cut = whole_characters(text, min(at, len(text)))
    assert cut <= at
    if 0 < cut < len(text):
        assert not unicodedata.category(text[cut]).startswith("M")
        assert text[cut - 1] != "\u17d2"


def test_invisible_trickery_is_removed() -> None:
    assert visible("a\u202egpj.exe\u202c\r\nb\x00\ud800c") == "agpj.exe b c"
