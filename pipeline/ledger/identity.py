"""Which articles are the same article: the names that an entry is known by.

Promises a set of aliases for each entry of one document: its guid (scoped to the source), its canonical URL (the
same wherever it is found) and the hash of its content (scoped to the source, long texts only). What two entries
of one document share tells nothing, so it is no alias. Identity and change are different hashes: `content_hash` only
says whether an article was edited. Pure functions; the ledger looks the aliases up.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from pipeline.text import clean, fold

AliasKind = Literal["guid", "url", "content"]
SHORTEST_CONTENT = 100  # code points; shorter texts repeat by chance ("No comment", a rate table's heading)
# Parameters that say where a reader came from, not what he reads (lists of ClearURLs and of browsers' strippers).
TRACKING = (
    "utm_source utm_medium utm_campaign utm_term utm_content utm_id utm_name utm_brand utm_social fbclid gclid dclid "
    "gbraid wbraid msclkid yclid twclid igshid mc_cid mc_eid _ga _gl ref_src ref_url cmpid ocid xtor at_medium "
    "at_campaign ns_mchannel ns_source ns_campaign ns_linkname spm wt_mc s_cid guccounter feature"
).split()


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as the ledger takes it: `title` and `text` are plain text."""

    source: str
    guid: str | None
    url: str | None
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    language: str | None = None
    backlog: str | None = None  # why it may not alert if it is new


@dataclass(frozen=True, slots=True)
class Alias:
    kind: AliasKind
    hash: str


def canonical_url(url: str) -> str:
    """`url` as a name: without scheme, fragment, tracking parameters and last slash, its query in order."""
    try:
        plain = url_query_cleaner(
            url.strip(), TRACKING, remove=True, keep_fragments=url.partition("#")[2].startswith("!")
        )
        parts = urlsplit(canonicalize_url(plain, keep_fragments=True))
        port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    except ValueError:
        return url.strip()
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{(parts.hostname or '').rstrip('.')}{port}{parts.path.rstrip('/')}{query}{fragment}"


def aliases(drafts: Sequence[Draft]) -> tuple[tuple[Alias, ...], ...]:
    """The aliases of each entry of one document, the surest first."""
    guids = Counter(draft.guid for draft in drafts)
    urls = Counter(canonical_url(draft.url) for draft in drafts if draft.url)
    return tuple(
        (*_guid(draft, guids), *_url(draft, urls), *_content(draft))
        for draft in drafts
    )  # fmt: skip


def article_id(draft: Draft, names: Sequence[Alias]) -> str:
    """The id a new article gets, the same on every machine; 16 hexadecimal digits."""
    by = names[0].hash if names else _hash("content", draft.source, draft.title, draft.text, draft.url or "")
    return _hash("article", draft.source, by)[:16]


def content_hash(draft: Draft) -> str:
    """Changes when the article was edited; dates do not count, since many feeds stamp every entry anew."""
    return _hash("1", clean(draft.title), clean(draft.text), canonical_url(draft.url) if draft.url else "")


def used_again(title: str, url: str | None, text: str, draft: Draft) -> bool:
    """Whether a feed gave the guid of one article to another: address, headline and text have nothing in common.

    Some feeds number their entries by place. An article taken for two by mistake is still one family.
    """
    if title == draft.title or not url or not draft.url or canonical_url(url) == canonical_url(draft.url):
        return False
    one, other = _grams(f"{title}\n{text}"), _grams(f"{draft.title}\n{draft.text}")
    return len(one & other) < 0.25 * min(len(one), len(other))


def _grams(text: str) -> set[str]:
    plain = " ".join(fold(clean(text)).split())
    return {plain[at : at + 5] for at in range(len(plain) - 4)}


def _guid(draft: Draft, seen: Counter[str | None]) -> tuple[Alias, ...]:
    if not draft.guid or seen[draft.guid] > 1:
        return ()
    return (Alias("guid", _hash("guid", draft.source, draft.guid)),)


def _url(draft: Draft, seen: Counter[str]) -> tuple[Alias, ...]:
    if not draft.url:
        return ()
    url = canonical_url(draft.url)
    names_a_page = "/" in url or "?" in url
    return (Alias("url", _hash("url", url)),) if names_a_page and seen[url] == 1 else ()


def _content(draft: Draft) -> tuple[Alias, ...]:
    text = " ".join(fold(clean(f"{draft.title}\n{draft.text}")).split())
    return (Alias("content", _hash("content", draft.source, text)),) if len(text) >= SHORTEST_CONTENT else ()


def _hash(*parts: str) -> str:
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8) + data)
    return digest.hexdigest()
