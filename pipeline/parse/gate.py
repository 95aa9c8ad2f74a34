"""What is refused before a parser sees it, and why.

Promises that a document which passes has its first element within 4 KB, declares no entity, and has neither hundreds
of attributes in one tag nor elements a thousand deep. The gate reads text that is decoded already, the very text that
is parsed, so that no encoding can smuggle past it. Time is linear in the length. It does not prove a document
harmless: the worker's limits do the rest.

Reasons, measured with feedparser 6: entities of 80 KB blow up to 1.9 GB in its lenient parser, and time is quadratic
in white space before the first element and in the namespaces of one document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.errors import HostileDocument, NotAFeed

PROLOG = 4096  # bytes before the first element
ATTRIBUTES = 256  # in one tag
DEPTH = 1000  # elements inside each other

_ELEMENT = re.compile(r"[A-Za-z0-9_]")
_ANY_ELEMENT = re.compile(r"<[A-Za-z0-9_]")
_ENTITY = re.compile(r"<!\s*ENTITY", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_ROOT_NAME = re.compile(r"<([\w:.-]{1,100})")
_HTML = re.compile(r"\s*(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_FEED_ROOT = re.compile(r"<(?:rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input meta param source wbr".split())
_ENTRIES = frozenset(("item", "entry"))
_ENTRY_DEPTH = 8  # where entries end, at the most
_MAGIC = (
    (b"\x1f\x8b", "gzip data; unpack it first"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)


def not_text(body: bytes) -> str | None:
    """Why there is nothing to read: nothing at all, or what is plainly another kind of file."""
    if not body.strip():
        return "the document is empty"
    return next((f"this is {kind}" for magic, kind in _MAGIC if body.startswith(magic)), None)


def check_feed(text: str, *, subject: str) -> None:
    """Raises HostileDocument for what no feed needs, and NotAFeed where a feed cannot be."""
    root = root_start(text)
    prolog = text if root is None else text[:root]
    if _ENTITY.search(prolog):
        raise HostileDocument(subject, "it declares entities (<!ENTITY), which feeds do not need")
    if root is None and not _ANY_ELEMENT.search(text):
        raise NotAFeed(subject, _no_markup(text))
    if root is None or len(prolog.encode("utf-8", "replace")) > PROLOG:
        raise HostileDocument(subject, f"no element begins in the first {PROLOG} bytes")
    if _HTML.match(text) and not _FEED_ROOT.search(text, 0, root + PROLOG):
        raise NotAFeed(subject, "this is a web page, not a feed; look for the feed that the page links to")
    _check_tags(text, root, subject)


def root_start(text: str) -> int | None:
    """Where the first element begins. Raises nothing; None if there is none, or only after a declaration that
    cannot be told apart from it (a "<" inside quotes)."""
    position = 0
    while (start := text.find("<", position)) >= 0:
        if text.startswith("<!--", start):
            position = _after(text, "-->", start + 4)
        elif text.startswith("<?", start):
            position = _after(text, "?>", start + 2)
        elif text.startswith("<!", start):
            position = _after(text, "<", start + 2) - 1
            if _unbalanced(text[start:position]):
                return None
        elif _ELEMENT.match(text, start + 1):
            return start
        else:
            position = start + 1
    return None


def root_name(text: str) -> str | None:
    """The name of the first element as written, with its prefix."""
    start = root_start(text)
    match = _ROOT_NAME.match(text, start) if start is not None else None
    return match.group(1) if match else None


def _after(text: str, end: str, start: int) -> int:
    found = text.find(end, start)
    return len(text) if found < 0 else found + len(end)


def _unbalanced(declaration: str) -> bool:
    rest = _QUOTED.sub("", declaration)
    return '"' in rest or "'" in rest


def _check_tags(text: str, root: int, subject: str) -> None:
    depth = 0
    for tag in _tags(text, root):
        if tag.startswith("!") and _ENTITY.match("<" + tag[:20]):
            raise HostileDocument(subject, "it declares entities (<!ENTITY) after its first element")
        if tag.count("=") > ATTRIBUTES and _attributes(tag) > ATTRIBUTES:
            raise HostileDocument(subject, f"one tag has more than {ATTRIBUTES} attributes")
        depth = _deeper(depth, tag)
        if depth > DEPTH:
            raise HostileDocument(subject, f"elements are nested more than {DEPTH} deep")


def _tags(text: str, start: int) -> Iterator[str]:
    """Each tag with the text that follows it, without its "<"; comments and CDATA sections are passed over."""
    while 0 <= start < len(text):
        if text.startswith("<!--", start):
            start = text.find("<", _after(text, "-->", start + 4))
        elif text.startswith("<![CDATA[", start):
            start = text.find("<", _after(text, "]]>", start + 9))
        else:
            end = text.find("<", start + 1)
            yield text[start + 1 : end if end >= 0 else len(text)]
            start = end


def _attributes(tag: str) -> int:
    """How many attributes a tag has: equals signs outside quotes, up to its end."""
    return _QUOTED.sub("", tag).partition(">")[0].count("=")


def _deeper(depth: int, tag: str) -> int:
    """The depth after a tag. What HTML leaves open neither counts nor outlives its entry: old feeds are full of it."""
    if not tag or tag[0] in "!?":
        return depth
    inside = tag.partition(">")[0]
    name = inside.strip("/").partition(" ")[0].lower()
    if name in _VOID or inside.endswith("/"):
        return depth
    if tag[0] != "/":
        return depth + 1
    return min(depth, _ENTRY_DEPTH) if name in _ENTRIES else max(0, depth - 1)


def _no_markup(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        return "this is JSON, not an XML feed"
    return "it has no element; this is not a feed"
