"""What the operator's topics find in the ledger.

Promises to read only: which articles a topic would match as it is now, whatever was found when they were read, and
which come near it. Of copies of one text only the first counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.enrich.topics import TopicClassifier
from pipeline.ledger import articles, findings
from pipeline.model import Annotated, Topic, TopicScore
from pipeline.steps.context import Context
from pipeline.steps.progress import Progress

MOST_READ = 20_000  # newest articles: a topic is new, and what matters is what is reported now


@dataclass(frozen=True, slots=True)
class Found:
    """One article, and what the topic's words and model say of it. `touched`: some of its words are there."""

    known: Annotated
    score: TopicScore
    touched: bool

    @property
    def id(self) -> str:
        return self.known.article.id

    @property
    def family(self) -> str:
        return self.known.membership.family


@dataclass(frozen=True, slots=True)
class Mined:
    """Texts that the topic matches, and those that hold its words without being matched; the nearest first."""

    read: int  # articles
    likely: tuple[Found, ...]
    near: tuple[Found, ...]


def mine(context: Context, topic: Topic) -> Mined:
    """Look through the newest articles. Raises ModelError."""
    found = list(look(context, topic))
    ranked = sorted(found, key=lambda each: (-each.score.score, each.id))
    likely = tuple(each for each in ranked if each.score.match)
    return Mined(len(found), likely, tuple(each for each in ranked if each.touched and not each.score.match))


def look(context: Context, topic: Topic) -> Iterator[Found]:
    """Every text of the newest MOST_READ articles that were read, the first of each family. Raises ModelError."""
    classifier = TopicClassifier.load((topic,), own=context.settings.trained_topics)
    with context.ledger.read() as connection:
        ids = [id for chunk in articles.all_ids(connection) for id in chunk][-MOST_READ:]
    seen: set[str] = set()
    for start in range(0, len(ids), context.settings.enrich_batch):
        with context.ledger.read() as connection:
            batch = findings.annotated(connection, ids[start : start + context.settings.enrich_batch])
        yield from _examined(classifier, [each for each in batch if _first(each, seen)])
        context.progress(Progress("mine", min(start + context.settings.enrich_batch, len(ids)), len(ids)))


def _first(each: Annotated, seen: set[str]) -> bool:
    if each.membership.family in seen:
        return False
    seen.add(each.membership.family)
    return True


def _examined(classifier: TopicClassifier, batch: Sequence[Annotated]) -> Iterator[Found]:
    texts = [(each.article.title, each.article.text, each.annotation.language) for each in batch]
    for each, (scores, signals) in zip(batch, classifier.examine(texts), strict=True):
        yield Found(each, scores[0], any(signals[0].features))
