"""What enrichment found, as lines of the log."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.alerts.links import search_link, web_link
from pipeline.logs import get_logger
from pipeline.model import Annotated, Match
from pipeline.settings import Settings

log = get_logger(__name__)


def say_enriched(batch: Iterable[Annotated]) -> None:
    """One line for each article."""
    for each in batch:
        log.debug(
            "article enriched",
            article=each.article.id,
            feed=each.article.source,
            language=each.annotation.language,
            topics=[topic.topic for topic in each.annotation.topics if topic.match],
            entities=len({mention.name for mention in each.annotation.mentions}),
            family=each.membership.family,
        )


def say_matched(matches: Iterable[Match], *, settings: Settings) -> None:
    """One line for each match, with the address of the article; with that of its copies too, where mails link there."""
    for match in matches:
        article = match.annotated.article
        copies = search_link(settings.link_base, f'family:"{match.annotated.membership.family}"')
        link = web_link(article.url) or copies
        log.info(
            f"matched {match.rule.name}: {article.title}" + (f" - {link}" if link else ""),
            article=article.id,
            feed=article.source,
            **({"copies": copies} if copies else {}),
            **({"held_back": article.backlog} if article.backlog else {}),
        )
