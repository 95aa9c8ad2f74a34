"""When digests are due: once a day at a set time of day (UTC).

Promises arithmetic only: which digests are still to go out is for the ledger to know.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta


def digest_slot(*, at: str, now: datetime) -> datetime:
    """The latest moment not after `now` that has the time of day `at` ("HH:MM", UTC)."""
    slot = datetime.combine(now.astimezone(UTC).date(), time.fromisoformat(at), tzinfo=UTC)
    return slot if slot <= now else slot - timedelta(days=1)
