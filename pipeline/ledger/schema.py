"""The tables of the ledger, in the order of the way, as SQLAlchemy Core metadata.

Promises one schema for SQLite and PostgreSQL: only types both know, moments as aware UTC, lists as JSON. Changes of
it go through `migrations/`; a test holds the two against each other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime; kept in UTC, and given back aware (SQLite has no time zones of its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# What the operator configured, with what became of it: sources that are gone from feeds.yml keep their row.
source = Table(
    "source",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("home", Text),
    Column("country", String(2), nullable=False),
    Column("language", String(3), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("registered", Moment),  # since when this URL is read
    Column("etag", Text),
    Column("last_modified", Text),
    Column("moved_to", Text),
    Column("last_attempt", Moment),
    Column("last_success", Moment),
    Column("last_outcome", String(16)),  # changed, unchanged, failed
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("error_code", String(32)),
    Column("error", Text),
)

article = Table(
    "article",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("source", ForeignKey("source.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("feed_text", Text, nullable=False),
    Column("page_text", Text),
    Column("page_checked", Boolean, nullable=False),  # the page was asked for since the entry last changed
    Column("page_error", Text),
    Column("authors", JSON, nullable=False),
    Column("published", Moment),
    Column("published_raw", Text),
    Column("updated", Moment),
    Column("first_seen", Moment, nullable=False),
    Column("last_changed", Moment, nullable=False),
    Column("language", String(16)),
    Column("backlog", Text),
    Column("content_hash", String(64), nullable=False),
    Column("guid_hash", String(64)),
    Index(None, "source"),
    Index(None, "first_seen"),
)

article_version = Table(
    "article_version",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("replaced", Moment, nullable=False),
)

# Identity: hash of (kind, scope, value) -> article. A row never moves to another article.
alias = Table(
    "alias",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),  # guid, url, content
    Column("article", ForeignKey("article.id"), nullable=False),
    Index(None, "article"),
)

annotation = Table(
    "annotation",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("revision", Integer, nullable=False),  # counts its own changes; never less than the article's
    Column("language", String(16)),
    Column("topics", JSON, nullable=False),
    Column("mentions", JSON, nullable=False),
    Column("candidate", Boolean, nullable=False),
    Column("alerts", JSON, nullable=False, server_default="[]"),  # names of the rules that it matched
    Column("indexed", Moment),  # when the search engine first took the article
)

family_member = Table(
    "family_member",
    metadata,
    Column("article", ForeignKey("article.id"), primary_key=True),
    Column("family", ForeignKey("article.id"), nullable=False),
    Column("similarity", Float, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Index(None, "family"),
)

# Every text that a family's first member ever had: the summary in its feed, its page, its corrections.
family_text = Table(
    "family_text",
    metadata,
    Column("family", ForeignKey("article.id"), primary_key=True),
    Column("signature", LargeBinary, primary_key=True),
)

# The locality-sensitive hash bands of these texts.
family_band = Table(
    "family_band",
    metadata,
    Column("band", String(64), primary_key=True),
    Column("family", ForeignKey("article.id"), primary_key=True),
    Index(None, "family"),
)

rule_seen = Table(
    "rule_seen",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("seen", Moment, nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("id", String(255), primary_key=True),  # the Message-ID
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("composed", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),  # begun
    Column("unresolved", Boolean, nullable=False, default=False),  # an attempt was begun and its end is unknown
    Column("retransmissions", Integer, nullable=False, default=0),
    Column("sent", Moment),
    Column("error", Text),
)

notification = Table(
    "notification",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("family", String(32), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # first
    Column("sequence", Integer, nullable=False),
    Column("article", ForeignKey("article.id"), nullable=False),
    Column("send", String(8), nullable=False),  # instant, digest
    Column("reasons", JSON, nullable=False),
    Column("created", Moment, nullable=False),
    Column("state", String(8), nullable=False),  # pending, backlog, frozen, merged
    Column("backlog", Text),
    Column("message", ForeignKey("message.id")),
    UniqueConstraint("rule", "family", "recipient", "kind", "sequence"),
    Index(None, "state", "recipient"),
    Index(None, "family"),
    Index(None, "message"),
    Index(None, "article"),
)

# Months whose articles were dropped from the search index on purpose, and stay in the ledger.
retired = Table(
    "retired",
    metadata,
    Column("month", String(7), primary_key=True),  # 2026.11, of first_seen
    Column("retired", Moment, nullable=False),
)

# What each pass did. One that has not ended is going on, or was killed.
pass_record = Table(
    "pass_record",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(128), nullable=False),  # as in a lease
    Column("began", Moment, nullable=False),
    Column("ended", Moment),
    Column("counts", JSON, nullable=False),  # by step and outcome
    Column("failed", JSON, nullable=False),  # steps, with why
)

# Where something long got to.
mark = Table(
    "mark",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", JSON, nullable=False),
)

# Everything that is still to be done, of every kind: the queue and the outbox in one.
work = Table(
    "work",
    metadata,
    Column("kind", String(16), primary_key=True),  # collect, page, enrich, index, compose, mail, family, feed, delivery
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("token", String(32)),
    Column("owner", String(128)),
    Column("lease_until", Moment),
    Column("dead", Text),  # why it was given up, in words
    Index(None, "kind", "due"),
)
