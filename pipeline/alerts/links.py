"""Addresses that a mail may link to.

Promises that what `web_link` returns is http or https with a host and is ASCII without any character that could end an
attribute or a line; anything else, such as `javascript:`, is None. Where the link leads is the outlet's matter.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_HOST = re.compile(r"[\w.:\[\]@~!$&()*+,;=%-]+")
_SAFE = "!#$%&()*+,-./:;=?@[]_~"  # all of ASCII that a URL may hold, but for the apostrophe
_LONGEST = 2000


def web_link(url: str | None) -> str | None:
    """`url` in ASCII (path and query percent-encoded) if it is safe to put into a mail, else None."""
    if not url or len(url) > _LONGEST or _CONTROLS.search(url):
        return None
    try:
        parts = urlsplit(url)
        name, _ = parts.hostname, parts.port
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not name or not _HOST.fullmatch(netloc):
        return None
    rest = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
    return f"{parts.scheme}://{netloc}{quote(rest, safe=_SAFE)}"


def host(url: str | None) -> str | None:
    """The host a link leads to, as shown beside it."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else None


def search_link(base: str | None, query: str) -> str | None:
    """`base` with `query` in place of `{query}`, percent-encoded; `base` itself if it has no such place."""
    return web_link(base.replace("{query}", quote(query, safe=""))) if base else None
