"""Is this article about the topic, how surely, and because of which words?

Promises one score in 0..1 per configured topic, from the trained model and the topic's patterns by one logistic
function per topic, and evidence spans of the raw `title + "\\n" + text`. A match always has evidence: what no
pattern supports stays below the threshold. A topic that no model was trained on is scored by its patterns
alone; one that the operator trained (`topictraining`), by that model. It fetches nothing and knows no alert rules.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.signals import FEATURES, Signals, read_signals
from pipeline.enrich.topicmodel import FOLDER, REMEDY, TopicModel, beginning, load_model, shipped_model, words
from pipeline.errors import ModelError
from pipeline.model import Span, Topic, TopicScore
from pipeline.text.normalise import Normalised, clean, normalise

COMBINATION = "combination.json"
ANY_TOPIC = "*"  # weights for topics that the model does not know
_LIMIT = 30.0  # of a logit; exp() of more is of no use
_UNSUPPORTED = 0.98  # of the threshold: the most that words without evidence can score


@dataclass(frozen=True, slots=True)
class Weights:
    """One logistic function: `bias + model * logit(probability) + sum(weights * features)`."""

    bias: float
    model: float
    features: tuple[float, ...]  # in the order of FEATURES

    def score(self, features: Sequence[float], probability: float) -> float:
        total = self.bias + self.model * logit(probability)
        total += sum(weight * value for weight, value in zip(self.features, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-_LIMIT, min(_LIMIT, total))))


def logit(probability: float) -> float:
    """Log odds, kept within +-4: of a text unlike its lessons the model can be very sure and wrong."""
    bounded = min(max(probability, 0.018), 0.982)
    return math.log(bounded / (1.0 - bounded))


class TopicClassifier:
    """Scores texts on `topics`, in their order. Safe to use again and again; not changed by use."""

    def __init__(self, topics: Sequence[Topic], models: Sequence[TopicModel], weights: Mapping[str, Weights]) -> None:
        """Of several models that know a topic, the last one speaks."""
        self._topics = tuple(topics)
        self._matcher = PatternMatcher(self._topics)
        self._models = tuple(models)
        self._weights = tuple(weights.get(topic.name, weights[ANY_TOPIC]) for topic in self._topics)

    @classmethod
    def load(cls, topics: Sequence[Topic], *, folder: Path = FOLDER, own: Path | None = None) -> TopicClassifier:
        """The classifier with the weights in `folder`, and in own/TOPIC for each topic that has such a folder.

        Raises ModelError if they are missing or do not fit.
        """
        weights = load_weights(folder)
        models = [shipped_model(folder)]
        for topic in topics:
            if own is not None and (trained := own / topic.name).is_dir():
                remedy = f"run `newswatch topics train {topic.name}`, or add --undo"
                models.append(load_model(trained, remedy=remedy))
                weights |= load_weights(trained, needed=topic.name, remedy=remedy)
        return cls(topics, models, weights)

    def classify(self, texts: Sequence[tuple[str, str, str | None]]) -> list[tuple[TopicScore, ...]]:
        """Scores of each (title, text, language), raw as they came; language None if unknown."""
        return [scores for scores, _ in self.examine(texts)]

    def examine(
        self, texts: Sequence[tuple[str, str, str | None]]
    ) -> list[tuple[tuple[TopicScore, ...], tuple[Signals, ...]]]:
        """The same, and beside each score the signals of the topic's words, for who asks how near a text comes."""
        normal = [normalise(f"{title}\n{text}") for title, text, _ in texts]
        spans = [beginning(one.text, language) for one, (_, _, language) in zip(normal, texts, strict=True)]
        opinions = self._opinions([words(one.text, found) for one, found in zip(normal, spans, strict=True)])
        scored = []
        for one, (title, _, _), found, opinion in zip(normal, texts, spans, opinions, strict=True):
            signals = read_signals(one.text, len(clean(title)), self._matcher, words=found)
            scored.append((self._scores(one, signals, opinion), tuple(signals)))
        return scored

    def _opinions(self, texts: Sequence[Sequence[str]]) -> list[dict[str, float]]:
        opinions: list[dict[str, float]] = [{} for _ in texts]
        for model in self._models:
            for opinion, more in zip(opinions, model.predict(texts), strict=True):
                opinion |= more
        return opinions

    def _scores(
        self, text: Normalised, signals: Sequence[Signals], probabilities: Mapping[str, float]
    ) -> tuple[TopicScore, ...]:
        scores = []
        for topic, weights, found in zip(self._topics, self._weights, signals, strict=True):
            score = supported(weights.score(found.features, probabilities.get(topic.name, 0.5)), found, topic.threshold)
            evidence = tuple(_raw(text, start, end) for start, end in found.evidence)
            scores.append(TopicScore(topic.name, score, score >= topic.threshold, evidence))
        return tuple(scores)

    def candidate(self, scores: Sequence[TopicScore]) -> bool:
        """Could the whole page, read instead of its summary, decide that one of the topics matches?"""
        least = {topic.name: topic.candidate for topic in self._topics}
        return any(score.match or score.score >= least[score.topic] for score in scores)


def supported(score: float, found: Signals, threshold: float) -> float:
    """The score as it is given: to four digits, and below the threshold without evidence."""
    return round(score, 4) if found.evidence else min(round(score, 4), round(threshold * _UNSUPPORTED, 4))


def _raw(text: Normalised, start: int, end: int) -> Span:
    first, last = text.raw_span(start, end)
    return Span(text.raw[first:last], first, last)


def load_weights(folder: Path = FOLDER, *, needed: str = ANY_TOPIC, remedy: str = REMEDY) -> dict[str, Weights]:
    """Topic name -> weights, with `needed` among them."""
    path = folder / COMBINATION
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        rows = {name: _weights(row) for name, row in stored.items()}
        return {needed: rows[needed], **rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{COMBINATION} does not fit this version: {error!r}; {remedy}"
        raise ModelError(folder.name, message) from error


def _weights(row: Mapping[str, object]) -> Weights:
    features = row["features"]
    if not isinstance(features, dict) or set(features) != set(FEATURES):
        raise ValueError("other features")
    return Weights(float(str(row["bias"])), float(str(row["model"])), tuple(float(features[name]) for name in FEATURES))
