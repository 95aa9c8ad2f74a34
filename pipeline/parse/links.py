"""Addresses as feeds write them, made absolute http(s) addresses or refused.

Promises that what comes out begins with http: or https:, names a host, and has no white space or control characters.
It does not canonicalise: tracking parameters, case and fragments are the collector's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from pipeline.parse.encodings import scrub
from pipeline.parse.sanitise import is_web

MAX_URL = 4096
_SPACES = re.compile(r"[\t\n\r]+")  # which browsers drop inside an address (WHATWG URL, section 4.4)


def resolve(link: str | None, bases: Iterable[str | None]) -> str | None:
    """`link` against the first of `bases` that makes it an http(s) address; None if none does."""
    wanted = _tidy(link)
    if not wanted:
        return None
    if is_web(wanted):
        return wanted
    for base in bases:
        joined = _join(_tidy(base), wanted)
        if joined and is_web(joined) and len(joined) <= MAX_URL:
            return joined
    return None


def _tidy(link: str | None) -> str:
    if not link or len(link) > MAX_URL:
        return ""
    return _SPACES.sub("", scrub(link)).strip().replace(" ", "%20")


def _join(base: str, link: str) -> str | None:
    try:
        return urljoin(base, link) if base else None
    except ValueError:
        return None
