"""Dates in queries: `2019`, `2019-06`, `2019-06-09`, `2019-06-09T10:30`, `now`, `now-7d`, and what lies between them.

Promises that a date of any precision means the whole of it, as in Elasticsearch: `<=2019-06` ends with June,
`>2019-06` begins after it. Moments are UTC unless they say otherwise, to the second. The years 1900 to 2200 are known;
bounds beyond them are open, articles beyond them undated. It reads no clock.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?)(?:[T ](?P<hour>\d\d?)(?::(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:\.\d+)?)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_RELATIVE = re.compile(r"now(?:(?P<sign>[+-])(?P<count>\d{1,6})(?P<unit>[smhdwMy]))?")
_AGE = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {
    unit: timedelta(seconds=size) for unit, size in (("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800))
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A date as typed, already checked."""

    text: str

    def bounds(self, now: datetime | None) -> tuple[datetime, datetime]:
        """The first moment it covers, and the first one after it. `now` is needed if it is relative."""
        if found := _RELATIVE.fullmatch(self.text):
            if now is None:
                raise ValueError(f"{self.text!r} needs the time of day")
            moment = _shift(now.astimezone(UTC).replace(microsecond=0), found)
            return moment, moment + timedelta(seconds=1)
        return _whole(self.text)


@dataclass(frozen=True, slots=True)
class Moments:
    """From `low` to `high`, each with whether it is included; None is open."""

    low: Literal | None
    high: Literal | None
    include_low: bool = True
    include_high: bool = True

    def resolve(self, now: datetime | None) -> tuple[datetime | None, datetime | None]:
        """The first moment in the range and the first one after it."""
        start = self.low.bounds(now)[0 if self.include_low else 1] if self.low else None
        end = self.high.bounds(now)[1 if self.include_high else 0] if self.high else None
        return start, end


def literal(text: str) -> Literal:
    """Raises ValueError with a sentence if `text` is no date of ours."""
    if not _RELATIVE.fullmatch(text):
        _whole(text)
    return Literal(text)


def age(text: str) -> timedelta:
    """ "90m", "12h", "7d", "2w" as a duration. Raises ValueError with a sentence."""
    if found := _AGE.fullmatch(text.strip()):
        return int(found[1]) * _UNITS[found[2]]
    raise ValueError(f'"{text}" is not a duration; write a number and s, m, h, d or w, such as 7d')


def known(moment: datetime | None) -> datetime | None:
    """`moment` in UTC, to the second, or None if it lies outside what the indexes can hold."""
    if moment is None or not EARLIEST.year <= moment.year < LATEST.year:
        return None
    moment = moment.astimezone(UTC).replace(microsecond=0)
    return moment if EARLIEST <= moment < LATEST else None


def _whole(text: str) -> tuple[datetime, datetime]:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f'"{text}" is not a date; write 2019, 2019-06, 2019-06-09, 2019-06-09T10:30, now or now-7d')
    given = [int(part) for part in found.group("year", "month", "day", "hour", "minute", "second") if part]
    year, month, day, hour, minute, second = given + [0, 1, 1, 0, 0, 0][len(given) :]
    try:
        start = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(found["zone"])
        end = _following(start, len(given))
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is not in the calendar') from None
    return min(max(start, EARLIEST), LATEST), min(max(end, EARLIEST), LATEST)


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (-1 if zone[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def _following(start: datetime, precision: int) -> datetime:
    """The first moment after the year (1), month (2), day, hour, minute or second (6) that begins at `start`."""
    if precision <= 2:
        return _months(start, 12 if precision == 1 else 1)
    return start + (_UNITS["d"], _UNITS["h"], _UNITS["m"], _UNITS["s"])[precision - 3]


def _shift(now: datetime, found: re.Match[str]) -> datetime:
    """`now` moved as `found` says, kept within the years we know."""
    if not found["sign"]:
        return now
    count = int(found["count"]) * (-1 if found["sign"] == "-" else 1)
    try:
        if found["unit"] in "My":
            moved = _months(now, count * (12 if found["unit"] == "y" else 1))
        else:
            moved = now + count * _UNITS[found["unit"]]
    except (ValueError, OverflowError):
        return EARLIEST if count < 0 else LATEST
    return min(max(moved, EARLIEST), LATEST)


def _months(moment: datetime, count: int) -> datetime:
    """As many months later or earlier, on the month's last day where the day does not exist."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 28
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
