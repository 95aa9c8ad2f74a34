"""Learns one topic from an operator's labels, and says whether that is better than what decides it now.

Promises an honest comparison: every score shown here is of a text whose story nothing that judged it had seen, the
threshold included (cross-validation within cross-validation, by story). What is handed over in the end has learned
from all labels. Few labels leave the weights near those that decide now, more move them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language

from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.signals import Signals
from pipeline.enrich.topicfit import fit
from pipeline.enrich.topicmodel import TopicModel
from pipeline.enrich.topics import ANY_TOPIC, TopicClassifier, Weights, load_weights, logit, supported
from pipeline.enrich.topictraining import Example, Tokens, cross_validated, signals, tokens_of, train
from pipeline.model import Topic

LEAST = 10  # stories about the topic, and as many that are not: with fewer, no comparison says anything
FOLDS = 4
STEPS = (1 / 3, 2 / 3, 1.0)  # shares of the labels in the learning curve
_LOWEST, _HIGHEST = 0.2, 0.8  # of a threshold: outside, it rests on one text


@dataclass(frozen=True, slots=True)
class Result:
    """Counts, and the usual measures of them; a measure without a denominator is 1."""

    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Learned:
    nlp: Language
    weights: Weights
    threshold: float


@dataclass(frozen=True, slots=True)
class Side:
    """What the texts of one language, or of all, show: with what decides now, and with what was learned of others."""

    language: str
    texts: int
    about: int
    now: Result
    learned: Result


@dataclass(frozen=True, slots=True)
class Study:
    sides: tuple[Side, ...]  # the last one of all languages
    curve: tuple[tuple[int, float], ...]  # (labels learned from, F1 on texts of other stories); the first without any
    learned: Learned  # from everything

    @property
    def better(self) -> bool:
        return self.sides[-1].learned.f1 > self.sides[-1].now.f1


@dataclass(frozen=True, slots=True)
class _Read:
    """An example, and what both halves of the classifier see in it."""

    example: Example
    about: bool
    tokens: Tokens
    signals: Signals


def study(topic: Topic, labelled: Sequence[Example], *, more: Sequence[Example] = ()) -> Study:
    """Learn `topic` from labelled examples, and from `more` that no score is made of. Raises ModelError.

    `labelled` must hold LEAST stories of either kind.
    """
    rows, others = _read(topic, labelled), _read(topic, more)
    now = _decided_now(topic, rows)
    curve, found = [(0, _result(rows, now).f1)], now
    for share in STEPS:
        learned_from, found = _tried(topic, rows, others, share)
        curve.append((learned_from, _result(rows, found).f1))
    return Study(_sides(rows, now, found), tuple(curve), _learn(topic, [*rows, *others]))


def _tried(topic: Topic, rows: Sequence[_Read], others: Sequence[_Read], share: float) -> tuple[int, list[bool]]:
    """What is said of each text by what was learned from a share of the other folds; and how many texts that were."""
    folds, sizes = _folds(rows), []
    found: dict[int, bool] = {}
    for fold in range(FOLDS):
        part = _share([row for row, at in zip(rows, folds, strict=True) if at != fold], share)
        unseen = [at for at, number in enumerate(folds) if number == fold]
        learned = _learn(topic, [*part, *others])
        found |= dict(zip(unseen, _judged(learned, topic, [rows[at] for at in unseen]), strict=True))
        sizes.append(len(part))
    return round(sum(sizes) / FOLDS), [found[at] for at in range(len(rows))]


def _read(topic: Topic, examples: Iterable[Example]) -> list[_Read]:
    matcher = PatternMatcher((topic,))
    return [_Read(one, topic.name in one.topics, tokens_of(one), signals(one, matcher)[0]) for one in examples]


def _folds(rows: Sequence[_Read]) -> list[int]:
    """The fold of each: whole stories, both kinds and all languages in each fold where there are enough."""
    seen: Counter[tuple[str | None, bool]] = Counter()
    fold: dict[str, int] = {}
    for row in sorted(rows, key=_drawn):
        if row.example.story not in fold:
            kind = (row.example.language, row.about)
            fold[row.example.story] = seen[kind] % FOLDS
            seen[kind] += 1
    return [fold[row.example.story] for row in rows]


def _drawn(row: _Read) -> str:
    return hashlib.sha256(row.example.story.encode()).hexdigest()


def _share(rows: Sequence[_Read], share: float) -> list[_Read]:
    """The first of each kind, in the order in which they are drawn, and some of both kinds in any case."""
    chosen: list[_Read] = []
    for about in (True, False):
        kind = sorted((row for row in rows if row.about is about), key=_drawn)
        chosen += kind[: max(FOLDS, round(share * len(kind)))]
    return chosen


def _decided_now(topic: Topic, rows: Sequence[_Read]) -> list[bool]:
    classifier = TopicClassifier.load((topic,))
    texts = [(row.example.title, row.example.text, row.example.language) for row in rows]
    return [scores[0].match for scores in classifier.classify(texts)]


def _learn(topic: Topic, rows: Sequence[_Read]) -> Learned:
    examples, tokens = [row.example for row in rows], [row.tokens for row in rows]
    known = load_weights()
    prior = known.get(topic.name, known[ANY_TOPIC])
    opinions = [each[topic.name] for each in cross_validated(examples, tokens, [topic.name], folds=FOLDS)]
    values = [(*row.signals.features, logit(opinion)) for row, opinion in zip(rows, opinions, strict=True)]
    labels = [row.about for row in rows]
    weights = fit(values, labels, [row.example.weight for row in rows], model=True, prior=prior)
    scores = [weights.score(row.signals.features, opinion) for row, opinion in zip(rows, opinions, strict=True)]
    own = [(score, row.about) for score, row in zip(scores, rows, strict=True) if row.example.weight == 1.0]
    return Learned(train(examples, tokens, [topic.name]), weights, _threshold(own))


def _threshold(scored: Sequence[tuple[float, bool]]) -> float:
    """The one with the best F1, and of those in a row the middle."""
    choices = [round(_LOWEST + step / 100, 2) for step in range(round((_HIGHEST - _LOWEST) * 100) + 1)]
    f1 = {at: _f1([(score >= at, about) for score, about in scored]) for at in choices}
    best = [at for at in choices if f1[at] == max(f1.values())]
    return min(best, key=lambda at: (abs(at - best[len(best) // 2]), abs(at - 0.5)))


def _f1(rows: Sequence[tuple[bool, bool]]) -> float:
    return Result(rows.count((True, True)), rows.count((True, False)), rows.count((False, True))).f1


def _judged(learned: Learned, topic: Topic, rows: Sequence[_Read]) -> list[bool]:
    opinions = TopicModel(learned.nlp).predict([row.tokens for row in rows])
    return [
        supported(learned.weights.score(row.signals.features, opinion[topic.name]), row.signals, learned.threshold)
        >= learned.threshold
        for row, opinion in zip(rows, opinions, strict=True)
    ]


def _sides(rows: Sequence[_Read], now: Sequence[bool], learned: Sequence[bool]) -> tuple[Side, ...]:
    languages = sorted({row.example.language or "?" for row in rows})
    sides = []
    for language in (*languages, "all"):
        at = [number for number, row in enumerate(rows) if language in ("all", row.example.language or "?")]
        some = [rows[number] for number in at]
        results = [_result(some, [matches[number] for number in at]) for matches in (now, learned)]
        sides.append(Side(language, len(some), sum(row.about for row in some), *results))
    return tuple(sides)


def _result(rows: Sequence[_Read], matches: Sequence[bool]) -> Result:
    pairs = [(row.about, match) for row, match in zip(rows, matches, strict=True)]
    return Result(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


def stories(examples: Iterable[Example], topic: str) -> Mapping[bool, int]:
    """How many stories are about the topic, and how many are not."""
    said = {one.story: topic in one.topics for one in examples}
    return {about: sum(each is about for each in said.values()) for about in (True, False)}
