from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.dates import AHEAD, EARLIEST, from_struct, parse_date, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Sun, 09 Jun 2019 23:40:00 +0700", "2019-06-09T16:40:00"),
        ("Sun, 9 Jun 2019 23:40 GMT", "2019-06-09T23:40:00"),
        ("Sun,09 Jun 2019 23:40:00 EST", "2019-06-10T04:40:00"),
        ("09 Jun 19 23:40:00 Z", "2019-06-09T23:40:00"),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05"),
        ("Sun, 09 Jun 2019 23:40:00", "2019-06-09T23:40:00"),
        ("Sun, 09 Jun 2019 23:40:00 ICT", "2019-06-09T16:40:00"),
        ("Sun, 09 Jun 2019 23:40:00 -0330", "2019-06-10T03:10:00"),
        ("Sun, 09 Jun 2019 23:40:00 +0700 (ICT)", "2019-06-09T16:40:00"),
        ("dim., 09 juin 2019 23:40:00 +0200", "2019-06-09T21:40:00"),
        ("lundi 5 août 2019 10:00:00 +0200", "2019-08-05T08:00:00"),
        ("1 février 2019", "2019-02-01T00:00:00"),
        ("2019-06-09T23:40:00+07:00", "2019-06-09T16:40:00"),
        ("2019-06-09T23:40:00+0530", "2019-06-09T18:10:00"),
        ("2019-06-09T23:40:00.123456Z", "2019-06-09T23:40:00"),
        ("2019-06-09T24:00:00Z", "2019-06-10T00:00:00"),
        ("2019-06-09 23:40", "2019-06-09T23:40:00"),
        ("2019-06-09", "2019-06-09T00:00:00"),
        ("2019-06", "2019-06-01T00:00:00"),
        ("20190609T234000Z", "2019-06-09T23:40:00"),
        ("2019/6/9 23:40:00", "2019-06-09T23:40:00"),
        ("2019年6月9日 23:40", "2019-06-09T23:40:00"),
        ("２０１９-０６-０９", "2019-06-09T00:00:00"),
        ("June 9, 2019 11:40 PM", "2019-06-09T23:40:00"),
        ("Sun Jun  9 23:40:00 2019", "2019-06-09T23:40:00"),
        ("Sun Jun  9 23:40:00 UTC 2019", "2019-06-09T23:40:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
    ],
)
def test_forms_that_feeds_use(raw: str, expected: str) -> None:
    assert parse_date(raw, now=NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "2026-12-24T00:00:00Z",
        "2019-13-01",
        "2019-02-30",
        "2019-06-09T25:00:00Z",
        "2019-06-09T23:40:00+99:00",
        "9" * 5000,
        "2019-06-09T" + "0" * 100_000,
    ],
)
def test_no_date_is_better_than_a_wrong_one(raw: str | None) -> None:
    assert parse_date(raw, now=NOW) is None


def test_the_future_is_allowed_for_one_day() -> None:
    assert parse_date((NOW + AHEAD).isoformat(), now=NOW) == NOW + AHEAD
    assert parse_date((NOW + AHEAD + timedelta(seconds=1)).isoformat(), now=NOW) is None


def test_feedparsers_tuples_are_utc() -> None:
    assert from_struct(datetime(2019, 7, 1, 12, tzinfo=UTC).timetuple()) == datetime(2019, 7, 1, 12, tzinfo=UTC)
    assert from_struct(None) is None


@given(st.integers(40_000_000, int(NOW.timestamp())), st.integers(-14 * 60, 14 * 60))
def test_both_standards_round_trip(seconds: int, offset: int) -> None:
    moment = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=offset)))
    assert read(moment.isoformat()) == moment
    assert read(format_datetime(moment)) == moment


@given(st.text(max_size=60))
def test_any_text_gives_a_plausible_moment_or_none(raw: str) -> None:
    moment = parse_date(raw, now=NOW)
    assert moment is None or (moment.utcoffset() == timedelta(0) and EARLIEST <= moment <= NOW + AHEAD)
