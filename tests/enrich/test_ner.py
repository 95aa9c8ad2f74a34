"""The shipped recogniser: what it finds, what it must not find, and that any text passes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.pipeline import EntityRecognizer

from pipeline.enrich.ner import FOLDER, LABELS, Recogniser, trimmed
from pipeline.errors import ModelError
from pipeline.model import Label

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load()


def found(recogniser: Recogniser, text: str) -> set[tuple[str, str]]:
    return {(name.label, text[name.start : name.end]) for name in recogniser.find([text])[0]}


def test_the_seven_kinds_are_found(recogniser: Recogniser) -> None:
    text = (
        "Vietnamese President Nguyen Xuan Phuc flew from Suvarnabhumi Airport to Jakarta for the ASEAN Summit. "
        "Officials of the European Commission spoke about the South China Sea."
    )
    assert found(recogniser, text) >= {
        ("NORP", "Vietnamese"),
        ("PERSON", "Nguyen Xuan Phuc"),
        ("FAC", "Suvarnabhumi Airport"),
        ("GPE", "Jakarta"),
        ("EVENT", "ASEAN Summit"),
        ("ORG", "European Commission"),
        ("LOC", "South China Sea"),
    }


def test_long_names_of_ministries_are_whole(recogniser: Recogniser) -> None:
    text = (
        "The Ministry of Agriculture, Forestry and Fisheries and the Ministry of Economy and Finance agreed on Monday."
    )
    assert found(recogniser, text) == {
        ("ORG", "Ministry of Agriculture, Forestry and Fisheries"),
        ("ORG", "Ministry of Economy and Finance"),
    }


def test_dates_numbers_and_common_words_are_no_names(recogniser: Recogniser) -> None:
    text = "On Monday, 8 November 2021, about 51 percent of them said it shouldbe done by next year for $3 million."
    assert found(recogniser, text) == set()


def test_numpy_s_multiplication_finds_what_blis_finds(recogniser: Recogniser) -> None:
    nlp = spacy.load(FOLDER)
    nlp.vocab.vectors.data = nlp.vocab.vectors.data.astype("float32")
    for component in (part for _, part in nlp.components if isinstance(part, EntityRecognizer)):
        for node in component.model.walk():
            for name in node.param_names:
                if node.has_param(name):
                    node.set_param(name, node.get_param(name).astype("float32"))
    seed = next((ROOT / "seeds").glob("000_*.txt")).read_text(encoding="utf-8")
    texts = [seed, *seed.split("\n\n")]
    assert Recogniser(nlp).find(texts) == recogniser.find(texts)


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("the European Union", "ORG", "European Union"),
        ("Premier Li Keqiang", "PERSON", "Li Keqiang"),
        ("Deputy Prime Minister Hor Namhong’s", "PERSON", "Hor Namhong"),
        ("Samdech Techo Hun Sen's", "PERSON", "Hun Sen"),
        ("“Hun Manet”", "PERSON", "Hun Manet"),
        ("Martin Luther King Jr.", "PERSON", "Martin Luther King Jr"),
        ("U.S.", "GPE", "U.S."),
        ("General Department of Taxation", "ORG", "General Department of Taxation"),
        ("the", "ORG", "the"),
        ("An Giang", "GPE", "An Giang"),
    ],
)
def test_what_does_not_belong_to_a_name_is_trimmed(text: str, label: Label, name: str) -> None:
    start, end = trimmed(text, 0, len(text), label)
    assert text[start:end] == name


def test_names_are_given_text_by_text(recogniser: Recogniser) -> None:
    texts = ["Tokyo is big.", "", "Nothing here.", "Paris is old."]
    names = [
        [text[each.start : each.end] for each in row] for text, row in zip(texts, recogniser.find(texts), strict=True)
    ]
    assert names == [["Tokyo"], [], [], ["Paris"]]


def test_a_batch_gives_what_its_texts_give_alone(recogniser: Recogniser) -> None:
    texts = ["Wang Yi met Retno Marsudi in Bali.", "The World Bank warned Laos.", "Hanoi and Seoul signed."]
    assert recogniser.find(texts) == [recogniser.find([text])[0] for text in texts]


@pytest.mark.parametrize(
    "junk", ["a" * 50_000, "(" * 50_000, "http://" + "x." * 20_000, "\x00\ud800 " * 2_000, "\n" * 50_000]
)
def test_pathological_texts_pass_in_bounded_time(recogniser: Recogniser, junk: str) -> None:
    assert ("GPE", "Tokyo") in found(recogniser, f"He lives in Tokyo now.\n{junk}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=120))
def test_any_text_gives_spans_on_one_line(recogniser: Recogniser, text: str) -> None:
    for name in recogniser.find([text])[0]:
        assert name.label in LABELS
        assert 0 <= name.start < name.end <= len(text)
        assert "\n" not in text[name.start : name.end]


def test_missing_weights_are_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="make train"):
        Recogniser.load(tmp_path / "nothing")


def test_damaged_weights_are_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "config.cfg").write_text("[nlp]\nlang = 5\n", encoding="utf-8")
    (tmp_path / "meta.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError):
        Recogniser.load(tmp_path)


def test_the_weights_say_what_they_were_made_of_and_are_small() -> None:
    meta = json.loads((FOLDER / "meta.json").read_text(encoding="utf-8"))
    assert meta["license"] == "CC BY-SA 4.0"
    assert all({"name", "author", "license"} <= source.keys() for source in meta["sources"])
    assert any("UNER" in source["author"] for source in meta["sources"])
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    sizes = {path.name: path.stat().st_size for path in files}
    assert sizes.pop("vectors") <= 16 * 1024 * 1024  # of 121,675 words, 64 numbers of two bytes each
    assert max(sizes.values()) < 5 * 1024 * 1024
