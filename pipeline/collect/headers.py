"""The header fields that we send and read.

Promises: validators go back to the host exactly as they came; every value that leaves here is text that a database
and JSON can hold. Does not decide what an answer means (fetcher.py).

Sources: RFC 9110, sections 8.8 (validators), 10.2.3 (Retry-After), 12.5 (Accept), 13.1 (conditional requests).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from pipeline.collect.decode import ACCEPT_ENCODING
from pipeline.model import Validators

ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.7, */*;q=0.5"
)
MAX_VALIDATOR: Final = 1000  # characters; a longer one is dropped, which costs only a full answer

ON_THE_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})


def request_headers(user_agent: str, validators: Validators) -> dict[str, str]:
    """What one GET sends."""
    headers = {"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
    if etag := _sendable(validators.etag):
        headers["If-None-Match"] = etag
    if last_modified := _sendable(validators.last_modified):
        headers["If-Modified-Since"] = last_modified
    return headers


def is_conditional(headers: Mapping[str, str]) -> bool:
    return "If-None-Match" in headers or "If-Modified-Since" in headers


def plain(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header fields by lower-case name, repeated ones joined; bytes that are no UTF-8 become U+FFFD."""
    joined: dict[str, str] = {}
    for name, value in items:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return {key: _as_text(value) for key, value in joined.items()}


def of_the_body(headers: Mapping[str, str]) -> dict[str, str]:
    """`headers` without those that are true only of the bytes on the wire: the body is decompressed by now."""
    return {name: value for name, value in headers.items() if name not in ON_THE_WIRE}


def validators_in(headers: Mapping[str, str]) -> Validators:
    """The validators of an answer, as they are; those that could not be sent back are left out."""
    return Validators(_sendable(headers.get("etag")), _sendable(headers.get("last-modified")))


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds that Retry-After asks for, never negative; None if it is absent or makes no sense.

    A date is counted from the answer's own Date, so that a wrong clock, ours or theirs, changes nothing.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    if (until := _date(value)) is None:
        return None
    since = _date(headers.get("date", "")) or now
    return max(0.0, (until - since).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _sendable(value: str | None) -> str | None:
    """`value` if it can be a header value again: aiohttp writes UTF-8, so other bytes would come back changed."""
    return value if value and value.isprintable() and len(value) <= MAX_VALIDATOR and "\ufffd" not in value else None


def _as_text(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
