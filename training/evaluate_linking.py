"""`python -m training.evaluate_linking [--errors]`: are names of the watch-list linked to their entries, and no others?

Reads training/gold/linking.jsonl: sentences as news prints them, sixty in each language, with every mention of an
entry of the watch-list, and with names that look like one and must not be linked (null). A link is right if it lies
where an entry is marked and names it; exact boundaries are the recogniser's business (`evaluate_ner`). `dev` may be
looked at to mend the list and the linker; of `test` only figures are read. `--errors` prints those of dev.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.config import load_config
from pipeline.enrich.annotator import Annotator
from pipeline.model import TextItem
from pipeline.settings import load_settings
from training.topics_data import GOLD, LANGUAGES, rows

Link = tuple[int, int, str]  # start, end, name of the entry


@dataclass(frozen=True, slots=True)
class Sentence:
    id: str
    language: str
    split: str  # "dev" or "test"
    text: str
    links: tuple[Link, ...]
    others: tuple[tuple[int, int], ...]  # names that are not an entry's


@dataclass(frozen=True, slots=True)
class Linked:
    """One sentence: links that were missed and those that should not be there."""

    sentence: Sentence
    right: int
    missed: tuple[Link, ...]
    wrong: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Result:
    precision: float
    recall: float


def sentences(*splits: str) -> tuple[Sentence, ...]:
    return tuple(_sentence(row) for row in rows(GOLD / "linking.jsonl") if row["split"] in splits)


def _sentence(row: dict[str, object]) -> Sentence:
    marked = row["mentions"]
    assert isinstance(marked, list)
    links = tuple((int(start), int(end), str(name)) for start, end, name in marked if name is not None)
    others = tuple((int(start), int(end)) for start, end, name in marked if name is None)
    return Sentence(str(row["id"]), str(row["language"]), str(row["split"]), str(row["text"]), links, others)


def annotator() -> Annotator:
    """With the configuration in force."""
    config = load_config(load_settings().config)
    return Annotator.load(config.topics, config.watchlist)


def link(annotator: Annotator, chosen: Sequence[Sentence]) -> list[Linked]:
    """What is linked in each sentence, read as an article of its own."""
    names = {entity.name for entity in load_config(load_settings().config).watchlist}
    items = [TextItem(one.id, "", one.text, one.language) for one in chosen]
    found = annotator.annotate(items)
    return [
        # An item without a title begins with the line break that parts the two.
        _compare(
            one, [(m.start - 1, m.end - 1, m.name) for m in annotation.mentions if m.name in names and not m.namesake]
        )
        for one, annotation in zip(chosen, found, strict=True)
    ]


def _compare(sentence: Sentence, found: Sequence[Link]) -> Linked:
    """Each marked link takes at most one of those found."""
    left = list(found)
    missed = []
    for wanted in sentence.links:
        same = next((given for given in left if _same(given, wanted)), None)
        if same:
            left.remove(same)
        else:
            missed.append(wanted)
    return Linked(sentence, len(sentence.links) - len(missed), tuple(missed), tuple(left))


def _same(one: Link, other: Link) -> bool:
    return one[2] == other[2] and one[0] < other[1] and other[0] < one[1]


def measure(linked: Sequence[Linked]) -> Result:
    """Over all links of the sentences together; a measure without a denominator is 1."""
    right = sum(one.right for one in linked)
    missed, wrong = sum(len(one.missed) for one in linked), sum(len(one.wrong) for one in linked)
    return Result(
        right / (right + wrong) if right + wrong else 1.0, right / (right + missed) if right + missed else 1.0
    )


def _errors(linked: Sequence[Linked]) -> Iterator[str]:
    for one in linked:
        for kind, links in (("missed", one.missed), ("wrong", one.wrong)):
            for start, end, name in links:
                yield f"{kind} {one.sentence.id} {one.sentence.text[start:end]} -> {name}: {one.sentence.text}"


def main(arguments: Sequence[str]) -> None:
    linked = link(annotator(), sentences("dev", "test"))
    for split in ("dev", "test"):
        for language in LANGUAGES:
            chosen = [one for one in linked if (one.sentence.split, one.sentence.language) == (split, language)]
            found, marked = measure(chosen), sum(len(one.sentence.links) for one in chosen)
            measures = f"precision {found.precision:.3f}, recall {found.recall:.3f}"
            print(f"{split:<5}{language}: {len(chosen)} sentences, {marked} links: {measures}")
    if "--errors" in arguments:
        print("\n".join(_errors([one for one in linked if one.sentence.split == "dev"])))


if __name__ == "__main__":
    main(sys.argv[1:])
