"""What the text itself says against names that were found in it."""

from __future__ import annotations

import time

import pytest

from pipeline.enrich.ner import Found
from pipeline.enrich.plausible import plausible
from pipeline.enrich.resolution import resolve
from pipeline.model import Label


def judged(text: str, *names: tuple[str, Label]) -> list[tuple[str, str]]:
    found, at = [], 0
    for name, label in names:
        at = text.index(name, at)
        found.append(Found(at, at + len(name), label))
        at += len(name)
    return [(text[each.start : each.end], each.label) for each in plausible(text, found)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Casinos close\nThe casinos were run from abroad.", "Casinos"),
        ("He left. Yuan gains. The yuan rose.", "Yuan"),
        ("Hotel\nA building opened in Phnom Penh.", "Hotel"),
        ("Panda bonds find buyers", "Panda"),
        ("“Briefing”\nThe minister spoke.", "Briefing"),
    ],
)
@pytest.mark.parametrize("label", ["PERSON", "ORG", "GPE"])
def test_a_common_word_that_opens_a_sentence_is_no_name(text: str, word: str, label: Label) -> None:
    assert judged(text, (word, label)) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Sokhonn flew to Beijing.", "Sokhonn"),
        ("They met Rice at noon.", "Rice"),
        ("Rice spoke. Later reporters met Rice at noon.", "Rice"),
        ("Hope fades, but there is Hope in Hope.", "Hope"),
        ("BRI grows", "BRI"),
    ],
)
def test_a_name_inside_a_sentence_or_that_is_no_common_word_stays(text: str, word: str) -> None:
    assert judged(text, (word, "PERSON")) == [(word, "PERSON")]


def test_a_part_of_a_longer_name_of_the_text_stays() -> None:
    names: tuple[tuple[str, Label], ...] = (("Rice", "PERSON"), ("Condoleezza Rice", "PERSON"))
    assert judged("Rice to visit\nCondoleezza Rice buys rice.", *names) == list(names)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("Sokha Hotel", "PERSON", "FAC"),
        ("Sokha Hotel", "ORG", "ORG"),
        ("Acleda Bank", "PERSON", "ORG"),
        ("West Bank", "GPE", "GPE"),
        ("Visakha FC", "PERSON", "ORG"),
        ("Manchester City F.C.", "GPE", "ORG"),
        ("Manchester City", "GPE", "ORG"),
        ("Ho Chi Minh City", "GPE", "GPE"),
        ("Quezon City", "GPE", "GPE"),
        ("Leeds United", "PERSON", "ORG"),
        ("United States", "GPE", "GPE"),
        ("Bank", "PERSON", "PERSON"),
        ("Grand Hotel", "EVENT", "EVENT"),
        ("Guinea-Bissau", "PERSON", "GPE"),
        ("Maldives", "ORG", "GPE"),
        ("Maldives", "LOC", "LOC"),
        ("Jordan", "PERSON", "PERSON"),
    ],
)
def test_a_name_says_what_it_is_of(name: str, given: Label, expected: str) -> None:
    assert judged(f"It was {name} again.", (name, given)) == [(name, expected)]


def test_mentions_of_a_text_are_without_them() -> None:
    text = "Yuan gains\nThe yuan rose in Tokyo near Sokha Hotel."
    found = [Found(0, 4, "PERSON"), Found(28, 33, "GPE"), Found(39, 50, "PERSON")]
    assert [(each.text, each.label) for each in resolve(text, [], found)] == [("Tokyo", "GPE"), ("Sokha Hotel", "FAC")]


def test_many_finds_in_a_long_text_take_little_time() -> None:
    text = "Yuan rose. " * 9_000
    found = [Found(at, at + 4, "PERSON") for at in range(0, len(text), 11)]
    started = time.perf_counter()
    assert plausible(text, found) == ()
    assert time.perf_counter() - started < 5
