"""Moments as feeds write them, made aware UTC or refused.

Promises an aware UTC datetime between 1971 and one day after `now`, or None: a year 0001 or 9999, the epoch of a
server that knows no date, and a month in the future are worse than no date. A time without a zone is taken as UTC.
It does not correct plausible but wrong dates, and it keeps nothing: callers hold on to the raw string.

feedparser's own dates are only the last resort. Known oddities that this module does not share: the minutes of an
offset without colon are lost in ISO dates (+0530 becomes +0500), `Thu,28 Jul 2022 4:35:5 GMT+9` is not read, and a
date without zone is taken through the local time of the machine.
Sources: RFC 3339, RFC 5322 section 3.3 and 4.3, RFC 9557's remark on unknown zone names.
"""

from __future__ import annotations

import calendar
import re
import time
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)

_PARTS = {
    "ZONE": r"(?P<zone> (?:GMT|UTC|UT)? \s* [+\-−] \s* \d{1,2} (?: :? \d{2})? | [A-Za-z]{1,5} )",
    "CLOCK": r"""(?P<hour>\d{1,2}) : (?P<minute>\d{1,2}) (?: : (?P<second>\d{1,2}) (?:[.,]\d{1,9})? )?
        \s* (?P<half>[AaPp]\.?[Mm]\.?)? \s* ZONE?""",
    "WEEKDAY": r"(?: [^\W\d]{2,10} \.? ,? \s* )?",
    "NAME": r"(?P<name>[^\W\d]{3,10}) \.? ,?",
    "YEAR": r"(?P<year>\d{4})",
    "DAY": r"(?P<day>\d{1,2})",
}


def _form(pattern: str) -> re.Pattern[str]:
    for name in ("CLOCK", *_PARTS):  # the clock has a zone in it
        pattern = pattern.replace(name, _PARTS[name])
    return re.compile(pattern, re.VERBOSE)


_FORMS = (
    _form(r"YEAR [-/.年] (?P<month>\d{1,2}) [-/.月] DAY 日? (?: (?: \s* [Tt] \s* | \s+ | , \s* ) CLOCK )?"),
    _form(
        r"""YEAR (?P<month>\d{2}) (?P<day>\d{2})
        (?: [Tt ]? (?P<hour>\d{2}) :? (?P<minute>\d{2}) (?: :? (?P<second>\d{2}) )? ZONE? )?"""
    ),
    _form(r"WEEKDAY DAY [\s-]+ NAME [\s-]+ (?P<year>\d{4}|\d{2}) (?: ,? \s+ CLOCK )? (?: \s* \( [^)]{0,40} \) )?"),
    _form(  # what C's asctime and date print
        r"""[^\W\d]{3} ,? \s+ NAME \s+ DAY \s+ (?P<hour>\d{2}) : (?P<minute>\d{2}) : (?P<second>\d{2}) \s+
        (?: ZONE \s+ )? YEAR"""
    ),
    _form(r"(?: [^\W\d]{2,10} \.? ,? \s+ )? NAME \s+ DAY (?:st|nd|rd|th)? ,? \s+ YEAR (?: ,? \s+ (?:at\s+)? CLOCK )?"),
    _form(r"YEAR - (?P<month>\d{2})"),
)

# English and French, by their first letters without accents
_NAMES = "jan|feb fev|mar|apr avr|may mai|jun juin|jul juil|aug aou|sep|oct|nov|dec"
_MONTHS = {name: number for number, names in enumerate(_NAMES.split("|"), start=1) for name in names.split()}
_ZONES = {  # hours; American names as RFC 5322 has them, others only where they are not ambiguous
    name: hours
    for hours, names in {
        0: "ut utc gmt z wet",
        1: "cet met bst west",
        2: "cest mest eet",
        3: "eest msk",
        7: "ict wib",
        8: "hkt sgt myt pht",
        9: "jst kst",
        10: "aest",
        11: "aedt",
        -3: "adt",
        -4: "edt ast",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst",
    }.items()
    for name in names.split()
}
_NUMERIC_ZONE = re.compile(r"([+\-−])\s*(\d{1,2}):?(\d{2})?$")


def parse_date(raw: str | None, *, now: datetime) -> datetime | None:
    """The moment that `raw` names, if it is plausible as seen from `now`."""
    moment = read(raw) if raw else None
    return moment if moment is not None and plausible(moment, now=now) else None


def plausible(moment: datetime, *, now: datetime) -> bool:
    return EARLIEST <= moment <= now + AHEAD


def read(raw: str) -> datetime | None:
    """The moment that `raw` names, however implausible; None if it is in no form known here."""
    text = unicodedata.normalize("NFKC", raw[:100]).strip()  # full-width and other digits
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _moment(match.groupdict())
    return None


def from_struct(parsed: time.struct_time | None) -> datetime | None:
    """feedparser's 9-tuple, which is in UTC whatever it claims of daylight saving."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _moment(parts: dict[str, str | None]) -> datetime | None:
    month = _month(parts["name"] or "") if "name" in parts else int(parts["month"] or 0)
    zone = _zone(parts.get("zone"))
    if not month or zone is None:
        return None
    second = min(int(parts.get("second") or 0), 59)  # a leap second, or 24:00:60 of a careless server
    day = int(parts.get("day") or 1)
    hour = _hour(int(parts.get("hour") or 0), parts.get("half"))
    if hour > 24:
        return None
    try:
        local = datetime(_year(parts["year"] or ""), month, day, tzinfo=zone)
        return (local + timedelta(hours=hour, minutes=int(parts.get("minute") or 0), seconds=second)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 70 else 2000)  # RFC 5322 says 50; news began later


def _month(name: str) -> int | None:
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return _MONTHS.get(plain[:4]) or _MONTHS.get(plain[:3])


def _hour(hour: int, half: str | None) -> int:
    if half and hour <= 12:
        return hour % 12 + (12 if half.lower().startswith("p") else 0)
    return hour


def _zone(name: str | None) -> timezone | None:
    """The zone of a name or offset; UTC if there is none or nobody knows it, as RFC 5322 asks; None if impossible."""
    if not name:
        return UTC
    if match := _NUMERIC_ZONE.search(name):
        sign = -1 if match.group(1) in "-−" else 1
        minutes = int(match.group(2)) * 60 + int(match.group(3) or 0)
        return timezone(sign * timedelta(minutes=minutes)) if minutes < 24 * 60 else None
    return timezone(timedelta(hours=_ZONES.get(name.lower(), 0)))
