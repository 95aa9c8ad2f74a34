"""The article on an HTML page, by trafilatura.

Promises plain text with paragraphs parted by newlines, valid UTF-8, at most MAX_TEXT characters; None where there is
no article. The date is the page's own (article:published_time, JSON-LD, <time>) with its time of day where it gives
one, else the day that trafilatura finds. It fetches nothing. This is to run in the worker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import trafilatura
import trafilatura.settings

from pipeline.errors import NotAPage, ParseError
from pipeline.model import Page, Problem
from pipeline.parse import gate
from pipeline.parse.dates import parse_date
from pipeline.parse.encodings import decode, scrub
from pipeline.parse.entries import language_tag
from pipeline.parse.sanitise import one_line

MAX_TEXT = 500_000  # characters
_HEAD = 300_000  # characters in which metadata is looked for
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")  # kana, Han, Hangul
_DENSE_ENOUGH = 50  # characters
_VALUE = r"""["']([^"'<>]{1,60})["']"""
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"<meta\s[^<>]{{0,200}}article:published_time[^<>]{{0,200}}?content\s*=\s*{_VALUE}",
        rf"<meta\s[^<>]{{0,200}}?content\s*=\s*{_VALUE}[^<>]{{0,200}}article:published_time",
        r'"datePublished"\s*:\s*"([^"<>]{1,60})"',
        rf"<(?:meta|time)\s[^<>]{{0,200}}datePublished[^<>]{{0,200}}?(?:content|datetime)\s*=\s*{_VALUE}",
    )
)
_LANGUAGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"""<html\s[^<>]{0,500}?\blang\s*=\s*["']?([\w-]{2,20})""",
        r"""<meta\s[^<>]{0,100}og:locale["'][^<>]{0,100}?content\s*=\s*["']([\w-]{2,20})""",
        r"""<meta\s[^<>]{0,100}content-language["'][^<>]{0,100}?content\s*=\s*["']([\w-]{2,20})""",
    )
)


def parse_page(body: bytes, *, url: str, headers: Mapping[str, str] | None = None, now: datetime) -> Page:
    """The article in `body`, which came from `url`.

    Raises NotAPage for what is no page at all, and ParseError where trafilatura failed.
    """
    names = {name.lower(): value for name, value in (headers or {}).items()}
    if wrong := gate.not_text(body):
        raise NotAPage(url or "the document", wrong)
    decoded = decode(body, content_type=names.get("content-type"), html=True)
    found = _run(decoded.text, url)
    text = _text(found)
    problems = decoded.problems if text else (*decoded.problems, Problem("no_text", "no article was found on the page"))
    if text and len(text) > MAX_TEXT:
        problems = (*problems, Problem("truncated", f"the text is longer than {MAX_TEXT} characters"))
    return Page(
        url=url,
        title=_title(found, decoded.text),
        text=text[:MAX_TEXT] if text else None,
        language=_language(decoded.text) or language_tag(names.get("content-language")),
        published=_published(decoded.text, found, now),
        problems=problems,
    )


def _run(text: str, url: str) -> Any:
    try:
        return _extract(text, url)
    except MemoryError:
        raise
    except Exception as error:
        what = f"trafilatura failed: {type(error).__name__}: {str(error)[:200]}"
        raise ParseError(url or "the document", what) from error


def _extract(text: str, url: str) -> Any:
    dense = len(_DENSE.findall(text[:_HEAD])) > _DENSE_ENOUGH
    return trafilatura.bare_extraction(
        text,
        url=url or None,
        fast=True,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
        config=_dense_config() if dense else trafilatura.settings.DEFAULT_CONFIG,
    )


@cache
def _dense_config() -> Any:
    """trafilatura's settings for scripts that say in a hundred characters what English says in three hundred: by the
    default of 250 it would take a short Chinese report for a failure and fall back to the whole page."""
    config = trafilatura.settings.use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "80")
    return config


def _text(found: Any) -> str | None:
    if found is None or not found.text:
        return None
    lines = (" ".join(line.split()) for line in scrub(found.text).split("\n"))
    return "\n".join(line for line in lines if line) or None


def _title(found: Any, text: str) -> str | None:
    if found is not None and found.title:
        return one_line(found.title)[:2000] or None
    match = re.search(r"<title[^<>]{0,200}>([^<]{1,2000})", text[:_HEAD], re.IGNORECASE)
    return one_line(match.group(1)) or None if match else None


def _published(text: str, found: Any, now: datetime) -> datetime | None:
    head = text[:_HEAD]
    own = [match.group(1) for match in (pattern.search(head) for pattern in _DATES) if match]
    own += [found.date] if found is not None and found.date else []
    return next((moment for moment in (parse_date(raw, now=now) for raw in own) if moment), None)


def _language(text: str) -> str | None:
    found = (pattern.search(text[:_HEAD]) for pattern in _LANGUAGES)
    return next((tag for tag in (language_tag(match.group(1)) for match in found if match) if tag), None)
