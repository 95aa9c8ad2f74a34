"""What enrichment found: annotations, families, and articles together with all that is known of them.

It stores signatures and bands without knowing how they are made or compared; that is `enrich.families`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, select, update

from pipeline.ledger import articles, sources
from pipeline.ledger.dialect import insert, upsert
from pipeline.ledger.schema import annotation, article, family_band, family_member, family_text
from pipeline.model import Annotated, Annotation, Membership, Mention, TopicScore

_TOPICS = TypeAdapter(tuple[TopicScore, ...])
_MENTIONS = TypeAdapter(tuple[Mention, ...])


@dataclass(frozen=True, slots=True)
class Kinship:
    """An article's family, and whether it is the only member."""

    family: str
    alone: bool


def save_annotation(connection: Connection, id: str, revision: int, found: Annotation) -> None:
    """Of revision `revision` of the article. What is known of it then has a new version."""
    before = connection.execute(select(annotation.c.revision).where(annotation.c.article == id)).scalar()
    values = {
        "article": id,
        "revision": max(revision, (before or 0) + 1),
        "language": found.language,
        "topics": _TOPICS.dump_python(found.topics, mode="json"),
        "mentions": _MENTIONS.dump_python(found.mentions, mode="json"),
        "candidate": found.candidate,
    }
    connection.execute(upsert(connection, annotation, values, key=["article"]))


def save_alerts(connection: Connection, matched: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Write down, by article id, which rules match it; the ids of those for which that is new."""
    query = select(annotation.c.article, annotation.c.revision, annotation.c.alerts)
    rows = connection.execute(query.where(annotation.c.article.in_(list(matched)))).all()
    changed = [row for row in rows if list(matched[row.article]) != row.alerts]
    for row in changed:
        values = {"alerts": list(matched[row.article]), "revision": row.revision + 1}
        connection.execute(update(annotation).where(annotation.c.article == row.article).values(values))
    return tuple(row.article for row in changed)


def note_indexed(connection: Connection, ids: Iterable[str], *, now: datetime) -> None:
    """The search engine has these articles; of each, the first time counts."""
    chosen = annotation.c.article.in_(list(ids)), annotation.c.indexed.is_(None)
    connection.execute(update(annotation).where(*chosen).values(indexed=now))


def renew(connection: Connection, ids: Sequence[str]) -> None:
    """What is known of these articles is the same, and has a new version all the same: it is written anew."""
    renewed = update(annotation).where(annotation.c.article.in_(list(ids)))
    connection.execute(renewed.values(revision=annotation.c.revision + 1))


def about(connection: Connection, ids: Sequence[str], *, topic: str | None = None) -> tuple[str, ...]:
    """Those of `ids` that are enriched, and about `topic` if one is given, in order."""
    found = set()
    for at in range(0, len(ids), 500):
        query = select(annotation.c.article, annotation.c.topics).where(annotation.c.article.in_(ids[at : at + 500]))
        for row in connection.execute(query):
            if topic is None or any(each["topic"] == topic and each["match"] for each in row.topics):
                found.add(row.article)
    return tuple(id for id in ids if id in found)


def kinship(connection: Connection, id: str) -> Kinship | None:
    family = connection.execute(select(family_member.c.family).where(family_member.c.article == id)).scalar()
    if family is None:
        return None
    size = connection.execute(select(func.count()).where(family_member.c.family == family)).scalar_one()
    return Kinship(family, alone=size == 1)


def families_near(connection: Connection, bands: Sequence[str], *, but: str) -> tuple[tuple[str, bytes], ...]:
    """(family, signature) of every text the first members of families other than `but` had, if one shares a band."""
    near = select(family_band.c.family).where(family_band.c.band.in_(bands), family_band.c.family != but).distinct()
    query = select(family_text).where(family_text.c.family.in_(near))
    rows = connection.execute(query.order_by(family_text.c.family, family_text.c.signature))
    return tuple((row.family, row.signature) for row in rows)


def save_membership(connection: Connection, found: Membership, *, signature: bytes, bands: Sequence[str]) -> None:
    """Put an article into its family. Later copies are found by the bands of every text that the first member had."""
    values = {
        "article": found.article,
        "family": found.family,
        "similarity": found.similarity,
        "signature": signature,
    }
    connection.execute(upsert(connection, family_member, values, key=["article"]))
    if found.family != found.article:
        for table in (family_band, family_text):
            connection.execute(delete(table).where(table.c.family == found.article))
    else:
        text = insert(connection, family_text).values(family=found.family, signature=signature)
        connection.execute(text.on_conflict_do_nothing())
        rows = [{"band": band, "family": found.family} for band in sorted(set(bands))]
        if rows:
            connection.execute(insert(connection, family_band).on_conflict_do_nothing(), rows)


def annotated(connection: Connection, ids: Sequence[str]) -> tuple[Annotated, ...]:
    """Articles with annotation, family and source, in the order of `ids`; those not enriched yet are left out."""
    known = articles.load(connection, ids)
    owners = sources.configured(connection, {each.source for each in known.values()})
    found = {}
    query = select(annotation, family_member.c.family, family_member.c.similarity).join(
        family_member, family_member.c.article == annotation.c.article
    )
    for row in connection.execute(query.where(annotation.c.article.in_(ids))):
        notes = Annotation(
            row.language,
            _TOPICS.validate_python(row.topics),
            _MENTIONS.validate_python(row.mentions),
            row.candidate,
        )
        member = Membership(row.article, row.family, row.similarity)
        each = known[row.article]
        found[row.article] = Annotated(each, notes, member, owners[each.source], tuple(row.alerts), row.revision)
    return tuple(found[id] for id in ids if id in found)


def all_annotated(connection: Connection) -> Iterator[tuple[Annotated, ...]]:
    """Every enriched article, in chunks."""
    for ids in articles.all_ids(connection):
        yield annotated(connection, ids)


def members(connection: Connection, family: str) -> tuple[str, ...]:
    """The articles of a family, in the order they were first seen."""
    query = select(family_member.c.article).join(article, article.c.id == family_member.c.article)
    query = query.where(family_member.c.family == family).order_by(article.c.first_seen, article.c.id)
    return tuple(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Totals:
    """What the ledger holds, or a part of it: matches by topic, mentions by entity (counted once an article)."""

    articles: int
    families: int
    topics: dict[str, int]
    entities: Counter[tuple[str, str]]  # (name, label)


def totals(connection: Connection, ids: Iterable[str] | None = None) -> Totals:
    """Counts over the articles of `ids`, or over all."""
    if ids is None:
        chunks: Iterable[Sequence[str]] = articles.all_ids(connection)
    else:
        listed = list(ids)
        chunks = [listed[at : at + 500] for at in range(0, len(listed), 500)]
    topics: Counter[str] = Counter()
    entities: Counter[tuple[str, str]] = Counter()
    families: set[str] = set()
    count = 0
    query = select(annotation.c.topics, annotation.c.mentions, family_member.c.family).join(
        family_member, family_member.c.article == annotation.c.article
    )
    for chunk in chunks:
        for row in connection.execute(query.where(annotation.c.article.in_(chunk))):
            count += 1
            families.add(row.family)
            topics.update(each["topic"] for each in row.topics if each["match"])
            entities.update({(each["name"], each["label"]) for each in row.mentions})
    return Totals(count, len(families), dict(topics), entities)
