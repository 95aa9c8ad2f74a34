"""`python -m training.evaluate_ner [MODEL ...]`: how well entities are found, on public test sets.

Promises exact-match precision, recall and F1 (micro), on sets that no training here has read: UNER English-EWT
test, CrossNER politics test and GUM news. GPE, LOC and FAC count as one label, because the gold says only
"place"; what the gold does not annotate (NORP everywhere, EVENT in UNER) is not counted. GUM marks only names with
a Wikipedia article, so that there recall alone means something. Without a MODEL it measures the shipped weights;
beside each it measures the model they started from.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from spacy.util import load_config

from pipeline.enrich.ner import FOLDER, Found, Recogniser
from training.ner import CONFIG, OTHER_PARTS
from training.samples import CROSSNER, Sample, conll, data_folder, gum, uner

_PLACES = frozenset({"GPE", "LOC", "FAC", "PLACE"})


class Finder(Protocol):
    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]: ...


@dataclass(frozen=True, slots=True)
class TestSet:
    name: str
    samples: tuple[Sample, ...]
    labels: frozenset[str]  # what its gold annotates


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    given: int
    gold: int

    @property
    def line(self) -> str:
        precision, recall = self.right / max(1, self.given), self.right / max(1, self.gold)
        return f"P {precision:.3f}  R {recall:.3f}  F {2 * precision * recall / max(1e-9, precision + recall):.3f}"


def test_sets(folder: Path) -> Iterator[TestSet]:
    three = frozenset({"PERSON", "ORG", "PLACE"})
    yield TestSet("UNER EWT test", tuple(uner(folder / "uner_en_ewt-test.iob2")), three)
    politics = conll(folder / "crossner_politics-test.txt", CROSSNER)
    yield TestSet("CrossNER politics test", tuple(politics), three | {"EVENT"})
    news = [sample for path in sorted((folder / "gum").glob("GUM_news_*.conllu")) for sample in gum(path)]
    yield TestSet("GUM news", tuple(news), three | {"EVENT"})


def measure(finder: Finder, tests: TestSet, *, only: str | None = None) -> Score:
    """Micro-averaged exact matches, over all labels of the set or `only` one."""
    right = given = gold = 0
    found = finder.find([sample.text for sample in tests.samples])
    for sample, names in zip(tests.samples, found, strict=True):
        wanted = _coarse(sample.spans, tests.labels, only)
        got = _coarse(((name.start, name.end, name.label) for name in names), tests.labels, only)
        right, given, gold = right + len(wanted & got), given + len(got), gold + len(wanted)
    return Score(right, given, gold)


def _coarse(
    spans: Iterable[tuple[int, int, str]], labels: frozenset[str], only: str | None
) -> set[tuple[int, int, str]]:
    coarse = {(start, end, "PLACE" if label in _PLACES else label) for start, end, label in spans}
    return {span for span in coarse if span[2] in labels and only in (None, span[2])}


def stock() -> Recogniser:
    """The model that training starts from, with the same trimming of spans."""
    nlp = import_module(str(load_config(CONFIG)["paths"]["teacher"])).load(exclude=OTHER_PARTS)
    return Recogniser(nlp)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    options = parser.parse_args()
    folder = data_folder() / "ner"
    if not folder.is_dir():
        raise SystemExit(f"no test data at {folder}; set NEWSWATCH_DATA")
    models: dict[str, Path] = {path.name: path for path in options.models} or {"shipped": FOLDER}
    finders: dict[str, Finder] = {"stock": stock(), **{name: Recogniser.load(path) for name, path in models.items()}}
    for tests in test_sets(folder):
        for name, finder in finders.items():
            started = time.perf_counter()
            print(f"{tests.name:24} {name:12} {measure(finder, tests).line}  {time.perf_counter() - started:.1f} s")
            for label in sorted(tests.labels):
                print(f"{'':24} {label:12} {measure(finder, tests, only=label).line}")


if __name__ == "__main__":
    main()
