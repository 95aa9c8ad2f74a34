"""Dates in queries cover the whole of what they name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.query import age
from pipeline.query.moments import EARLIEST, LATEST, Moments, known, literal

NOW = datetime(2020, 3, 31, 12, 30, 15, 999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", "2019-01-01T00:00:00", "2020-01-01T00:00:00"),
        ("2019-12", "2019-12-01T00:00:00", "2020-01-01T00:00:00"),
        ("2019-6-9", "2019-06-09T00:00:00", "2019-06-10T00:00:00"),
        ("2020-02-28", "2020-02-28T00:00:00", "2020-02-29T00:00:00"),
        ("2019-06-09T10", "2019-06-09T10:00:00", "2019-06-09T11:00:00"),
        ("2019-06-09T10:30", "2019-06-09T10:30:00", "2019-06-09T10:31:00"),
        ("2019-06-09T10:30:15.5Z", "2019-06-09T10:30:15", "2019-06-09T10:30:16"),
        ("2019-06-09 10:30+07:00", "2019-06-09T03:30:00", "2019-06-09T03:31:00"),
        ("2019-06-09T10-0230", "2019-06-09T12:30:00", "2019-06-09T13:30:00"),
        ("now", "2020-03-31T12:30:15", "2020-03-31T12:30:16"),
        ("now-7d", "2020-03-24T12:30:15", "2020-03-24T12:30:16"),
        ("now+2h", "2020-03-31T14:30:15", "2020-03-31T14:30:16"),
        ("now-1M", "2020-02-29T12:30:15", "2020-02-29T12:30:16"),
        ("now-1y", "2019-03-31T12:30:15", "2019-03-31T12:30:16"),
        ("now-999999y", "1900-01-01T00:00:00", "1900-01-01T00:00:01"),
        ("0001", "1900-01-01T00:00:00", "1900-01-01T00:00:00"),
        ("9998-12-31", "2200-01-01T00:00:00", "2200-01-01T00:00:00"),
    ],
)
def test_bounds(text: str, start: str, end: str) -> None:
    found = literal(text).bounds(NOW)
    assert [moment.replace(tzinfo=None).isoformat() for moment in found] == [start, end]


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "now-7", "now/d", "19", "2019-13", "2019-02-30", "2019-06-09T25", "0000", "now-1Q", "２０１９x"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a date|not in the calendar"):
        literal(text)


@pytest.mark.parametrize(
    ("include_low", "include_high", "expected"),
    [
        (True, True, ("2019-06-01", "2019-08-01")),
        (False, True, ("2019-07-01", "2019-08-01")),
        (True, False, ("2019-06-01", "2019-07-01")),
    ],
)
def test_excluding_a_date_excludes_the_whole_of_it(
    include_low: bool, include_high: bool, expected: tuple[str, str]
) -> None:
    start, end = Moments(literal("2019-06"), literal("2019-07"), include_low, include_high).resolve(None)
    assert start is not None
    assert end is not None
    assert (start.date().isoformat(), end.date().isoformat()) == expected


def test_relative_dates_need_the_time() -> None:
    with pytest.raises(ValueError, match="needs the time"):
        Moments(literal("now-1d"), None).resolve(None)


def test_ages() -> None:
    assert age("7d") == timedelta(days=7)
    assert age(" 90m ") == timedelta(minutes=90)
    with pytest.raises(ValueError, match="such as 7d"):
        age("a week")


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=11))])))
def test_known_moments_are_those_that_every_index_can_hold(moment: datetime) -> None:
    found = known(moment)
    if found is None:
        assert not EARLIEST + timedelta(days=1) <= moment < LATEST - timedelta(days=1)
    else:
        assert EARLIEST <= found < LATEST
        assert found.tzinfo is UTC
        assert abs(found - moment) < timedelta(seconds=1)
