"""Articles as documents: everything known of one, under the field names of the mapping.

Promises the same bytes for the same article, values that every back end takes (no lone surrogates, no over-long
keywords, moments to the second), and no key without a value: a field is there or it is not. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from types import MappingProxyType
from typing import Any

from pipeline.index.base import Document
from pipeline.model import Annotated, Article, Label, Mention, Quote, WatchEntity
from pipeline.query.moments import known as known_moment
from pipeline.text import clean
from pipeline.text.agencies import wire_agency

LONGEST_KEYWORD = 2000  # code points; Lucene takes 32,766 bytes
LONGEST_LAG = 2**31 - 1  # seconds, 68 years: the greatest whole number of the mapping
Known = Mapping[str, tuple[WatchEntity, ...]]
NOBODY: Known = MappingProxyType({})

_FACETS: Mapping[str, tuple[Label, ...]] = {
    "person": ("PERSON",),
    "org": ("ORG",),
    "place": ("GPE", "LOC", "FAC"),
    "event": ("EVENT",),
}


def by_name(watchlist: Iterable[WatchEntity]) -> Known:
    """Entities of the watch-list under their names and their Wikidata ids."""
    named: dict[str, tuple[WatchEntity, ...]] = {}
    for entity in watchlist:
        for key in (entity.name, entity.wikidata):
            if key:
                named[key] = (*named.get(key, ()), entity)
    return MappingProxyType(named)


def document(annotated: Annotated, *, known: Known = NOBODY, quotes: Iterable[Quote] = ()) -> Document:
    """`known`, from `by_name`, says how else its entities are called, and of which country they are.

    `quotes` are spans of `title + "\\n" + text`.
    """
    body = {
        **_outlet(annotated),
        **_article(annotated),
        **_findings(annotated),
        **_entities(annotated, known),
        **_quoted(annotated.article, quotes),
    }
    filled = {name: value for name, value in body.items() if value not in (None, "", (), {})}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in filled.items()}
    return Document(annotated.article.id, max(annotated.version, annotated.article.revision), plain)


def _outlet(annotated: Annotated) -> dict[str, Any]:
    source = annotated.source
    return {
        "source": source.id,
        "source_name": clean(source.name),
        "country": source.country,
        "kind": source.kind.value,
    }


def _article(annotated: Annotated) -> dict[str, Any]:
    article, text = annotated.article, clean(annotated.article.text)
    published = known_moment(article.published)
    return {
        "id": article.id,
        "revision": article.revision,
        "url": clean(article.url)[:LONGEST_KEYWORD] if article.url else None,
        "title": clean(article.title),
        "text": text,
        "authors": _distinct(article.authors),
        "wire": wire_agency(text, authors=article.authors),
        "published": _moment(published),
        "first_seen": _moment(article.first_seen),
        "lag": _lag(article),
        "date": _moment(published or article.first_seen),
        "backlog": clean(article.backlog) if article.backlog else None,
        "family": annotated.membership.family,
    }


def _lag(article: Article) -> int | None:
    """Seconds from publication to first sight; below zero if the outlet dates ahead."""
    if article.published is None:
        return None
    seconds = round((article.first_seen - article.published).total_seconds())
    return seconds if abs(seconds) <= LONGEST_LAG else None


def _findings(annotated: Annotated) -> dict[str, Any]:
    annotation = annotated.annotation
    matched = [score for score in annotation.topics if score.match]
    return {
        "language": annotation.language,
        "topic": tuple(score.topic for score in matched),
        "topics": {score.topic: round(float(score.score), 4) for score in annotation.topics},
        "evidence": _distinct(span.text for score in matched for span in score.evidence),
        "alerts": annotated.alerts,
    }


def _entities(annotated: Annotated, known: Known) -> dict[str, Any]:
    mentions = annotated.annotation.mentions
    listed = {mention: _listed(mention, known) for mention in mentions}
    named = {
        field: _distinct(mention.name for mention in mentions if mention.label in labels)
        for field, labels in _FACETS.items()
    }
    return named | {
        "entity": _distinct(name for mention in mentions for name in _names(mention, listed[mention])),
        "entity_name": _distinct(mention.name for mention in mentions),
        "entity_country": _distinct(entity.country for found in listed.values() for entity in found if entity.country),
        "wikidata": _distinct(mention.wikidata for mention in mentions if mention.wikidata),
        "entities": _nested(annotated, listed),
    }


def _listed(mention: Mention, known: Known) -> tuple[WatchEntity, ...]:
    """What the watch-list has under the mention's name and id, unless it is somebody else."""
    if mention.namesake:
        return ()
    named = known.get(mention.name, ())
    return (*named, *(entity for entity in known.get(mention.wikidata or "", ()) if entity not in named))


def _nested(annotated: Annotated, listed: Mapping[Mention, tuple[WatchEntity, ...]]) -> tuple[dict[str, Any], ...]:
    """One object for each entity, in the order in which the text names them."""
    groups: dict[str, list[Mention]] = {}
    for mention in annotated.annotation.mentions:
        groups.setdefault(mention.name, []).append(mention)
    made = (_one(mentions, listed, len(annotated.article.title)) for mentions in groups.values())
    return tuple(each for each in made if each["name"])


def _one(mentions: list[Mention], listed: Mapping[Mention, tuple[WatchEntity, ...]], title: int) -> dict[str, Any]:
    entity = next(chain.from_iterable(listed[mention] for mention in mentions), None)
    made = {
        "name": clean(mentions[0].name).strip()[:LONGEST_KEYWORD],
        "wikidata": next((mention.wikidata for mention in mentions if mention.wikidata), None),
        "label": mentions[0].label,
        "kind": entity.kind if entity else None,
        "country": entity.country if entity else None,
        "mentions": len(mentions),
        "in_title": any(mention.start < title for mention in mentions),
    }
    return {name: value for name, value in made.items() if value is not None}


def _quoted(article: Article, quotes: Iterable[Quote]) -> dict[str, Any]:
    """In order, each of them one object; the same words by the same speaker once."""
    raw = f"{article.title}\n{article.text}"
    made = dict.fromkeys((clean(raw[each.start : each.end]), each.speaker, each.kind) for each in quotes)
    named = [(text, clean(speaker or "").strip()[:LONGEST_KEYWORD], kind) for text, speaker, kind in made]
    return {
        "quote": tuple(dict.fromkeys(text for text, _, _ in named)),
        "speaker": tuple(dict.fromkeys(speaker for _, speaker, _ in named if speaker)),
        "quotes": tuple(
            {"text": text, "kind": kind} | ({"speaker": speaker} if speaker else {}) for text, speaker, kind in named
        ),
    }


def _names(mention: Mention, listed: Iterable[WatchEntity]) -> Iterable[str]:
    """Whatever someone may call it: full name, as mentioned, other names, id."""
    yield from (mention.name, mention.text)
    if mention.wikidata:
        yield mention.wikidata
    for entity in listed:
        yield from (entity.name, *entity.aliases)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    made = (clean(value).strip()[:LONGEST_KEYWORD] for value in dict.fromkeys(values))
    return tuple(dict.fromkeys(value for value in made if value))


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
