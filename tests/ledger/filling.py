"""Rows for every table of the ledger, with what databases like to get wrong: scripts, JSON, bytes, moments, nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, insert

from pipeline.ledger import work
from pipeline.ledger.database import MIGRATIONS
from pipeline.ledger.schema import metadata
from pipeline.settings import Settings
from tests.ledger.examples import NOW

KHMER = "ឧបនាយករដ្ឋមន្ត្រី ប្រាក់ សុខុន ជួប​លោក វ៉ាង យី"
CHINESE = "王毅同柬埔寨副首相兼外交大臣布拉索昆举行会谈 𠀀"
ODD = "tab\tline\r\n 'quote' \"double\" back\\slash \\N \\. \\u0000 \u2028 \x01 é e\u0301"
EXACT = NOW + timedelta(microseconds=123457)
BYTES = bytes(range(256))
JSON = [{"text": KHMER, "half": "\ud800", "nul": "\x00", "score": 0.1 + 0.2, "n": 2**53 + 1, "none": None, "yes": True}]
Columns = Mapping[str, tuple[str, ...]]

_ARTICLE = {
    "source": "daily",
    "revision": 3,
    "url": "https://daily.example/អត្ថបទ",
    "feed_text": ODD,
    "page_checked": True,
    "authors": ["Sok Ōn", "王"],
    "first_seen": NOW,
    "last_changed": EXACT,
    "content_hash": "c" * 64,
}
ROWS: Mapping[str, Sequence[dict[str, Any]]] = {
    "source": [
        {"id": "daily", "name": KHMER, "url": "https://daily.example/", "country": "KH", "language": "km"}
        | {"kind": "independent", "demo": False, "failures": 2, "last_attempt": EXACT, "error": ODD},
    ],
    "article": [
        {"id": "a1", "title": CHINESE, "page_text": "", "published": EXACT, **_ARTICLE},
        {"id": "a2", "title": KHMER, "page_text": None, "published": None, **_ARTICLE},
    ],
    "article_version": [{"article": "a1", "revision": 1, "title": "", "text": CHINESE, "replaced": NOW}],
    "alias": [{"hash": "h" * 64, "kind": "guid", "article": "a1"}],
    "annotation": [
        {"article": "a1", "revision": 3, "topics": JSON, "mentions": [], "candidate": True, "alerts": ["x"]}
    ],
    "family_member": [{"article": "a2", "family": "a1", "similarity": 1 / 3, "signature": BYTES}],
    "family_text": [{"family": "a1", "signature": BYTES}, {"family": "a1", "signature": b""}],
    "family_band": [{"band": "b", "family": "a1"}],
    "rule_seen": [{"name": "rule", "fingerprint": "f", "seen": EXACT}],
    "message": [
        {"id": "<1@x>", "recipient": "a@example.org", "subject": CHINESE, "body": BYTES, "composed": NOW}
        | {"attempts": 1, "unresolved": True, "retransmissions": 0}
    ],
    "notification": [
        {"id": "n1", "rule": "rule", "family": "a1", "recipient": "a@example.org", "kind": "first", "sequence": 1}
        | {
            "article": "a1",
            "send": "instant",
            "reasons": JSON,
            "created": EXACT,
            "state": "frozen",
            "message": "<1@x>",
        },
    ],
    "retired": [{"month": "2026.01", "retired": NOW}],
    "pass_record": [
        {"id": "p", "owner": "x:1:1", "began": NOW, "ended": EXACT, "counts": JSON[0], "failed": [[ODD, KHMER]]}
    ],
    "mark": [{"name": "verify", "value": JSON[0]}],
    "work": [{"kind": "index", "key": "ក", "version": 3, "due": EXACT, "attempts": 0}],
}


def fill(connection: Connection, *, of: MetaData = metadata) -> None:
    """Put ROWS into the tables of `of`, which may be those of an older schema: what it does not know is left out."""
    for table in metadata.sorted_tables:
        if (known := of.tables.get(table.name)) is None:
            continue
        for row in ROWS.get(table.name, ()):
            values = {name: value for name, value in row.items() if name in known.columns}
            connection.execute(insert(table).values(values))


def make_older(settings: Settings, version: str) -> Columns:
    """A ledger as `version` had it, with rows in every table; which columns its tables have."""
    engine = create_engine(settings.ledger_url.replace("postgresql:", "postgresql+psycopg:"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    known = MetaData()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        known.reflect(connection)
        fill(connection, of=known)
    engine.dispose()
    return {name: tuple(table.columns.keys()) for name, table in known.tables.items() if name in ROWS}


def hold(connection: Connection) -> None:
    """This process is at work on a piece of work that has no end."""
    assert work.claim(connection, "index", now=NOW + timedelta(days=1), limit=1)
