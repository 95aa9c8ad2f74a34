"""Reading the URLs that we are asked to fetch.

Promises: what comes out of `parse_url` is an http(s) URL with a host that has one meaning to every program: no
control characters, spaces, credentials, percent signs in the host, or odd spellings of IP addresses. yarl reads it,
because aiohttp dials what yarl read. Does not judge addresses (guard.py) and does not canonicalise for identity.
"""

from __future__ import annotations

import re
import socket
from ipaddress import AddressValueError, IPv4Address
from typing import Final
from urllib.parse import quote, urlsplit

from yarl import URL

from pipeline.errors import BadUrl

MAX_LENGTH: Final = 8000  # RFC 9110, section 4.1: recommended minimum to support
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufeff]")
_NAME: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
_PRINTABLE: Final = "".join(chr(code) for code in range(0x21, 0x7F))


def parse_url(text: str) -> URL:
    """`text` as an absolute http(s) URL without fragment. Raises BadUrl, saying what is wrong."""
    if len(text) > MAX_LENGTH:
        raise BadUrl(text[:100] + "...", f"longer than {MAX_LENGTH} characters")
    if bad := _FORBIDDEN.search(text):
        raise BadUrl(text, f"holds the character U+{ord(bad.group()):04X}, which no URL may")
    try:
        url = URL(text)
    except (ValueError, UnicodeError) as error:
        raise BadUrl(text, f"not a URL: {error}") from error
    if url.scheme not in ("http", "https"):
        raise BadUrl(text, f'the scheme is "{url.scheme}"; only http and https are fetched')
    if url.raw_user is not None or url.raw_password is not None or "@" in url.raw_authority:
        raise BadUrl(_without_userinfo(url), "holds a user name or password")
    _check_host(text, url)
    return url.with_fragment(None)


def _without_userinfo(url: URL) -> str:
    return str(url.with_user(None)) if url.raw_host else "the URL"  # errors are logged; passwords are not


def _check_host(text: str, url: URL) -> None:
    if not (host := url.raw_host):
        raise BadUrl(text, "there is no host")
    if url.port in (None, 0):
        raise BadUrl(text, "there is no such port")
    if ":" in host:
        if "%" in host:
            raise BadUrl(text, "an address with a scope")
    elif len(host) > 254 or not _NAME.fullmatch(host):
        raise BadUrl(text, f'"{host}" is not a host name')


def literal_address(url: URL) -> str | None:
    """The IP address that `url` spells out, however oddly; None if its host is a name.

    A host whose last label is a number is an address (WHATWG URL, "ends in a number"), and the C library takes
    2130706433, 0x7f.1 and 127.1 for 127.0.0.1. Raises BadUrl if it looks like an address and is none.
    """
    host = (url.raw_host or "").rstrip(".")
    if ":" in host:
        return host
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError as error:
        raise BadUrl(str(url), f'"{host}" is neither a name nor an address') from error


def is_plainly_spelt(url: URL) -> bool:
    """Whether the IPv4 address that `url` spells is in dotted decimal, four parts, no trailing dot."""
    try:
        return str(IPv4Address(url.raw_host or "")) == url.raw_host
    except AddressValueError:
        return False


def host_of(url: str) -> str:
    """The host that pacing and planning group `url` by: lower case, no port; the text itself if there is none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return host.rstrip(".") if host else url


def join_location(base: URL, location: str) -> str:
    """The absolute URL that a Location header means (RFC 9110, section 10.2.2).

    Servers send raw UTF-8, other bytes and spaces there; these are percent-encoded as browsers do. Raises BadUrl.
    """
    raw = location.strip().encode("utf-8", "surrogateescape")
    try:
        return str(base.join(URL(quote(raw, safe=_PRINTABLE))))
    except (ValueError, UnicodeError) as error:
        raise BadUrl(location, f"not a URL: {error}") from error
