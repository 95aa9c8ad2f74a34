"""A feed document as a Feed: decoded once, let through the gate, read by feedparser, cleaned by us.

Promises that every entry that can be read is kept, that what was wrong is listed as problems, and that only
ParseError and its kinds, or MemoryError, come out. `feedparser.parse` gets bytes that are valid UTF-8 under a
declaration of ours, and nothing else: no header, no name that it could open or fetch. Its sanitiser and link resolver
are off. This is to run in the worker: time and memory are bounded there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from xml.sax import SAXParseException

import feedparser
from feedparser.exceptions import UndeclaredNamespace

from pipeline.errors import NotAFeed, ParseError
from pipeline.model import Entry, Feed, Problem
from pipeline.parse import gate
from pipeline.parse.encodings import decode
from pipeline.parse.entries import Context, dict_get, entry, language_tag, link, title
from pipeline.parse.links import resolve

MAX_ENTRIES = 5_000
MAX_PROBLEMS = 50  # of entries; the rest is counted
# Its newline hides any later declaration from feedparser's pattern, which would believe it.
_DECLARATION: Final = "<?xml version='1.0' encoding='utf-8'?>\n"
_OWN_DECLARATION = re.compile(r"<\?xml\s[^>]{0,500}>", re.IGNORECASE)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_UNNEEDED = re.compile(
    rb"</?(?:(?:georss|gml|geo|media|psc|itunes|cc|creativecommons|admin):[\w.-]+"
    rb"|image|width|height|textinput|cloud|category|tags|keywords|license|enclosure)\b[^<>]*>",
    re.IGNORECASE,
)
# What a feed's own oddness can make the conversion of one entry raise; anything else is our mistake and shall show.
_ODDNESS = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


def parse_feed(body: bytes, *, url: str | None, headers: Mapping[str, str] | None = None, now: datetime) -> Feed:
    """Reads `body`, which came from `url`. Raises NotAFeed, HostileDocument, or ParseError where feedparser failed."""
    subject = url or "the document"
    names = {name.lower(): value for name, value in (headers or {}).items()}
    if wrong := gate.not_text(body):
        raise NotAFeed(subject, wrong)
    decoded = decode(body, content_type=names.get("content-type"))
    text = decoded.text.lstrip() if len(decoded.text) - len(decoded.text.lstrip()) <= gate.PROLOG else decoded.text
    gate.check_feed(text, subject=subject)
    raw, stripped = _read(_presentable(text), subject)
    _must_be_feed(raw, text, subject)
    head = dict_get(raw, "feed") or {}
    tag = language_tag(dict_get(head, "language")) or language_tag(names.get("content-language"))
    context = Context(bases=_bases(head, url), language=tag, now=now)
    entries, flaws = _entries(raw["entries"], context, subject)
    problems = (*decoded.problems, *stripped, *_flaws(raw), *flaws)
    return Feed(raw["version"] or None, title(head), context.language, entries, problems)


def _read(document: bytes, subject: str) -> tuple[Any, tuple[Problem, ...]]:
    """feedparser's result; if it fails, its result without the elements over which it falls and which nobody needs."""
    try:
        return _run(document, subject), ()
    except ParseError as error:
        told = Problem("ill_formed", f"{error.message}; read without places, pictures and categories")
        return _run(_UNNEEDED.sub(b"", document), subject), (told,)


def _run(document: bytes, subject: str) -> Any:
    try:
        return feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    except MemoryError:
        raise
    except Exception as error:
        raise ParseError(subject, f"feedparser failed: {type(error).__name__}: {str(error)[:200]}") from error


def _presentable(text: str) -> bytes:
    """`text` in UTF-8 under our declaration, with references to impossible characters replaced.

    feedparser's lenient parser fails on `&#xD800;`, and its strict one on `&#0;`.
    """
    body = _OWN_DECLARATION.sub("", text, count=1) if _OWN_DECLARATION.match(text) else text
    return (_DECLARATION + _REFERENCE.sub(_possible, body)).encode("utf-8", "replace")


def _possible(match: re.Match[str]) -> str:
    digits, base = (match.group(1), 16) if match.group(1) else (match.group(2), 10)
    code = int(digits, base) if len(digits) <= 8 else 0
    allowed = 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF or code in (9, 10, 13)
    return match.group() if allowed else "\ufffd"


def _must_be_feed(raw: Any, text: str, subject: str) -> None:
    root = gate.root_name(text) or ""
    if raw["version"] or raw["entries"] or root.lower() == "channel":
        return
    what = "a web page" if root.lower() in ("html", "head", "body", "div", "p", "br") else f"a <{root}> document"
    raise NotAFeed(subject, f"this is {what}, not RSS, RDF or Atom")


def _bases(head: Mapping[str, Any], url: str | None) -> tuple[str | None, ...]:
    site = link(head, (url,))
    return (url, site) if resolve(url, ()) else (site,)


def _entries(raws: list[Any], context: Context, subject: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    made: list[Entry] = []
    problems: list[Problem] = []
    for number, raw in enumerate(raws[:MAX_ENTRIES], start=1):
        try:
            one, flaws = entry(raw, context)
        except _ODDNESS as error:
            what = f"{type(error).__name__}: {str(error)[:200]}"
            problems.append(Problem("entry", f"entry {number} was left out: {what}"))
            continue
        made.append(one)
        problems.extend(flaws)
    if raws and not made:
        raise ParseError(subject, f"none of its {len(raws)} entries could be read; {problems[0].message}")
    if len(raws) > MAX_ENTRIES:
        problems.append(Problem("truncated", f"only the first {MAX_ENTRIES} of {len(raws)} entries were read"))
    return tuple(made), tuple(_bounded(problems))


def _bounded(problems: list[Problem]) -> Iterator[Problem]:
    """The first problems in full; of the rest, how many of which code."""
    yield from problems[:MAX_PROBLEMS]
    for code, count in Counter(problem.code for problem in problems[MAX_PROBLEMS:]).items():
        yield Problem(code, f"and {count} more of this kind")


def _flaws(raw: Any) -> Iterator[Problem]:
    """feedparser's "bozo" by class; what concerns the encoding is ours to say, and said already."""
    error = dict_get(raw, "bozo_exception")
    if isinstance(error, SAXParseException):
        yield Problem("ill_formed", f"line {error.getLineNumber()}: {error.getMessage()}; read leniently")
    elif isinstance(error, UndeclaredNamespace):
        yield Problem("undeclared_namespace", f"{error}; read leniently")
    elif error is not None:
        yield Problem("ill_formed", f"{type(error).__name__}: {str(error)[:200]}")
    if not raw["version"]:
        yield Problem("unknown_format", "it names no version of RSS, RDF or Atom; read by its element names")
