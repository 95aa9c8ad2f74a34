"""Reading URLs: what is refused before anything is looked up."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from pipeline.collect.urls import host_of, join_location, parse_url
from pipeline.errors import BadUrl

REFUSED = {
    "": "scheme",
    "feeds/a.xml": "scheme",
    "ftp://example.org/": "only http and https",
    "file:///etc/passwd": "only http and https",
    "javascript:alert(1)": "only http and https",
    "http://": "no",
    "http:///path": "no host",
    "http://user@example.org/": "user name or password",
    "http://user:secret@example.org/": "user name or password",
    "http://:secret@example.org/": "user name or password",
    "http://example.org:0/": "no such port",
    "http://example.org:99999/": "not a URL",
    "http://exa mple.org/": "U+0020",
    "http://example.org/\r\nX: y": "U+000D",
    "http://example.org/\x00": "U+0000",
    "http://example%2eorg/": "not a host name",
    "http://[fe80::1%25eth0]/": "an address with a scope",
    "http://-.example..org/": "not a host name",
    "http://example.org\\@127.0.0.1/": "not a URL",
    "http://" + "a" * 64 + ".org/": "not a host name",
    "http://example.org/" + "a" * 8000: "longer than",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_what_has_not_one_meaning_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadUrl, match=words.replace("+", r"\+")):
        parse_url(text)


def test_a_password_is_not_repeated_in_the_error() -> None:
    with pytest.raises(BadUrl) as caught:
        parse_url("http://user:secret@example.org/feed")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("HTTP://Example.ORG/Feed?a=1#top", "http://example.org/Feed?a=1"),
        ("https://例え.jp/フィード", "https://xn--r8jz45g.jp/%E3%83%95%E3%82%A3%E3%83%BC%E3%83%89"),
        ("http://under_score.example.org:8080/", "http://under_score.example.org:8080/"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_good_urls_are_read(text: str, read: str) -> None:
    assert str(parse_url(text)) == read


@given(
    st.one_of(st.text(), st.text().map("http://".__add__), st.from_regex(r"https?://[\w.:@%\[\]\\/-]*", fullmatch=True))
)
@example("http://[::1")
@example("http://[v1.a]/")
@example("http://xn--/")
def test_any_text_is_a_url_or_a_bad_url(text: str) -> None:
    try:
        url = parse_url(text)
    except BadUrl:
        return
    assert url.scheme in ("http", "https")
    assert url.raw_host
    assert url.raw_user is None
    assert not url.raw_fragment


@pytest.mark.parametrize(
    ("location", "joined"),
    [
        ("/b?c", "http://example.org/b?c"),
        ("next", "http://example.org/a/next"),
        ("//other.org/x", "http://other.org/x"),
        (" https://other.org/ ", "https://other.org/"),
        ("/ខ្មែរ", "http://example.org/%E1%9E%81%E1%9F%92%E1%9E%98%E1%9F%82%E1%9E%9A"),
        ("/caf\udce9 au lait", "http://example.org/caf%E9%20au%20lait"),
    ],
)
def test_location_is_read_as_browsers_do(location: str, joined: str) -> None:
    assert join_location(URL("http://example.org/a/feed"), location) == joined


@given(st.text())
def test_any_location_is_a_url_or_a_bad_url(location: str) -> None:
    with suppress(BadUrl):
        assert isinstance(join_location(URL("http://example.org/"), location), str)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.org:8080/a", "www.example.org"),
        ("http://example.org./", "example.org"),
        ("file:seeds/a.xml", "file:seeds/a.xml"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host
