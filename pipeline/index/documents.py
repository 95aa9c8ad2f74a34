"""Articles as documents: everything known of one, under the field names of the mapping.

Promises the same bytes for the same article, values that every back end takes (no lone surrogates, no over-long
keywords, moments to the second), and no key without a value: a field is there or it is not. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pipeline.index.base import Document
from pipeline.model import Annotated, Label, Mention, WatchEntity
from pipeline.query.moments import known
from pipeline.text import clean

LONGEST_KEYWORD = 2000  # code points; Lucene takes 32,766 bytes
NO_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType({})

_FACETS: Mapping[str, tuple[Label, ...]] = {
    "person": ("PERSON",),
    "org": ("ORG",),
    "place": ("GPE", "LOC", "FAC"),
    "event": ("EVENT",),
}


def aliases_of(watchlist: Iterable[WatchEntity]) -> Mapping[str, tuple[str, ...]]:
    """Names that an entity goes by, under its own name and under its Wikidata id."""
    names: dict[str, tuple[str, ...]] = {}
    for entity in watchlist:
        for key in (entity.name, entity.wikidata):
            if key:
                names[key] = (*names.get(key, ()), entity.name, *entity.aliases)
    return MappingProxyType(names)


def document(annotated: Annotated, *, aliases: Mapping[str, tuple[str, ...]] = NO_ALIASES) -> Document:
    """`aliases`, from `aliases_of`, make an article findable by names that it does not use."""
    body = {**_outlet(annotated), **_article(annotated), **_findings(annotated, aliases)}
    filled = {name: value for name, value in body.items() if value not in (None, "", (), {})}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in filled.items()}
    return Document(annotated.article.id, annotated.article.revision, plain)


def _outlet(annotated: Annotated) -> dict[str, Any]:
    source = annotated.source
    return {
        "source": source.id,
        "source_name": clean(source.name),
        "country": source.country,
        "kind": source.kind.value,
    }


def _article(annotated: Annotated) -> dict[str, Any]:
    article = annotated.article
    published = known(article.published)
    return {
        "id": article.id,
        "revision": article.revision,
        "url": clean(article.url)[:LONGEST_KEYWORD] if article.url else None,
        "title": clean(article.title),
        "text": clean(article.text),
        "authors": _distinct(article.authors),
        "published": _moment(published),
        "first_seen": _moment(article.first_seen),
        "date": _moment(published or article.first_seen),
        "backlog": clean(article.backlog) if article.backlog else None,
        "family": annotated.membership.family,
    }


def _findings(annotated: Annotated, aliases: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    annotation = annotated.annotation
    named = {
        field: _distinct(mention.name for mention in annotation.mentions if mention.label in labels)
        for field, labels in _FACETS.items()
    }
    return named | {
        "language": annotation.language,
        "topic": tuple(score.topic for score in annotation.topics if score.match),
        "topics": {score.topic: round(float(score.score), 4) for score in annotation.topics},
        "entity": _distinct(name for mention in annotation.mentions for name in _names(mention, aliases)),
        "entity_name": _distinct(mention.name for mention in annotation.mentions),
        "wikidata": _distinct(mention.wikidata for mention in annotation.mentions if mention.wikidata),
    }


def _names(mention: Mention, aliases: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """Whatever someone may call it: full name, as mentioned, other names, id."""
    yield from (mention.name, mention.text, *aliases.get(mention.name, ()))
    if mention.wikidata:
        yield from (mention.wikidata, *aliases.get(mention.wikidata, ()))


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    made = (clean(value).strip()[:LONGEST_KEYWORD] for value in values)
    return tuple(dict.fromkeys(value for value in made if value))


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
