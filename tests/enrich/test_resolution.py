"""Mentions of one entity get one name: on hand-made mentions, without a model."""

from __future__ import annotations

import itertools

import pytest

from pipeline.enrich.acronyms import abbreviates
from pipeline.enrich.ner import Found
from pipeline.enrich.resolution import resolve
from pipeline.model import Label, Mention


def marked(text: str) -> tuple[str, list[Mention], list[Found]]:
    """ "[PERSON Wang Yi] met {GPE China}": [] is what the recogniser found, {} what the watch-list did."""
    plain, watched, found = "", [], []
    opened: list[tuple[str, int, Label]] = []
    labels: dict[str, Label] = {
        "PERSON": "PERSON", "ORG": "ORG", "GPE": "GPE", "LOC": "LOC", "NORP": "NORP", "EVENT": "EVENT", "FAC": "FAC",
    }  # fmt: skip
    at = 0
    while at < len(text):
        char = text[at]
        if char in "[{":
            label, _, _ = text[at + 1 :].partition(" ")
            opened.append((char, len(plain), labels[label]))
            at += len(label) + 1
        elif char in "]}":
            kind, start, label_of = opened.pop()
            name = plain[start:]
            if kind == "{":
                watched.append(Mention(name, label_of, start, len(plain), name, f"Q:{name}"))
            else:
                found.append(Found(start, len(plain), label_of))
        else:
            plain += char
        at += 1
    return plain, sorted(watched, key=lambda each: each.start), sorted(found, key=lambda each: each.start)


def resolved(text: str) -> list[tuple[str, str, str]]:
    plain, watched, found = marked(text)
    mentions = resolve(plain, watched, found)
    assert all(plain[each.start : each.end] == each.text for each in mentions)
    assert all(one.end <= two.start for one, two in itertools.pairwise(mentions))
    return [(each.label, each.text, each.name) for each in mentions]


def names(text: str) -> dict[str, str]:
    return {written: name for _, written, name in resolved(text)}


def test_a_short_mention_has_the_whole_name_and_its_link() -> None:
    plain, watched, found = marked("{PERSON Prak Sokhonn} spoke. [PERSON Sokhonn] left.")
    last = resolve(plain, watched, found)[-1]
    assert (last.text, last.name, last.wikidata) == ("Sokhonn", "Prak Sokhonn", "Q:Prak Sokhonn")


@pytest.mark.parametrize(
    ("text", "short", "whole"),
    [
        ("[PERSON Wang Yi] met him. [PERSON Wang] said", "Wang", "Wang Yi"),
        ("Premier [PERSON Li Keqiang] came. Premier [PERSON Li] said", "Li", "Li Keqiang"),
        ("[PERSON Nguyen Xuan Phuc] came. [PERSON Phuc] said", "Phuc", "Nguyen Xuan Phuc"),
        ("[PERSON Moon Jae-in] came. [PERSON Moon] said", "Moon", "Moon Jae-in"),
        ("[PERSON Josep Borrell] came. [PERSON Borrell] said", "Borrell", "Josep Borrell"),
        ("[PERSON Sokhonn] lauds ties\n[PERSON Prak Sokhonn] spoke", "Sokhonn", "Prak Sokhonn"),
        ("[PERSON Prak Sokhonn] came. [PERSON SOKHONN] said", "SOKHONN", "Prak Sokhonn"),
        ("[PERSON Hun Sen] and his son [PERSON Hun Manet] spoke. [PERSON Manet] left", "Manet", "Hun Manet"),
        ("[PERSON Joe Biden] came. [PERSON Joseph Robinette Biden] is president", "Joe Biden", "Joe Biden"),
        ("[PERSON Wang Yi] came. [PERSON Smith] said", "Smith", "Smith"),
    ],
)
def test_family_names_are_found_where_the_language_puts_them(text: str, short: str, whole: str) -> None:
    assert names(text)[short] == whole


def test_a_whole_name_stays_whole() -> None:
    text = "[PERSON Hun Sen] met [PERSON Hun Manet]. [PERSON Hun Sen] said"
    assert [name for _, _, name in resolved(text)] == ["Hun Sen", "Hun Manet", "Hun Sen"]


def test_of_two_bearers_the_nearest_before_is_meant() -> None:
    text = "[PERSON Wang Yi] spoke. [PERSON Wang] left. [PERSON Wang Wenbin] spoke. [PERSON Wang] left."
    assert [name for _, _, name in resolved(text)] == ["Wang Yi", "Wang Yi", "Wang Wenbin", "Wang Wenbin"]


def test_of_two_bearers_the_one_with_the_same_title_is_preferred() -> None:
    text = "Premier [PERSON Li Keqiang] met Ambassador [PERSON Li Jie]. Premier [PERSON Li] agreed."
    assert resolved(text)[-1] == ("PERSON", "Li", "Li Keqiang")


def test_the_recogniser_s_slips_are_mended_once_the_person_is_known() -> None:
    text = "[PERSON Wang Yi] and [PERSON Prak Sokhonn] met. [ORG Wang] and Sokhonn agreed; Wang Fuk Court is a house."
    assert resolved(text)[2:] == [("PERSON", "Wang", "Wang Yi"), ("PERSON", "Sokhonn", "Prak Sokhonn")]


@pytest.mark.parametrize(
    "text", ["[PERSON He Jun] came. He said so.", "[PERSON So Sen] came. Sen. Smith left. So what."]
)
def test_common_words_are_not_taken_for_people(text: str) -> None:
    assert len(resolved(text)) == 1


def test_a_city_is_not_taken_for_a_western_person() -> None:
    text = "[PERSON Denzel Washington] flew to [GPE Washington]."
    assert resolved(text)[1] == ("GPE", "Washington", "Washington")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ORG Royal University of {GPE Phnom Penh}]", [("ORG", "Royal University of Phnom Penh")]),
        ("the [EVENT {ORG Asem}13 Summit]", [("EVENT", "Asem13 Summit")]),
        ("[LOC South {GPE China} Sea]", [("LOC", "South China Sea")]),
        ("La [FAC rue de {GPE Pékin}]", [("FAC", "rue de Pékin")]),
        ("Le [FAC temple d'{FAC Angkor Vat}]", [("FAC", "Angkor Vat")]),
        ("L'[ORG ambassade de {GPE Chine}]", [("GPE", "Chine")]),
        ("[ORG {GPE China} trade]", [("GPE", "China")]),
        ("[PERSON {GPE China}]", [("GPE", "China")]),
        ("{ORG Ministry of [GPE Health]}", [("ORG", "Ministry of Health")]),
        ("[ORG {GPE Cambodia}’s Ministry of Health]", [("GPE", "Cambodia"), ("ORG", "Ministry of Health")]),
        ("the [ORG Kingdom’s Ministry of Health]", [("ORG", "Ministry of Health")]),
        ("[ORG {GPE Cambodia} and {GPE China}]", [("GPE", "Cambodia"), ("GPE", "China")]),
    ],
)
def test_the_watch_list_wins_unless_the_other_name_is_longer(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(label, written) for label, written, _ in resolved(text)] == expected


def test_the_long_form_of_a_place_keeps_its_link() -> None:
    assert names("[GPE Kingdom of {GPE Cambodia}]") == {"Kingdom of Cambodia": "Cambodia"}
    assert names("[GPE New South {GPE Wales}]") == {"New South Wales": "New South Wales"}


def test_the_summit_of_a_named_body_is_an_event() -> None:
    assert resolved("the {ORG ASEAN} summit and the {ORG Asem}1 Summit") == [
        ("EVENT", "ASEAN summit", "ASEAN summit"),
        ("EVENT", "Asem1 Summit", "Asem1 Summit"),
    ]


def test_an_acronym_in_parentheses_is_named_by_its_long_form() -> None:
    text = "the [ORG Belt and Road Initiative] (BRI) grows; [ORG BRI] projects. [ORG Foreign Office] (not an acronym)"
    assert resolved(text) == [
        ("ORG", "Belt and Road Initiative", "Belt and Road Initiative"),
        ("ORG", "BRI", "Belt and Road Initiative"),
        ("ORG", "BRI", "Belt and Road Initiative"),
        ("ORG", "Foreign Office", "Foreign Office"),
    ]


def test_a_long_form_the_recogniser_missed_is_read_before_its_acronym() -> None:
    assert names("under the Belt and Road Initiative ([ORG BRI]) now") == {
        "Belt and Road Initiative": "Belt and Road Initiative",
        "BRI": "Belt and Road Initiative",
    }


@pytest.mark.parametrize(
    ("acronym", "long", "answer"),
    [
        ("BRI", "Belt and Road Initiative", True),
        ("MoFAIC", "Ministry of Foreign Affairs and International Cooperation", True),
        ("CPP", "Cambodian People's Party", True),
        ("AFP", "Phnom Penh", False),
        ("PP", "PP", False),
    ],
)
def test_an_acronym_has_the_letters_of_its_long_form_in_order(acronym: str, long: str, answer: bool) -> None:
    assert abbreviates(acronym, long) is answer


def test_one_spelling_has_one_label() -> None:
    text = "[ORG Fresh News] said; [PERSON Fresh News] said; [ORG Fresh News] and [ORG FRESH NEWS] said"
    assert resolved(text) == [("ORG", "Fresh News", "Fresh News")] * 3 + [("ORG", "FRESH NEWS", "Fresh News")]


def test_nothing_in_gives_nothing_out() -> None:
    assert resolve("", (), ()) == ()
