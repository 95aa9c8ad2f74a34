"""Trains the model half of topic classification, for the topics that ship and for those of an operator.

Promises the same weights from the same examples (fixed seeds, one thread), and opinions on each text of models that
have seen no text of its story, so that a memory of a text is not mistaken for knowledge. It neither finds examples
nor judges the result: see `topiclearning`, and `training.topics` for what ships.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import spacy
from spacy.language import Language
from spacy.training import Example as Lesson
from thinc.api import fix_random_seed

from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.signals import FEATURES, Signals, read_signals
from pipeline.enrich.topicmodel import LEFT_OUT, PIPE, TopicModel, beginning, categorizer, make_doc, words
from pipeline.enrich.topics import COMBINATION, Weights
from pipeline.text.normalise import clean, normalise

SEED = 20
EPOCHS = 12
BATCH = 32
FOLDS = 5
LEAST_STEPS = 160  # of few examples, more rounds in smaller batches: after a dozen steps a model is sure of nothing
MODEL = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": False, "ngram_size": 2, "length": 131072}
MODEL |= {"no_output_layer": False}

Tokens = list[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text. Everything made from one text has its `story`; no story is in two splits or folds."""

    story: str
    language: str | None
    title: str
    text: str
    topics: frozenset[str]
    weight: float = 1.0
    clear: frozenset[str] = frozenset()  # those of `topics` that it is plainly about (docs/topics.md)


def tokens_of(example: Example) -> Tokens:
    text = normalise(f"{example.title}\n{example.text}").text
    return words(text, beginning(text, example.language))


def signals(example: Example, matcher: PatternMatcher) -> list[Signals]:
    text = normalise(f"{example.title}\n{example.text}").text
    return read_signals(text, len(clean(example.title)), matcher)


def train(examples: Sequence[Example], tokens: Sequence[Tokens], names: Sequence[str]) -> Language:
    """A pipeline of one `textcat_multilabel`, its labels `names` in order."""
    fix_random_seed(SEED)
    chance = Random(SEED)
    nlp = spacy.blank("xx")
    nlp.add_pipe(PIPE, config={"model": MODEL, "threshold": 0.5})
    lessons = [
        Lesson.from_dict(make_doc(nlp, row), {"cats": {name: float(name in one.topics) for name in names}})
        for one, row in zip(examples, tokens, strict=True)
    ]
    optimizer = nlp.initialize(lambda: lessons)
    categorizer(nlp)
    epochs, batch = _rounds(len(lessons))
    for _ in range(epochs):
        chance.shuffle(lessons)
        for start in range(0, len(lessons), batch):
            nlp.update(lessons[start : start + batch], sgd=optimizer)
    return nlp


def _rounds(examples: int) -> tuple[int, int]:
    """(epochs, batch size)"""
    if EPOCHS * math.ceil(examples / BATCH) >= LEAST_STEPS:
        return EPOCHS, BATCH
    return math.ceil(LEAST_STEPS / math.ceil(examples / (BATCH // 4))), BATCH // 4


def cross_validated(
    examples: Sequence[Example], tokens: Sequence[Tokens], names: Sequence[str], *, folds: int = FOLDS
) -> list[dict[str, float]]:
    """What models say of each text that have seen no text of its story."""
    stories = {story: number for number, story in enumerate(sorted({one.story for one in examples}))}
    parts = [stories[one.story] % folds for one in examples]
    opinions: dict[int, dict[str, float]] = {}
    for fold in range(folds):
        seen = [at for at, number in enumerate(parts) if number != fold]
        unseen = [at for at, number in enumerate(parts) if number == fold]
        model = TopicModel(train([examples[at] for at in seen], [tokens[at] for at in seen], names))
        opinions |= dict(zip(unseen, model.predict([tokens[at] for at in unseen]), strict=True))
    return [opinions[at] for at in range(len(examples))]


def save(nlp: Language, combination: Mapping[str, Weights], folder: Path, *, meta: Mapping[str, object]) -> None:
    """Writes the model, the combination and where they come from."""
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    nlp.meta.update(meta)
    nlp.to_disk(folder, exclude=list(LEFT_OUT))
    rows = {
        name: asdict(weights) | {"features": dict(zip(FEATURES, weights.features, strict=True))}
        for name, weights in combination.items()
    }
    (folder / COMBINATION).write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
