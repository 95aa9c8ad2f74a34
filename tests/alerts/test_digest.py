"""When digests are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.alerts import digest_slot

SIX = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=3650)).map(lambda gone: datetime(2020, 1, 1, tzinfo=UTC) + gone)
TIMES = st.times().map(lambda moment: f"{moment:%H:%M}")


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
