"""Search terms: true to their offsets, and the same for every way of writing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.text.fold import fold
from pipeline.text.normalise import clean
from pipeline.text.tokens import search_terms, search_tokens
from tests.text.alphabet import texts


def terms(text: str) -> list[str]:
    return [token.term for token in search_tokens(text)]


@given(texts)
@settings(deadline=None)  # the first use compiles the patterns
def test_offsets_are_those_of_the_text_given(text: str) -> None:
    tokens = search_tokens(text)
    assert [token.position for token in tokens] == list(range(len(tokens)))
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.term
        assert " " not in token.term
        assert token.term in "".join(terms(text[token.start : token.end]))
    starts = [token.start for token in tokens]
    assert starts == sorted(starts)


@given(texts)
@settings(deadline=None)  # the first use compiles the patterns
def test_terms_do_not_depend_on_how_the_text_is_written(text: str) -> None:
    assert terms(clean(text)) == terms(text)
    assert terms(fold(clean(text))) == terms(text)


@given(texts)
@settings(deadline=None)  # the first use compiles the patterns
def test_terms_without_places_are_the_same(text: str) -> None:
    assert search_terms(text)[0] == terms(text)


def test_the_last_of_each_run_of_pairs() -> None:
    assert search_terms("王毅访问金边，王 ASEM 峰会")[1] == ["边", "会"]
    assert search_terms("Phnom Penh")[1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("… — 。។", []),
        ("\u0301 ɛ\u0301", ["ɛ"]),
        ("Prak Sokhonn’s visit", ["prak", "sokhonn", "s", "visit"]),
        ("L'ASEAN, à Phnom-Penh", ["l", "asean", "a", "phnom", "penh"]),
        ("Œuvre cœur Straße", ["oeuvre", "coeur", "strasse"]),
        ("13th ASEM_Summit 3.1", ["13th", "asem", "summit", "3", "1"]),
        ("中柬关系", ["中柬", "柬关", "关系"]),
        ("總理", ["总理"]),
        ("王", ["王"]),
        ("第13届ASEM会", ["第", "13", "届", "asem", "会"]),
        ("ចិន\u200bកម្ពុជា", ["ចិ", "ិន", "នក", "កម", "ម្", "្ព", "ពុ", "ុជ", "ជា"]),
        ("ទី១៣", ["ទី", "13"]),
        ("東京タワー", ["东京", "タワ", "ワー"]),
        ("हिन्दी ต", ["हिन्दी", "ต"]),
        ("서울 회의", ["서울", "회의"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_offsets_skip_what_is_invisible() -> None:
    tokens = search_tokens("\ufeffភ្នំ\u200bពេញ ASEM")
    text = "\ufeffភ្នំ\u200bពេញ ASEM"
    assert text[tokens[-1].start : tokens[-1].end] == "ASEM"
    assert any(text[token.start : token.end] == "ំ\u200bព" for token in tokens)
