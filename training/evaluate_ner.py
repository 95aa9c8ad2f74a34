"""`python -m training.evaluate_ner [MODEL ...]`: how well entities are found, on newswire and on public test sets.

Promises exact-match precision, recall and F1 (micro, over people, organisations and places), on sets that no training
here has read: our newswire dev and test (docs/entities.md; choose by dev), UNER English-EWT test, CrossNER politics
test and GUM news. GPE, LOC and FAC count as one label, because the public gold says only "place"; other labels that
the gold marks have a line of their own. Gold and models alike leave out articles, possessives and titles; the full
stop after an abbreviation makes no difference. GUM marks only names with a Wikipedia article, so that there recall
alone means something. Without a MODEL it measures the shipped weights; beside each it measures the model they
started from.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from spacy.util import load_config

from pipeline.enrich.ner import FOLDER, Found, Recogniser
from training.ner import CONFIG, OTHER_PARTS
from training.newswire import SPLITS, newswire
from training.samples import CROSSNER, Sample, Span, conll, data_folder, gum, uner

CORE = frozenset({"PERSON", "ORG", "PLACE"})
_PLACES = frozenset({"GPE", "LOC", "FAC", "PLACE"})

_Mark = tuple[int, int, int, str]  # number of the sample, start, end, label


class Finder(Protocol):
    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]: ...


@dataclass(frozen=True, slots=True)
class GoldSet:
    name: str
    samples: tuple[Sample, ...]
    labels: frozenset[str]  # what its gold annotates


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    given: int
    gold: int

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.given + self.gold)

    @property
    def cell(self) -> str:
        precision, recall = self.right / max(1, self.given), self.right / max(1, self.gold)
        return f"{self.f1:.3f} ({precision:.2f}/{recall:.2f})"


def test_sets(folder: Path) -> Iterator[GoldSet]:
    """The sets of the data folder, newswire first."""
    for split in SPLITS:
        yield GoldSet(f"newswire {split}", tuple(newswire(folder, split)), CORE | {"EVENT", "NORP"})
    yield GoldSet("UNER EWT test", tuple(uner(folder / "ner" / "uner_en_ewt-test.iob2")), CORE)
    politics = conll(folder / "ner" / "crossner_politics-test.txt", CROSSNER)
    yield GoldSet("CrossNER politics test", tuple(politics), CORE | {"EVENT"})
    paths = sorted((folder / "ner" / "gum").glob("GUM_news_*.conllu"))
    yield GoldSet("GUM news", tuple(sample for path in paths for sample in gum(path)), CORE | {"EVENT"})


def measure(finder: Finder, tests: GoldSet) -> dict[str, Score]:
    """Exact matches by label, and under "" those of people, bodies and places together."""
    found = finder.find([sample.text for sample in tests.samples])
    wanted, got = set[_Mark](), set[_Mark]()
    for number, (sample, names) in enumerate(zip(tests.samples, found, strict=True)):
        wanted |= set(_comparable(number, sample.text, sample.spans))
        got |= set(_comparable(number, sample.text, ((name.start, name.end, name.label) for name in names)))
    groups = {"": CORE} | {label: {label} for label in sorted(tests.labels)}
    return {name: _score(wanted, got, labels) for name, labels in groups.items()}


def _score(wanted: Set[_Mark], got: Set[_Mark], labels: Set[str]) -> Score:
    gold, given = ({span for span in spans if span[-1] in labels} for spans in (wanted, got))
    return Score(len(gold & given), len(given), len(gold))


def _comparable(number: int, text: str, spans: Iterable[Span]) -> Iterator[_Mark]:
    for start, end, label in spans:
        end -= text[start:end].endswith(".")
        yield number, start, end, "PLACE" if label in _PLACES else label


def stock() -> Recogniser:
    """The model that training starts from, with the same trimming of spans."""
    nlp = import_module(str(load_config(CONFIG)["paths"]["stock"])).load(exclude=OTHER_PARTS)
    return Recogniser(nlp)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    options = parser.parse_args()
    folder = data_folder()
    if not folder.is_dir():
        raise SystemExit(f"no test data at {folder}; set NEWSWATCH_DATA")
    models: dict[str, Path] = {path.name: path for path in options.models} or {"shipped": FOLDER}
    finders: dict[str, Finder] = {"stock": stock(), **{name: Recogniser.load(path) for name, path in models.items()}}
    print("F1 (precision/recall)".ljust(32), *(name.rjust(18) for name in finders))
    for tests in test_sets(folder):
        scores = [measure(finder, tests) for finder in finders.values()]
        for label in scores[0]:
            name = label and f"  {label}"
            print((name or tests.name).ljust(32), *(score[label].cell.rjust(18) for score in scores))


if __name__ == "__main__":
    main()
