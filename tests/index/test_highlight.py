"""What hits show: exactly the words found, in pieces a person can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.highlight import WIDTH, highlights
from pipeline.query import parse_query
from pipeline.query.tree import Query


def shown(query: str, *, title: str = "", text: str = "") -> list[str]:
    return [one.marked("[", "]") for one in highlights(parse_query(query), {"title": title, "text": text})]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("sokhonn", "Prak Sokhonn said.", "Prak [Sokhonn] said."),
        ('"prak sokhonn"', "Prak Sokhonn, not Sokhonn Prak", "[Prak Sokhonn], not Sokhonn Prak"),
        ("creee", "Créée à Bangkok", "[Créée] à Bangkok"),
        ("sokh*", "Sokhonn met Sokha", "[Sokhonn] met [Sokha]"),
        ("柬埔寨", "在柬埔寨外交部", "在[柬埔寨]外交部"),
        ("毅", "王毅说", "王[毅]说"),
        ("寨", "柬埔寨外交", "柬埔[寨]外交"),
        ("កម្ពុជា", "នៅប្រទេសកម្ពុជាថ្ងៃនេះ", "នៅប្រទេស[កម្ពុជា]ថ្ងៃនេះ"),
        ("កម្ពុជា", "ប្រទេស\u200bកម្ពុ\u200bជា", "ប្រទេស\u200b[កម្ពុ\u200bជា]"),
        ('entity:"Wang Yi" topic:x', "Wang Yi and Wang", "[Wang Yi] and Wang"),
        ("a -b", "a b", "[a] b"),
        ('"a b" "b c"', "a b c", "[a b c]"),
        ("title:a", "a", None),
        ("source:a", "a", None),
    ],
)
def test_what_is_marked(query: str, text: str, expected: str | None) -> None:
    assert shown(query, text=text) == ([expected] if expected else [])


def test_the_title_is_shown_whole_and_the_text_where_most_was_found() -> None:
    dull = "Nothing of note happened. " * 30
    text = f"{dull}Rice was mentioned. {dull}Rice, rice and more rice. {dull}"
    title, first, second = highlights(parse_query("rice"), {"title": "Rice " * 60, "text": text})
    assert (title.field, title.text) == ("title", "Rice " * 60)
    assert first.marked("<", ">").count("<Rice>") == 1
    assert len(second.spans) == 3
    for piece in (first, second):
        assert len(piece.text) <= WIDTH
        assert piece.text in text
        assert text[text.index(piece.text) - 1] == " "


@given(
    st.text(alphabet="ab 柬埔寨កម\u200b\n.É", max_size=400),
    st.lists(st.sampled_from(["a", "b*", "柬埔", "寨", "កម", "é", '"a b"']), min_size=1, max_size=4),
)
def test_spans_are_in_order_inside_the_piece_and_apart(text: str, asked: list[str]) -> None:
    query: Query = parse_query(" OR ".join(asked))
    for piece in highlights(query, {"title": text, "text": text}):
        assert piece.spans
        assert piece.text in text
        edges = [edge for span in piece.spans for edge in span]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert edges[-1] <= len(piece.text)
        assert all(start < end for start, end in piece.spans)
        assert piece.marked("", "") == piece.text
