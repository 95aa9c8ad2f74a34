"""Is the language of a headline told from its words alone, with nothing declared by its feed?

Promises the headlines of training/gold/titles.jsonl, written for this project, all of six words or more (in Chinese and
Khmer as the segmenter parts them), many hard (names of another language, Latin acronyms, traditional characters);
and titles and openings of the Khmer articles of the data folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.text import detect_language
from training.topics_data import GOLD, rows

Headline = tuple[str, str]  # language, text


def headlines() -> tuple[Headline, ...]:
    return tuple((str(row["language"]), str(row["title"])) for row in rows(GOLD / "titles.jsonl"))


def khmer(folder: Path) -> tuple[Headline, ...]:
    """Title and opening of each of the Khmer articles."""
    articles = rows(folder / "khmer" / "voa_khmer_articles.jsonl")
    return tuple(("km", str(text)) for row in articles for text in (row["title"], row["text"][:600]))


def mistaken(chosen: Sequence[Headline]) -> tuple[Headline, ...]:
    return tuple((language, text) for language, text in chosen if detect_language(text) != language)


def accuracy(chosen: Sequence[Headline]) -> float:
    return 1 - len(mistaken(chosen)) / len(chosen)
