"""When digests are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.alerts import digest_due, digest_slot

SIX = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=3650)).map(lambda gone: datetime(2020, 1, 1, tzinfo=UTC) + gone)
TIMES = st.times().map(lambda moment: f"{moment:%H:%M}")


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, SIX - MINUTE, True),  # never before: not a day's wait for the first
        (SIX - timedelta(days=1), SIX - MINUTE, False),
        (SIX - timedelta(days=1), SIX, True),
        (SIX - MINUTE, SIX, True),
        (SIX, SIX, False),
        (SIX, SIX + timedelta(hours=23), False),
        (SIX, SIX + timedelta(days=1), True),
        (SIX - timedelta(days=5), SIX - MINUTE, True),  # missed for days: at once
        (SIX + timedelta(days=9), SIX, False),  # a clock that went back
    ],
)
def test_due_once_a_day_at_its_time(last: datetime | None, now: datetime, due: bool) -> None:
    assert digest_due(last=last, at="06:00", now=now) is due


def test_the_time_of_day_is_utc_whatever_the_zone_of_now() -> None:
    phnom_penh = timezone(timedelta(hours=7))
    assert digest_slot(at="06:00", now=SIX.astimezone(phnom_penh)) == SIX
    assert digest_slot(at="06:00", now=(SIX - MINUTE).astimezone(phnom_penh)) == SIX - timedelta(days=1)


@hypothesis_settings(deadline=None)
@given(MOMENTS, TIMES)
def test_the_slot_is_the_last_such_time(now: datetime, at: str) -> None:
    slot = digest_slot(at=at, now=now)
    assert timedelta(0) <= now - slot < timedelta(days=1)
    assert f"{slot:%H:%M:%S.%f}" == f"{at}:00.000000"


@hypothesis_settings(deadline=None, max_examples=20)
@given(MOMENTS, TIMES, st.integers(5, 300))
def test_a_watch_that_looks_often_sends_one_a_day(start: datetime, at: str, minutes: int) -> None:
    last, sent, now = start, 0, start
    while now < start + timedelta(days=7):
        now += timedelta(minutes=minutes)
        if digest_due(last=last, at=at, now=now):
            last, sent = now, sent + 1
    assert 6 <= sent <= 8
