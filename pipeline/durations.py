"""Spans of time as people write them: "90s", "30m", "6h", "7d", "2w".

One unit only; months and years are refused because they have no fixed length.
"""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhdw])")


def parse_duration(text: str) -> timedelta:
    """The span that `text` names. Raises ValueError with a sentence for people."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a span of time; write a number and s, m, h, d or w, such as 30m or 7d')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
