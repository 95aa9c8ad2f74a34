"""`python -m training.evaluate_names [--errors]`: how well names are found in French, Chinese and Khmer.

Promises exact-match F1 as `evaluate_ner` does, of two things: of the whole annotator, watch-list included, on sentences
written and marked by hand for this project (training/gold/names_*.jsonl, by docs/entities.md), and of the Chinese
recogniser alone on UNER GSDSIMP. Half of the sentences are `test` and nothing was mended by them; of GSDSIMP, train and
dev were looked at. GSDSIMP counts a place and the larger one before it as one name ("中国甘肃省酒泉市"), so there ours
that touch are joined. In Khmer the word that says what a place is ("ខេត្ត", province) makes no difference. `--errors`
prints what is wrong on the `dev` sentences.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.enrich.annotator import Annotator
from pipeline.enrich.chinese import ChineseRecogniser
from pipeline.enrich.ner import Found
from pipeline.model import TextItem
from training.evaluate_linking import annotator
from training.evaluate_ner import CORE, Finder, GoldSet, measure
from training.samples import Sample, Span, data_folder, uner
from training.topics_data import GOLD, rows

MARKED = ("fr", "zh", "km")
SPLITS = ("dev", "test")

_PLACES = frozenset({"GPE", "LOC", "FAC"})
_WHAT = re.compile("(?:ប្រទេស|រាជធានី|ខេត្ត|ទីក្រុង|ក្រុង|ស្រុក|ខណ្ឌ|ឃុំ|សង្កាត់|ភូមិ|ទន្លេ|ទ្វីប)\u200b?")


@dataclass(frozen=True, slots=True)
class Whole:
    """The annotator as one that finds names in texts of a language."""

    annotator: Annotator
    language: str

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        items = [TextItem(str(number), "", text, self.language) for number, text in enumerate(texts)]
        annotations = self.annotator.annotate(items)
        return [
            tuple(_bare(text, Found(each.start - 1, each.end - 1, each.label)) for each in annotation.mentions)
            for text, annotation in zip(texts, annotations, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Joined:
    """A finder whose places that touch are one."""

    finder: Finder

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        return [tuple(_joined(found)) for found in self.finder.find(texts)]


def marked(language: str, split: str) -> GoldSet:
    """The sentences of one half."""
    chosen = [row for row in rows(GOLD / f"names_{language}.jsonl") if row["split"] == split]
    return GoldSet(f"{language} {split}", tuple(Sample(str(row["text"]), _spans(row["spans"])) for row in chosen), CORE)


def gsdsimp(folder: Path, split: str) -> GoldSet:
    samples = uner(folder / "ner" / f"uner_zh_gsdsimp-{split}.iob2")
    return GoldSet(f"UNER GSDSIMP {split}", tuple(samples), CORE)


def tests(folder: Path, whole: Annotator) -> Iterator[tuple[GoldSet, Finder]]:
    """Every set with what is measured on it; GSDSIMP only where the data folder is."""
    for language in MARKED:
        for split in SPLITS:
            yield marked(language, split), Whole(whole, language)
    if (folder / "ner").is_dir():
        for split in SPLITS:
            yield gsdsimp(folder, split), Joined(ChineseRecogniser.load())


def errors(tests: GoldSet, finder: Finder) -> Iterator[str]:
    """Names missed (-) and found where none is (+), with their texts."""
    for sample, found in zip(tests.samples, finder.find([each.text for each in tests.samples]), strict=True):
        wanted = {(start, end, _core(label)) for start, end, label in sample.spans}
        got = {(each.start, each.end, _core(each.label)) for each in found}
        wrong = [("-", span) for span in sorted(wanted - got)] + [("+", span) for span in sorted(got - wanted)]
        if wrong:
            yield sample.text
            yield from (f"  {sign} {sample.text[start:end]} {label}" for sign, (start, end, label) in wrong)


def _core(label: str) -> str:
    return "PLACE" if label in _PLACES else label


def _spans(marked: object) -> tuple[Span, ...]:
    assert isinstance(marked, list)
    return tuple((int(start), int(end), str(label)) for start, end, label in marked)


def _bare(text: str, found: Found) -> Found:
    what = _WHAT.match(text, found.start, found.end) if found.label in _PLACES else None
    return replace(found, start=what.end()) if what and what.end() < found.end else found


def _joined(found: Sequence[Found]) -> Iterator[Found]:
    last: Found | None = None
    for each in found:
        if last and last.end == each.start and {last.label, each.label} <= _PLACES:
            last = replace(last, end=each.end)
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def main() -> None:
    print("F1 (precision/recall)".ljust(24), *(name.rjust(18) for name in ("all", "people", "bodies", "places")))
    for gold, finder in tests(data_folder(), annotator()):
        scores = measure(finder, gold)
        print(gold.name.ljust(24), *(scores[name].cell.rjust(18) for name in ("", "PERSON", "ORG", "PLACE")))
        if "--errors" in sys.argv and gold.name.endswith("dev") and "UNER" not in gold.name:
            print("\n".join(errors(gold, finder)))


if __name__ == "__main__":
    main()
