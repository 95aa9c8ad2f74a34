"""Sources and drafts for the ledger's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.ledger.identity import Draft
from pipeline.model import Source, SourceKind

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

DAILY = Source("daily", "The Daily", "https://daily.example/feed", None, "KH", "en", SourceKind.INDEPENDENT)
WIRE = replace(DAILY, id="wire", name="The Wire", url="https://wire.example/feed", kind=SourceKind.AGENCY)
SOURCES = (DAILY, WIRE)

LONG = "The ministers met in Phnom Penh on Monday and agreed on the outline of a plan for the coming five years. " * 3


def draft(number: int = 1) -> Draft:
    """An entry of The Daily, each number another one; `replace` changes it."""
    return Draft(
        source="daily",
        guid=f"daily-{number}",
        url=f"https://daily.example/news/{number}",
        title=f"Headline {number}",
        text=f"{LONG} Number {number}.",
        published=NOW - timedelta(hours=number),
    )
