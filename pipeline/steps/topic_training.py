"""One topic trained on the operator's labels, kept where the next pass finds it, and taken back.

Promises that a model is put in force only if it is better than what decides without it, on stories that it did not
learn from, that it then is whole at once, and that the one before it is kept for `undo`. The threshold goes into
topics.yml, where the operator sees it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.config_topics import set_threshold
from pipeline.enrich.topiclearning import LEAST, Study, stories, study
from pipeline.enrich.topictraining import Example, save
from pipeline.errors import ModelError
from pipeline.ledger import findings
from pipeline.model import Topic
from pipeline.settings import ROOT, Settings
from pipeline.steps.context import Context
from pipeline.steps.labels import Label, label_file, read_labels
from pipeline.steps.topic_states import REPORT

GOLD = ROOT / "training" / "gold"  # of the topics that ship; not there where only the package is installed
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Training:
    labels: int  # learned from
    lost: int  # of articles that are not in this ledger
    gold: int  # texts that ship with Newswatch
    study: Study
    threshold: float | None  # as it is now in topics.yml; None if the model was not better and nothing was changed


def train_topic(context: Context, topic: Topic) -> Training:
    """Raises ModelError if there are too few labels, ConfigError if topics.yml cannot be written."""
    said = [label for label in read_labels(label_file(context.settings, topic.name)) if label.label != "skip"]
    examples = list(_examples(context, topic, said))
    found = stories(examples, topic.name)
    if min(found.values()) < LEAST:
        message = f"{found[True]} texts are labelled yes and {found[False]} no, and training takes {LEAST} of each"
        raise ModelError(topic.name, f"{message}; newswatch topics label {topic.name}")
    own = context.settings.trained_topics / topic.name
    base = _report(own)["base_threshold"] if own.is_dir() else topic.threshold
    gold = list(_gold(topic.name))
    made = study(replace(topic, threshold=base), examples, more=gold)
    threshold = max(made.learned.threshold, topic.candidate) if made.better else None
    if threshold is not None:
        _put_in_force(context, topic, made, threshold, base, labels=len(examples))
    return Training(len(examples), len(said) - len(examples), len(gold), made, threshold)


def _examples(context: Context, topic: Topic, labels: Sequence[Label]) -> Iterator[Example]:
    for at in range(0, len(labels), _CHUNK):
        answers = {label.article: label.label for label in labels[at : at + _CHUNK]}
        with context.ledger.read() as connection:
            known = findings.annotated(connection, list(answers))
        for each in known:
            about = frozenset([topic.name] if answers[each.article.id] == "yes" else [])
            article = each.article
            yield Example(each.membership.family, each.annotation.language, article.title, article.text, about)


def _gold(topic: str) -> Iterator[Example]:
    """Texts labelled for the topics that ship, but for those that only score; none for other topics."""
    rows = [json.loads(line) for file in GOLD.glob("??.jsonl") for line in file.read_text("utf-8").splitlines()]
    if any(topic in row["topics"] for row in rows):
        for row in rows:
            if row["split"] != "test":
                story, labels = row.get("story", row["id"]), frozenset(row["topics"])
                yield Example(f"gold {story}", row["language"], row["title"], row["text"], labels)


def _put_in_force(context: Context, topic: Topic, made: Study, threshold: float, base: float, *, labels: int) -> None:
    folder = context.settings.trained_topics
    new, own, before = (folder / f"{topic.name}{end}" for end in (".new", "", ".before"))
    meta = {"name": f"newswatch_topic_{topic.name}", "description": f"Made by newswatch topics train {topic.name}"}
    try:
        save(made.learned.nlp, {topic.name: made.learned.weights}, new, meta=meta)
        report = _as_report(made, context.clock()) | {"labels": labels, "threshold": threshold}
        report |= {"base_threshold": base, "threshold_before": topic.threshold}
        (new / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        set_threshold(context.settings.config / "topics.yml", topic.name, threshold)
        if own.is_dir():
            shutil.rmtree(before, ignore_errors=True)
            own.rename(before)
        new.rename(own)
    except OSError as error:
        raise ModelError(topic.name, f"the model cannot be written to {folder}: {error.strerror}") from error


def _as_report(made: Study, now: datetime) -> dict[str, Any]:
    everything = made.sides[-1]
    return {
        "day": f"{now:%Y-%m-%d}",
        "summary": f"F1 {everything.learned.f1:.2f}, was {everything.now.f1:.2f}",
        "curve": made.curve,
    }


def _report(own: Path) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads((own / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(own.name, f"{REPORT} cannot be read: {error}; delete {own}") from error
    return report


def undo(settings: Settings, topic: Topic) -> str:
    """Take the model in force away, and put the one before it in its place, if there is one; what decides now.

    Raises ModelError if there is nothing to undo, ConfigError if topics.yml cannot be written.
    """
    own, before = settings.trained_topics / topic.name, settings.trained_topics / f"{topic.name}.before"
    if not own.is_dir():
        raise ModelError(topic.name, "it was not trained here: there is nothing to undo")
    set_threshold(settings.config / "topics.yml", topic.name, _report(own)["threshold_before"])
    shutil.rmtree(own)
    if not before.is_dir():
        return "what decided before it was trained"
    before.rename(own)
    return f"the model of {_report(own)['day']}"
