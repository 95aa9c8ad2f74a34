"""What enrichment found, as lines of the log."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.alerts.links import search_link, web_link
from pipeline.logs import get_logger
from pipeline.model import Annotated, Match
from pipeline.settings import Settings

log = get_logger(__name__)


def say_enriched(batch: Iterable[Annotated]) -> None:
    """One line for each article, and one more, with its address, for one that is about a topic."""
    for each in batch:
        topics = [topic.topic for topic in each.annotation.topics if topic.match]
        log.debug(
            "article enriched",
            article=each.article.id,
            feed=each.article.source,
            language=each.annotation.language,
            topics=topics,
            entities=len({mention.name for mention in each.annotation.mentions}),
            family=each.membership.family,
        )
        if topics:
            told = _linked(f"about {', '.join(topics)}: {each.article.title}", web_link(each.article.url))
            log.info(told, article=each.article.id, feed=each.article.source)


def say_matched(matches: Iterable[Match], *, settings: Settings) -> None:
    """One line for each match, with the address of the article; with that of its copies too, where mails link there."""
    for match in matches:
        article = match.annotated.article
        copies = search_link(settings.link_base, f'family:"{match.annotated.membership.family}"')
        log.info(
            _linked(f"matched {match.rule.name}: {article.title}", web_link(article.url) or copies),
            article=article.id,
            feed=article.source,
            **({"copies": copies} if copies else {}),
            **({"held_back": article.backlog} if article.backlog else {}),
        )


def _linked(words: str, link: str | None) -> str:
    return f"{words} - {link}" if link else words
