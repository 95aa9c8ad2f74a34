"""When digests are due: once a day at a set time of day (UTC), and as soon as possible after it if that was missed.

Promises arithmetic only: which digests went out, and when the last round was, is for the ledger to know.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta


def digest_slot(*, at: str, now: datetime) -> datetime:
    """The latest moment not after `now` that has the time of day `at` ("HH:MM", UTC)."""
    slot = datetime.combine(now.astimezone(UTC).date(), time.fromisoformat(at), tzinfo=UTC)
    return slot if slot <= now else slot - timedelta(days=1)


def digest_due(*, last: datetime | None, at: str, now: datetime) -> bool:
    """Whether a round of digests is due. `last` is when the last round was, also one that had nothing to say;
    None if there never was one: then it is due at once."""
    return last is None or last < digest_slot(at=at, now=now)
