"""The time, for who is given no other clock. What decides by the time takes a clock, or `now`, as an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
