"""How many articles there are for each hour, day, week, month, quarter or year of `date`.

Promises the same counts from every back end: engines count hours or days, and these are added up here, by the UTC
calendar, weeks from Monday. Times without articles are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipeline.model import Interval


@dataclass(frozen=True, slots=True)
class Bucket:
    """`count` articles are of the time that begins at `start`."""

    start: datetime
    count: int


_START: Mapping[Interval, Callable[[date], date]] = {
    Interval.DAY: lambda day: day,
    Interval.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Interval.MONTH: lambda day: day.replace(day=1),
    Interval.QUARTER: lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    Interval.YEAR: lambda day: day.replace(month=1, day=1),
}


def aggregation(interval: Interval) -> dict[str, Any]:
    """What to ask an engine for; tantivy and Elasticsearch take the same."""
    step = "1h" if interval is Interval.HOUR else "1d"
    return {"date_histogram": {"field": "date", "fixed_interval": step, "min_doc_count": 1}}


def buckets(answer: Iterable[Mapping[str, Any]], interval: Interval) -> tuple[Bucket, ...]:
    """An engine's buckets, whose keys are milliseconds since 1970, as those of the interval, in order."""
    counts: Counter[datetime] = Counter()
    for one in answer:
        counts[start_of(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=one["key"]), interval)] += int(
            one["doc_count"]
        )
    return tuple(Bucket(start, count) for start, count in sorted(counts.items()) if count)


def start_of(moment: datetime, interval: Interval) -> datetime:
    """When the hour, day, week ... of `moment` begins."""
    if interval is Interval.HOUR:
        return moment.replace(minute=0, second=0, microsecond=0)
    day = _START[interval](moment.date())
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def following(start: datetime, interval: Interval) -> datetime:
    """When the next one begins."""
    longest = timedelta(hours=1) if interval is Interval.HOUR else _LONGEST[interval]
    return start_of(start + longest, interval)


_LONGEST: Mapping[Interval, timedelta] = {
    Interval.DAY: timedelta(days=1),
    Interval.WEEK: timedelta(days=7),
    Interval.MONTH: timedelta(days=31),
    Interval.QUARTER: timedelta(days=92),
    Interval.YEAR: timedelta(days=366),
}
