"""What a teacher model adds to samples that do not say everything.

Promises samples in the label scheme of the teacher (OntoNotes): where gold speaks, gold holds; PLACE is split into
GPE, LOC and FAC by the teacher or by the words of the name; what gold is silent on (NORP, DATE, ...) comes from
the teacher. Text without gold gets the teacher's spans, made consistent: a name that is nearly always one label in
the corpus is that label everywhere. It trains nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from spacy.language import Language

from training.newswire import held_out
from training.samples import Sample, Span, trim

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
_ALWAYS = 0.75  # share of a name's mentions from which its label is taken for all of them
_OFTEN = 3


def teach(teacher: Language, texts: Sequence[str]) -> list[tuple[Span, ...]]:
    """The teacher's spans of each text, without articles and possessives."""
    found = []
    for doc in teacher.pipe(texts, batch_size=64):
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


def consistent(samples: Sequence[Sample]) -> list[Sample]:
    """The same samples, each name with the label it has nearly everywhere."""
    counts: dict[str, Counter[str]] = {}
    for sample in samples:
        for start, end, label in sample.spans:
            counts.setdefault(sample.text[start:end], Counter())[label] += 1
    usual: dict[str, str] = {name: _usual(labels) or "" for name, labels in counts.items()}
    return [
        Sample(each.text, tuple((s, e, usual[each.text[s:e]] or given) for s, e, given in each.spans))
        for each in samples
    ]


def unlabelled(path: Path, *, words: int, random: Random) -> list[str]:
    """Paragraph groups of the news items, about `words` in all; short sources whole, the rest at random.

    Items whose names are marked by hand are for scoring, and left out.
    """
    groups: list[str] = []
    scored = held_out()
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["id"] in scored:
            continue
        groups += _groups(f"{item['title']}\n{item['text']}".strip(), item["source"].startswith("brian14708"))
    random.shuffle(groups)
    groups.sort(key=lambda group: not _ours(group))
    taken, total = [], 0
    for group in groups:
        if total < words:
            taken.append(group)
            total += len(group.split())
    return taken


def _groups(text: str, long: bool) -> Iterator[str]:
    paragraphs = [part for part in text.split("\n") if part.strip()]
    size = 3 if long else 6
    for first in range(0, len(paragraphs), size):
        yield "\n".join(paragraphs[first : first + size])


def _ours(text: str) -> bool:
    return bool(re.search(r"Cambodia|ASEAN|Asean|Mekong|Hun Sen|Wang Yi|Xi Jinping|Summit|Vietnam|Laos|Myanmar", text))


def _settled(text: str, span: Span, taught: Sequence[Span]) -> Span:
    start, end, label = span
    if label != "PLACE":
        return span
    same = [other[2] for other in taught if _overlap(span, other) and other[2] in PLACES]
    if same:
        return start, end, same[0]
    name = text[start:end]
    return start, end, "FAC" if _FAC.search(name) else "LOC" if _LOC.search(name) else "GPE"


def _usual(labels: Counter[str]) -> str | None:
    label, count = labels.most_common(1)[0]
    return label if count >= _OFTEN and count >= _ALWAYS * labels.total() and label in OURS else None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
