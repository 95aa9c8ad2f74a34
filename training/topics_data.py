"""Texts to train and score the topics on.

Promises three kinds of examples: gold, written for this project and labelled by hand (training/gold, split by
story into train, dev and test); other text of the shared data folder, English, Chinese and Khmer, used as "not about
it" where no pattern says otherwise; and real reports of that folder, labelled by hand and split in the same way, of
which only ids and labels are kept here. Nothing of the shared texts is copied into the project.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config import load_config
from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.topictraining import Example, signals
from pipeline.model import Topic
from pipeline.settings import ROOT, load_settings

GOLD = ROOT / "training" / "gold"
LANGUAGES = ("en", "fr", "zh", "km")
UNSEEN = GOLD / "unseen.jsonl"
LABELLED = GOLD / "unlabelled_news_labels.jsonl"
LONGEST = 3000  # code points: the model reads title and lead only
_CHINESE_EVERY = 8  # of 3,997 sentences of encyclopaedic text, these are enough


def topics() -> tuple[Topic, ...]:
    """The topics of the configuration in force."""
    return load_config(load_settings().config).topics


def data_folder() -> Path | None:
    """The shared data, if it is there."""
    folder = Path(os.environ.get("NEWSWATCH_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def gold(*splits: str) -> tuple[Example, ...]:
    """The hand-written texts of these splits: "train", "dev", "test"."""
    every = (row for language in LANGUAGES for row in rows(GOLD / f"{language}.jsonl"))
    return tuple(_example(row) for row in every if row["split"] in splits)


def unseen() -> tuple[Example, ...]:
    """Texts written without a look at topics.yml, the gold texts or a score. Nothing may be chosen by them."""
    return tuple(_example(row) for row in rows(UNSEEN))


def _example(row: Mapping[str, Any]) -> Example:
    language, title, text = (str(row[key]) for key in ("language", "title", "text"))
    return Example(story(row), language, title, text, _labels(row), 1.0, _clear(row))


def story(row: Mapping[str, object]) -> str:
    """What a row of the gold files reports; without a name for it, it shares its story with no other row."""
    return str(row.get("story", row["id"]))


def hand_labelled(folder: Path, *splits: str) -> tuple[Example, ...]:
    """The shared texts whose ids are in LABELLED, of these splits."""
    labels = {str(row["id"]): _labels(row) for row in rows(LABELLED) if row["split"] in splits}
    return tuple(replace(one, topics=labels[one.story]) for one in _news(folder) if one.story in labels)


def khmer_reports(folder: Path, *, training: bool) -> tuple[Example, ...]:
    """Openings of the Khmer articles: those with an even number train, the others are scored."""
    numbered = enumerate(rows(folder / "khmer" / "voa_khmer_articles.jsonl"))
    return tuple(
        Example(f"voa-km-{number}", "km", str(row["title"]), str(row["text"])[:1200], frozenset())
        for number, row in numbered
        if (number % 2 == 0) == training
    )


def background(folder: Path, matcher: PatternMatcher) -> tuple[Example, ...]:
    """Texts that are about none of the topics, as far as their patterns can tell; weak labels, so of little weight."""
    scored = {str(row["id"]) for row in rows(LABELLED) if row["split"] != "train"}
    pool = [one for one in _news(folder) if one.story not in scored]
    pool += [*khmer_reports(folder, training=True), *_chinese(folder)]
    silent = (one for one in pool if not any(found.evidence for found in signals(one, matcher)))
    return tuple(replace(one, weight=0.1) for one in silent)


def _news(folder: Path) -> Iterator[Example]:
    for row in rows(folder / "topics" / "unlabelled_news.jsonl"):
        yield Example(str(row["id"]), "en", str(row["title"]), str(row["text"])[:LONGEST], frozenset())


def _chinese(folder: Path) -> Iterator[Example]:
    lines = (folder / "ner" / "uner_zh_gsdsimp-train.iob2").read_text(encoding="utf-8").splitlines()
    sentences = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    for number, sentence in enumerate(sentences[::_CHINESE_EVERY]):
        yield Example(f"uner-zh-{number}", "zh", "", sentence, frozenset())


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _labels(row: Mapping[str, Any]) -> frozenset[str]:
    named = row["topics"]
    if not isinstance(named, list):
        raise TypeError(f"topics of {row['id']} are not a list")
    return frozenset(map(str, named))


def _clear(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(map(str, row.get("clear", ())))
