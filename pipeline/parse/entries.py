"""One entry of feedparser's as an Entry of ours.

Promises that the title is plain text on one line, summary and content are sanitised HTML, links are absolute http(s)
addresses, dates are plausible UTC with the raw string beside them, and that `id` is the entry's own guid or id,
untouched, or None. What is missing is None, never made up: feedparser copies content into the summary and the guid
into the link, and these copies are recognised. It raises nothing of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.model import Entry, Problem
from pipeline.parse import dates, links
from pipeline.parse.sanitise import MAX_HTML, as_html, clean_html, one_line, plain_text

MAX_TITLE = 2_000  # characters
MAX_ID = 2_000
MAX_AUTHORS = 50
MAX_LANGUAGE = 16  # characters of a language tag; of a longer one only the language counts
_MARKUP = frozenset(("text/html", "application/xhtml+xml", "html", "xhtml"))
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{1,8}(?:[-_][A-Za-z0-9]{1,8})*))?")
_ISO_639_1 = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en"
    " eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv"
    " ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne"
    " ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st"
    " su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)

Raw = Mapping[str, Any]  # feedparser's dictionary; read with dict.get, as its own get answers for other keys too


@dataclass(frozen=True, slots=True)
class Context:
    """What the feed says for all its entries. `bases` are addresses for relative links, nearest first."""

    bases: tuple[str | None, ...]
    language: str | None
    now: datetime


def entry(raw: Raw, context: Context) -> tuple[Entry, tuple[Problem, ...]]:
    """The entry, and what is wrong with it."""
    url = link(raw, context.bases)
    content = _content(raw, url, context)
    published, published_raw = _date(raw, ("published", "created"), context.now)
    updated, updated_raw = _date(raw, ("updated",), context.now)
    own_id = one_line(str(dict_get(raw, "id") or ""))
    made = Entry(
        id=own_id if 0 < len(own_id) <= MAX_ID else None,
        url=url,
        title=title(raw),
        summary=_summary(raw, url, context),
        content=content,
        authors=_authors(raw),
        published=published,
        published_raw=published_raw,
        updated=updated,
        updated_raw=updated_raw,
        language=_language(raw) or context.language,
    )
    return made, tuple(_problems(made, raw))


def dict_get(raw: Raw, key: str) -> Any:
    """What is really stored under `key`: FeedParserDict.get maps some keys to others, with a warning."""
    return dict.get(raw, key) if isinstance(raw, dict) else raw.get(key)


def title(raw: Raw) -> str | None:
    """The title as plain text; markup is resolved only where the feed, or feedparser's guess, says so."""
    value = str(dict_get(raw, "title") or "")[: MAX_TITLE * 10]
    detail = dict_get(raw, "title_detail") or {}
    text = plain_text(value) if detail.get("type") in _MARKUP else value
    return one_line(text)[:MAX_TITLE] or None


def link(raw: Raw, bases: Sequence[str | None]) -> str | None:
    """The address of the article: what the publisher calls the original, else the link, else a guid that is one."""
    return (
        links.resolve(dict_get(raw, "feedburner_origlink"), ())
        or (links.resolve(dict_get(raw, "link"), bases) if not _is_copy_of_id(raw) else None)
        or links.resolve(_alternate(raw), bases)
        or (links.resolve(dict_get(raw, "id"), ()) if dict_get(raw, "guidislink") else None)
    )


def language_tag(raw: str | None) -> str | None:
    """A language tag with a known language (ISO 639-1, or any three letters), in the usual case; "US" is none."""
    match = _LANGUAGE.fullmatch((raw or "").strip())
    if not match:
        return None
    first, rest = match.group(1).lower(), (match.group(2) or "").replace("_", "-")
    if len(first) == 2 and first not in _ISO_639_1:
        return None
    tag = f"{first}-{rest.upper() if len(rest) == 2 else rest}" if rest else first
    return tag if len(tag) <= MAX_LANGUAGE else first


def _is_copy_of_id(raw: Raw) -> bool:
    return bool(dict_get(raw, "guidislink")) and dict_get(raw, "link") == dict_get(raw, "id")


def _alternate(raw: Raw) -> str | None:
    for item in dict_get(raw, "links") or ():
        if item.get("rel", "alternate") == "alternate" and item.get("href"):
            return str(item["href"])
    return None


def _summary(raw: Raw, url: str | None, context: Context) -> str | None:
    value = dict_get(raw, "summary")
    if not value or ("summary_detail" not in raw and value in [item.get("value") for item in _contents(raw)]):
        return None
    return _markup(str(value), dict_get(raw, "summary_detail") or {}, url, context)


def _content(raw: Raw, url: str | None, context: Context) -> str | None:
    """The longest of the contents that are text: a feed may give the same article as text, HTML and a picture."""
    made = [_markup(str(item.get("value") or ""), item, url, context) for item in _contents(raw)[:10]]
    return max((each for each in made if each), key=len, default=None)


def _contents(raw: Raw) -> list[Raw]:
    return [item for item in dict_get(raw, "content") or () if _is_text(str(item.get("type") or ""))]


def _is_text(media_type: str) -> bool:
    return media_type in _MARKUP or media_type.startswith("text/") or media_type in ("", "text")


def _markup(value: str, detail: Raw, url: str | None, context: Context) -> str | None:
    if detail.get("type") in ("text/plain", "text"):
        return as_html(value) or None
    own = links.resolve(detail.get("base"), (url, *context.bases)) if detail.get("base") else None
    base = own or url or next((each for each in context.bases if each), None)
    return clean_html(value, base) or None


def _authors(raw: Raw) -> tuple[str, ...]:
    people = list(dict_get(raw, "authors") or ())
    names = [str(person.get("name") or person.get("email") or "") for person in people]
    names = [name for name in names if name] or [str(dict_get(raw, "author") or "")]
    plain = (one_line(plain_text(name))[:200] for name in names[:MAX_AUTHORS])
    return tuple(dict.fromkeys(name for name in plain if name))


def _date(raw: Raw, keys: Sequence[str], now: datetime) -> tuple[datetime | None, str | None]:
    """The moment and the raw string of the first key that has one."""
    for key in keys:
        if text := dict_get(raw, key):
            known = dates.read(str(text)) or dates.from_struct(dict_get(raw, f"{key}_parsed"))
            return (known if known and dates.plausible(known, now=now) else None), one_line(str(text))[:200]
    return None, None


def _language(raw: Raw) -> str | None:
    details = [dict_get(raw, "title_detail"), dict_get(raw, "summary_detail"), *(dict_get(raw, "content") or ())]
    declared = [dict_get(raw, "language"), *(detail.get("language") for detail in details if detail)]
    return next((tag for tag in map(language_tag, declared) if tag), None)


def _problems(made: Entry, raw: Raw) -> list[Problem]:
    name = made.id or made.url or made.title or "an entry"
    found = []
    if not (made.id or made.url or made.title or made.summary or made.content):
        found.append(Problem("empty_entry", "an entry has no id, link, title or text"))
    for moment, text in ((made.published, made.published_raw), (made.updated, made.updated_raw)):
        if text and not moment:
            found.append(Problem("date", f"{name[:200]}: no date can be made of {text[:100]!r}"))
    refused = "" if made.url or _is_copy_of_id(raw) else one_line(str(dict_get(raw, "link") or ""))
    if refused:
        found.append(Problem("link", f"{name[:200]}: not an http(s) link: {refused[:200]!r}"))
    texts = [dict_get(raw, "summary"), *(item.get("value") for item in _contents(raw))]
    if any(len(str(text or "")) > MAX_HTML for text in texts):
        found.append(Problem("truncated", f"{name[:200]}: the text is longer than {MAX_HTML} characters"))
    return found
