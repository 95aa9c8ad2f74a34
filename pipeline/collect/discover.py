"""Which feeds a home page offers.

Promises: reads any bytes in time linear in their number (html.parser takes minutes for 256 KiB of "<a "), and gives
absolute http(s) URLs, each once, in the order of the page. Does not fetch, and does not know whether a URL it gives
is a feed.

Source: RSS Advisory Board, "RSS Autodiscovery"; HTML Living Standard, section 4.6.7.1 (rel=alternate).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from pipeline.collect.urls import join_location, parse_url
from pipeline.errors import BadUrl

MAX_BYTES: Final = 512 * 1024  # links to feeds stand in the head
MAX_FEEDS: Final = 200
FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml"}
)
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_READABLE: Final = re.compile(r"utf-?8|gb\w+|big5[\w-]*|windows-\d+|iso-8859-\d+|euc-\w+|shift_jis", re.IGNORECASE)
# No part may hold "<", so a scan never runs past the start of the next one, and nothing is backtracked into.
_TAG: Final = re.compile(r"<(link|base|a)(?=[\s/])((?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>([^<]{0,200})", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"(?<![^\s\"'/])([^\s=>\"'/]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
_LOOKS_LIKE_A_FEED: Final = re.compile(r"(?:^|[/._?=-])(?:rss|atom|rdf|feeds?)(?:[/._?=&\d-]|$)", re.IGNORECASE)

Tag = tuple[str, dict[str, str], str]  # name, attributes, the text right after it


def advertised_feeds(html: bytes, url: str) -> tuple[tuple[str, str], ...]:
    """(URL, title) of each feed that the page at `url` names in its <link> elements; title "" if it has none.

    If there is no such element: of each link in its text whose address looks like a feed's.
    """
    tags = list(_tags(_text(html[:MAX_BYTES])))
    base = _base(tags, url)
    linked = [(attributes, attributes.get("title", "")) for name, attributes, _ in tags if _is_feed(name, attributes)]
    if not linked:
        linked = [
            (attributes, attributes.get("title") or after)
            for name, attributes, after in tags
            if name == "a" and _LOOKS_LIKE_A_FEED.search(attributes.get("href", ""))
        ]
    found: dict[str, str] = {}
    for attributes, title in linked[:MAX_FEEDS]:
        if (absolute := _absolute(base, attributes.get("href", ""))) is not None:
            found.setdefault(absolute, " ".join(title.split()))
    return tuple(found.items())


def _text(html: bytes) -> str:
    declared = _CHARSET.search(html[:4096])
    name = declared.group(1).decode("ascii", "replace") if declared else "utf-8"
    try:
        # every GB2312 page is GB18030 too, and many that say the one are the other
        known = "gb18030" if name.lower().startswith("gb") else name
        return html.decode(known if _READABLE.fullmatch(name) else "utf-8", "replace")
    except LookupError:
        return html.decode("utf-8", "replace")


def _tags(text: str) -> Iterator[Tag]:
    for match in _TAG.finditer(_without_comments(text)):
        attributes: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(match.group(2)):
            attributes.setdefault(name.lower(), unescape("".join(values)).strip())
        yield match.group(1).lower(), attributes, unescape(match.group(3))


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _base(tags: list[Tag], url: str) -> str:
    given = next((attributes["href"] for name, attributes, _ in tags if name == "base" and "href" in attributes), "")
    return _absolute(url, given) or url


def _is_feed(name: str, attributes: dict[str, str]) -> bool:
    relations = attributes.get("rel", "").lower().split()
    kind = attributes.get("type", "").lower().partition(";")[0].strip()
    return name == "link" and ("feed" in relations or ("alternate" in relations and kind in FEED_TYPES))


def _absolute(base: str, href: str) -> str | None:
    """`href` as an absolute URL that could be fetched; None if it is empty or none."""
    if not href:
        return None
    try:
        return str(parse_url(join_location(parse_url(base), href)))
    except BadUrl:
        return None
