"""Articles: taken in by their aliases, updated in place, every earlier version kept.

Promises that an article keeps its id whatever changes about it, and that saving the same entries again changes
nothing. An article belongs to the source that brought it first; another source that carries the same URL neither
makes a second article nor rewrites the first. It says what changed; what follows from that is the steps' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from pipeline.errors import NotFound
from pipeline.ledger.database import lock_articles
from pipeline.ledger.dialect import insert
from pipeline.ledger.identity import Alias, Draft, aliases, article_id, content_hash, used_again
from pipeline.ledger.schema import alias, article, article_version
from pipeline.model import Article

MOST_REVISIONS = 50  # then only a new title counts: some feeds print the hour or an advertisement into each summary
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one draft."""

    id: str
    revision: int
    outcome: Literal["new", "updated", "known"]


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier state of an article, and when it was replaced."""

    revision: int
    url: str | None
    title: str
    text: str
    replaced: datetime


def save(connection: Connection, drafts: Sequence[Draft], *, now: datetime) -> tuple[Saved, ...]:
    """Take in the entries of one document of one source, in order; one Saved for each."""
    lock_articles(connection)
    names = aliases(drafts)
    owners = _owners(connection, [each.hash for some in names for each in some])
    fresh = {article_id(draft, some) for draft, some in zip(drafts, names, strict=True)}
    rows = _rows(connection, {*owners.values(), *fresh})
    saved: list[Saved] = []
    touched: set[str] = set()
    for draft, some in zip(drafts, names, strict=True):
        row = _same(draft, some, owners, rows)
        result = _update(connection, draft, row, touched, now) if row else _insert(connection, draft, some, owners, now)
        rows[result.id] = _rows(connection, {result.id})[result.id] if result.outcome != "known" else rows[result.id]
        touched.add(result.id)
        _name(connection, result.id, some, owners)
        saved.append(result)
    return tuple(saved)


def load(connection: Connection, ids: Sequence[str]) -> dict[str, Article]:
    """Articles by id; unknown ids are left out."""
    return {id: _article(row) for id, row in _rows(connection, set(ids)).items()}


def find(connection: Connection, prefix: str) -> Article:
    """The article whose id starts with `prefix`. Raises NotFound if none does, or more than one."""
    pattern = prefix.replace("%", "").replace("_", "")
    rows = connection.execute(select(article).where(article.c.id.startswith(pattern)).limit(2)).all() if pattern else []
    if len(rows) != 1:
        raise NotFound(prefix, "more than one article begins so" if rows else "there is no article with this id")
    return _article(rows[0])


def versions(connection: Connection, id: str) -> tuple[Version, ...]:
    """The earlier versions of an article, oldest first."""
    query = select(article_version).where(article_version.c.article == id).order_by(article_version.c.revision)
    rows = connection.execute(query)
    return tuple(Version(row.revision, row.url, row.title, row.text, row.replaced) for row in rows)


def all_ids(connection: Connection) -> Iterator[tuple[str, ...]]:
    """The ids of all articles, in the order they were first seen, in chunks."""
    ids = connection.execute(select(article.c.id).order_by(article.c.first_seen, article.c.id)).scalars()
    for chunk in ids.partitions(_CHUNK):
        yield tuple(chunk)


def seen_between(
    connection: Connection, since: datetime, until: datetime, *, source: str | None = None
) -> tuple[str, ...]:
    """Ids of the articles first seen from `since` to just before `until` (of one source, if given), in that order."""
    wanted = [article.c.first_seen >= since, article.c.first_seen < until]
    if source is not None:
        wanted.append(article.c.source == source)
    query = select(article.c.id).where(*wanted).order_by(article.c.first_seen, article.c.id)
    return tuple(connection.execute(query).scalars())


def changed_since(connection: Connection, moment: datetime) -> tuple[str, ...]:
    """Ids of the articles of which something is new or was changed at `moment` or later."""
    return tuple(connection.execute(select(article.c.id).where(article.c.last_changed >= moment)).scalars())


def touch(connection: Connection, ids: Iterable[str], *, now: datetime) -> None:
    """Something else that is known of these articles has changed."""
    connection.execute(update(article).where(article.c.id.in_(list(ids))).values(last_changed=now))


def lacking_page(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """URL by id of those articles whose page was not asked for since they last changed."""
    query = select(article.c.id, article.c.url).where(article.c.id.in_(ids), ~article.c.page_checked)
    return {row.id: row.url for row in connection.execute(query) if row.url}


def save_page(
    connection: Connection, id: str, *, text: str | None, language: str | None, error: str | None, now: datetime
) -> int | None:
    """Write down what the article's page gave; the new revision, or None if it says no more than was known."""
    lock_articles(connection)
    row = _rows(connection, {id})[id]
    checked = {"page_checked": True, "page_error": error}
    if text is None or len(text) <= len(row.feed_text) or text == row.page_text:
        connection.execute(update(article).where(article.c.id == id).values(checked))
        return None
    _archive(connection, row, now)
    more = {"page_text": text, "language": row.language or language, "revision": row.revision + 1, "last_changed": now}
    connection.execute(update(article).where(article.c.id == id).values(checked | more))
    return int(row.revision) + 1


def _owners(connection: Connection, hashes: Sequence[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for at in range(0, len(hashes), _CHUNK):
        query = select(alias.c.hash, alias.c.article).where(alias.c.hash.in_(hashes[at : at + _CHUNK]))
        owners |= {row.hash: row.article for row in connection.execute(query)}
    return owners


def _rows(connection: Connection, ids: set[str]) -> dict[str, Row[Any]]:
    listed = sorted(ids)
    rows: dict[str, Row[Any]] = {}
    for at in range(0, len(listed), _CHUNK):
        query = select(article).where(article.c.id.in_(listed[at : at + _CHUNK]))
        rows |= {row.id: row for row in connection.execute(query)}
    return rows


def _same(draft: Draft, names: Sequence[Alias], owners: dict[str, str], rows: dict[str, Row[Any]]) -> Row[Any] | None:
    """The article that this draft is, by its surest alias that is known."""
    guid = next((name.hash for name in names if name.kind == "guid"), None)
    for name in names:
        row = rows.get(owners.get(name.hash, ""))
        if row is None:
            continue
        # One page that changes under one address, such as a live ticker, told apart by the feed itself.
        told_apart = guid and row.guid_hash not in (None, guid) and row.title != draft.title
        if name.kind == "url" and row.source == draft.source and told_apart:
            continue
        if name.kind == "guid" and used_again(row.title, row.url, row.feed_text, draft):
            continue
        return row
    row = rows.get(article_id(draft, names))
    return None if row is not None and used_again(row.title, row.url, row.feed_text, draft) else row


def _insert(
    connection: Connection, draft: Draft, names: Sequence[Alias], owners: Mapping[str, str], now: datetime
) -> Saved:
    id = article_id(draft, [name for name in names if name.hash not in owners])
    guid = next((name.hash for name in names if name.kind == "guid"), None)
    values = _content(draft) | {
        "id": id,
        "source": draft.source,
        "revision": 1,
        "first_seen": now,
        "last_changed": now,
        "backlog": draft.backlog,
        "guid_hash": guid,
    }
    connection.execute(insert(connection, article).values(values))
    return Saved(id, 1, "new")


def _update(connection: Connection, draft: Draft, row: Row[Any], touched: set[str], now: datetime) -> Saved:
    edited = row.content_hash != content_hash(draft) and row.id not in touched and row.source == draft.source
    if not edited or (row.revision >= MOST_REVISIONS and row.title == draft.title):
        return Saved(row.id, row.revision, "known")
    _archive(connection, row, now)
    values = _content(draft) | {"revision": row.revision + 1, "last_changed": now}
    if draft.published is None:
        values |= {"published": row.published, "published_raw": row.published_raw}
    connection.execute(update(article).where(article.c.id == row.id).values(values))
    return Saved(row.id, row.revision + 1, "updated")


def _content(draft: Draft) -> dict[str, object]:
    return {
        "url": draft.url,
        "title": draft.title,
        "feed_text": draft.text,
        "page_checked": False,
        "page_error": None,
        "authors": list(draft.authors),
        "published": draft.published,
        "published_raw": draft.published_raw,
        "updated": draft.updated,
        "language": draft.language,
        "content_hash": content_hash(draft),
    }


def _archive(connection: Connection, row: Row[Any], now: datetime) -> None:
    values = {"article": row.id, "revision": row.revision, "url": row.url, "title": row.title, "replaced": now}
    values["text"] = _text(row)
    connection.execute(insert(connection, article_version).values(values))


def _name(connection: Connection, id: str, names: Sequence[Alias], owners: dict[str, str]) -> None:
    new = [name for name in names if name.hash not in owners]
    if not new:
        return
    rows = [{"hash": name.hash, "kind": name.kind, "article": id} for name in new]
    connection.execute(insert(connection, alias).on_conflict_do_nothing(), rows)
    owners |= {name.hash: id for name in new}


def _text(row: Row[Any]) -> str:
    """The fuller of the two: an entry that was edited may say more than a page read before."""
    texts: tuple[str, str] = (row.page_text or "", row.feed_text)
    return max(texts, key=len)


def _article(row: Row[Any]) -> Article:
    return Article(
        id=row.id,
        source=row.source,
        revision=row.revision,
        url=row.url,
        title=row.title,
        text=_text(row),
        authors=tuple(row.authors),
        published=row.published,
        published_raw=row.published_raw,
        updated=row.updated,
        first_seen=row.first_seen,
        language=row.language,
        backlog=row.backlog,
    )
