"""Labels that no person gave: those of teachers, for samples that do not say everything.

Promises samples in the label scheme of OntoNotes. Where gold speaks, gold holds; PLACE is split into GPE, LOC and FAC
by the stock model or by the words of the name; what gold is silent on (NORP, DATE, ...) comes from the stock model.
News, tweets and government reports have the seven labels of Newswatch from `training.teacher`, whose spans are kept
beside this module (by the item's id and offsets, without its text), and the others from the stock model. It trains
nothing.
"""

from __future__ import annotations

import json
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from spacy.language import Language

from training.newswire import NEWS, held_out
from training.samples import Sample, Span, conll, trim

LABELS = Path(__file__).with_name("silver.jsonl.xz")
TWEETS = ("btc/*.conll", "wnut17_wnut17train.conll")
MOST_TWEETS = 4_000
PLACES = frozenset({"GPE", "LOC", "FAC"})
OURS = frozenset({"PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "FAC"})
_LOC = re.compile(
    r"\b(?:Sea|Ocean|River|Lake|Mount|Mountains?|Valley|Bay|Gulf|Strait|Island|Islands|Desert|Peninsula|Coast|"
    r"Asia|Europe|Africa|Pacific|Atlantic|Mekong|Middle East|Basin|Delta|Peak|Plateau|Canal|Forest|Falls)\b"
)
_FAC = re.compile(
    r"\b(?:Airport|Bridge|Street|Road|Avenue|Highway|Expressway|Palace|Square|Stadium|Building|Tower|Station|Port|"
    r"Dam|Hotel|Museum|Temple|Wat|Church|Cathedral|Mosque|Prison|Base|Railway|Park|Hall|House|Pagoda|Monument)$"
)
_MARKED_UP = "brian14708"  # whose paragraphs are long


@dataclass(frozen=True, slots=True)
class Group:
    """A few paragraphs of a news item, or a sentence of another file, by their number in it."""

    item: str
    number: int
    text: str

    @property
    def checksum(self) -> int:
        return zlib.crc32(self.text.encode())


def teach(stock: Language, texts: Sequence[str]) -> list[tuple[Span, ...]]:
    """The stock model's spans of each text, without articles and possessives."""
    found = []
    for doc in stock.pipe(texts, batch_size=64):
        spans = ((*trim(doc.text, ent.start_char, ent.end_char), ent.label_) for ent in doc.ents)
        found.append(tuple(span for span in spans if span[0] < span[1]))
    return found


def merge(sample: Sample, taught: Iterable[Span], *, complete: bool) -> Sample:
    """Gold first. `complete` says that gold marked every person, organisation and place of the text."""
    taught = tuple(taught)
    spans = [_settled(sample.text, span, taught) for span in sample.spans]
    gold = [span for span in spans if span[2] != "OTHER"]
    for span in taught:
        owned = complete and span[2] in PLACES | {"PERSON", "ORG"}
        if not owned and not any(_overlap(span, other) for other in gold):
            gold.append(span)
    return Sample(sample.text, tuple(sorted(gold)))


def groups(folder: Path) -> list[Group]:
    """All news of the data folder, tweets (BTC, WNUT-17) and government reports (re3d), in a fixed order.

    News whose names are marked by hand is for scoring, and left out.
    """
    found: list[Group] = []
    scored = held_out()
    for line in (folder / NEWS).read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["id"] not in scored:
            texts = _groups(f"{item['title']}\n{item['text']}".strip(), item["source"].startswith(_MARKED_UP))
            found += [Group(item["id"], number, text) for number, text in enumerate(texts)]
    for pattern in (*TWEETS, "re3d/*.conll"):
        for path in sorted((folder / "ner").glob(pattern)):
            found += [Group(path.stem, number, sample.text) for number, sample in enumerate(conll(path, {}))]
    return found


def silver(folder: Path, stock: Language, random: Random) -> list[Sample]:
    """All groups with the teacher's spans, but of tweets only `MOST_TWEETS`, since they are no news.

    Raises ValueError naming an item whose text is not what the teacher read.
    """
    known = {}
    with lzma.open(LABELS, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            known[row["item"], row["number"]] = row
    everything = groups(folder)
    tweets = {path.stem for pattern in TWEETS for path in (folder / "ner").glob(pattern)}
    chosen = [group for group in everything if group.item not in tweets]
    short = [group for group in everything if group.item in tweets]
    chosen += random.sample(short, min(MOST_TWEETS, len(short)))
    samples = []
    for group, others in zip(chosen, teach(stock, [group.text for group in chosen]), strict=True):
        row = known.get((group.item, group.number))
        if row is None or row["checksum"] != group.checksum:
            raise ValueError(f"{group.item}, group {group.number}: the text is not the one that the teacher read")
        spans: list[Span] = [(start, end, label) for start, end, label in row["spans"]]
        spans += [span for span in others if span[2] not in OURS and not any(_overlap(span, own) for own in spans)]
        samples.append(Sample(group.text, tuple(sorted(spans))))
    return samples


def _groups(text: str, long: bool) -> Iterator[str]:
    paragraphs = [part for part in text.split("\n") if part.strip()]
    size = 3 if long else 6
    for first in range(0, len(paragraphs), size):
        yield "\n".join(paragraphs[first : first + size])


def _settled(text: str, span: Span, taught: Sequence[Span]) -> Span:
    start, end, label = span
    if label != "PLACE":
        return span
    same = [other[2] for other in taught if _overlap(span, other) and other[2] in PLACES]
    if same:
        return start, end, same[0]
    name = text[start:end]
    return start, end, "FAC" if _FAC.search(name) else "LOC" if _LOC.search(name) else "GPE"


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
