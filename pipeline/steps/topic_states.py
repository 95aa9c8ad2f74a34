"""How each topic is decided today, and how good that was found to be.

Promises to read what `topics train` wrote and what ships, without loading a model or spaCy.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipeline.model import Topic, TopicPatterns
from pipeline.settings import Settings
from pipeline.steps.labels import label_file, read_labels

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class TopicState:
    topic: Topic
    words: Mapping[str, int]  # by language: terms, words of pairs, context and excluding phrases
    decided: str  # by what, for people
    yes: int  # labels
    no: int
    scores: str  # for people; empty if never measured


def states(settings: Settings, topics: Sequence[Topic]) -> tuple[TopicState, ...]:
    """One for each topic, in order. Raises ConfigError for labels that cannot be read."""
    return tuple(_state(settings, topic) for topic in topics)


def _state(settings: Settings, topic: Topic) -> TopicState:
    said = Counter(label.label for label in read_labels(label_file(settings, topic.name)))
    words = {language: _count(patterns) for language, patterns in topic.patterns.items()}
    decided, scores = _decided(settings.trained_topics / topic.name, topic.name)
    return TopicState(topic, words, decided, said["yes"], said["no"], scores)


def _count(patterns: TopicPatterns) -> int:
    sides = [len(side) for pair in patterns.pairs for side in pair]
    return len(patterns.terms) + len(patterns.context) + len(patterns.excluding) + sum(sides)


def _decided(own: Path, name: str) -> tuple[str, str]:
    if own.is_dir():
        report = json.loads((own / REPORT).read_text(encoding="utf-8"))
        return f"model of {report['day']}", report["summary"]
    shipped = json.loads((files("pipeline.enrich") / "models" / "topics" / "combination.json").read_text("utf-8"))
    if name in shipped:
        return "model that ships", "docs/quality.md"
    return "words alone", ""
