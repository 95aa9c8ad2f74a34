"""HTML from feeds made harmless, and made plain.

Promises markup of a short list of elements and attributes, links only to http, https and mailto addresses, no script,
style or event handler, and text that is valid UTF-8. nh3 (ammonia, html5ever) alone decides what markup is; nothing
here looks for danger with patterns. It does not fetch, judge or rewrite what a link leads to.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from urllib.parse import urlsplit

import nh3

from pipeline.parse.encodings import scrub

MAX_HTML = 500_000  # characters of one field that are read
MAX_DEPTH = 2_000  # open elements: html5ever's time is quadratic in depth

_BLOCKS = frozenset(
    "address article aside blockquote caption dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main"
    " nav ol p pre section table tbody td tfoot th thead tr ul br".split()
)
_INLINE = frozenset(
    "a abbr b bdi bdo cite code del dfn em i img ins kbd mark q rp rt ruby s samp small span strong sub sup time u"
    " var wbr".split()
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
# Elements whose content is not text for a reader: it goes with them.
_WITH_CONTENT = frozenset(
    "script style template noscript iframe object applet svg math select textarea title head".split()
)
_SCHEMES = frozenset(("http", "https", "mailto"))
_PLAIN = nh3.Cleaner(tags=set(_BLOCKS), attributes={}, clean_content_tags=set(_WITH_CONTENT))
_TAG = re.compile(r"<[^<>]*>")
_OPENING = re.compile(r"<[A-Za-z](?!r\b|mg\b)")
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")


def clean_html(markup: str, base_url: str | None = None) -> str:
    """`markup` with only what is listed above. Relative links are resolved against `base_url`, if it is http(s)."""
    source = scrub(markup[:MAX_HTML])
    if _too_deep(source):
        return html.escape(_LINES.sub("\n", _TAG.sub("\n", source)).strip(), quote=False)
    base = base_url if base_url and is_web(base_url) else None
    return _cleaner(base).clean(source).strip()


def plain_text(markup: str) -> str:
    """The text of `markup`, blocks parted by newlines, white space collapsed, entities resolved."""
    source = scrub(markup[:MAX_HTML])
    # After nh3 every "<" is a tag of its own writing, so that the pattern cannot be fooled.
    kept = source if _too_deep(source) else _PLAIN.clean(source)
    return _collapse(html.unescape(_TAG.sub("\n", _SPACE.sub(" ", kept.replace("\n", " ")))))


def one_line(text: str) -> str:
    """Plain text as a title wants it: valid, on one line, single spaces."""
    return " ".join(scrub(text).split())


def as_html(text: str) -> str:
    """Plain text as HTML that shows it as it is."""
    return html.escape(scrub(text[:MAX_HTML]).strip(), quote=False)


def is_web(url: str) -> bool:
    """Whether this is an absolute http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _collapse(text: str) -> str:
    return _LINES.sub("\n", _SPACE.sub(" ", scrub(text))).strip()


def _too_deep(markup: str) -> bool:
    return markup.count("<") > MAX_DEPTH and len(_OPENING.findall(markup)) - markup.count("</") > MAX_DEPTH


@lru_cache(maxsize=64)
def _cleaner(base: str | None) -> nh3.Cleaner:
    """A feed's entries often share a base; making a cleaner costs more than using it."""
    try:
        return nh3.Cleaner(
            tags=set(_BLOCKS | _INLINE),
            attributes=_ATTRIBUTES,
            clean_content_tags=set(_WITH_CONTENT),
            url_schemes=set(_SCHEMES),
            url_relative=("rewrite_with_base", base) if base else "pass_through",
        )
    except ValueError:  # nh3 is stricter than urlsplit about what a base may be
        return _cleaner(None)
