"""A histogram as a bar chart on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from pipeline.index.histogram import Bucket, following
from pipeline.model import Interval

MOST_ROWS = 100  # of a chart that shows empty times as well
_BAR = 50  # columns
_EIGHTHS = " ▏▎▍▌▋▊▉"
_NAMES: Mapping[Interval, Callable[[datetime], str]] = {
    Interval.HOUR: lambda start: f"{start:%Y-%m-%d %H:00}",
    Interval.DAY: lambda start: f"{start:%Y-%m-%d}",
    Interval.WEEK: lambda start: f"{start:%Y-%m-%d}",
    Interval.MONTH: lambda start: f"{start:%Y-%m}",
    Interval.QUARTER: lambda start: f"{start:%Y} Q{(start.month + 2) // 3}",
    Interval.YEAR: lambda start: f"{start:%Y}",
}


def print_histogram(console: Console, buckets: Sequence[Bucket], interval: Interval) -> None:
    """A line for each time, empty ones too where that is not too many; a gap is three dots."""
    most = max((each.count for each in buckets), default=0)
    rows = list(_filled(buckets, interval))
    shown = rows if len(rows) <= MOST_ROWS else buckets
    expected = None
    for each in shown:
        if expected is not None and each.start != expected:
            console.print("...", style="dim")
        expected = following(each.start, interval)
        line = Text(f"{_NAMES[interval](each.start)}  ").append(f"{_bar(each.count, most):<{_BAR}}", style="yellow")
        console.print(line.append(f"  {each.count}"))
    console.print()


def _filled(buckets: Sequence[Bucket], interval: Interval) -> Iterator[Bucket]:
    """With the empty times between, no more than it takes to see that they are too many."""
    rows, start = 0, buckets[0].start if buckets else None
    counts = {each.start: each.count for each in buckets}
    while start is not None and start <= buckets[-1].start and rows <= MOST_ROWS:
        yield Bucket(start, counts.get(start, 0))
        rows, start = rows + 1, following(start, interval)


def _bar(count: int, most: int) -> str:
    """In eighths of a column, at least one for what is not nothing."""
    eighths = max(1, round(count / most * _BAR * 8)) if count else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
