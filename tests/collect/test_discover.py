"""Feeds that a page advertises."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.discover import MAX_BYTES, MAX_FEEDS, advertised_feeds

HOME = "https://example.org/kh/index.html"
RSS = 'type="application/rss+xml"'


@pytest.mark.parametrize(
    ("html", "feeds"),
    [
        (f'<link rel="alternate" {RSS} title="News" href="/rss">', [("https://example.org/rss", "News")]),
        ("<LINK REL=alternate TYPE=application/atom+xml HREF=atom.xml>", [("https://example.org/kh/atom.xml", "")]),
        (f"<link href='//feeds.example.org/a?b=1&amp;c' rel='home Alternate' {RSS}/>", None),
        ('<link rel="alternate" type="application/rdf+xml; charset=utf-8" href="a.rdf">', None),
        ('<link rel="feed" href="/feed">', [("https://example.org/feed", "")]),
        (
            f'<link rel="alternate" {RSS} title="A » B > C\n &#39;D&#39;" href="/rss">',
            [("https://example.org/rss", "A » B > C 'D'")],
        ),
        (
            f'<base href="https://cdn.example.org/x/"><link rel=alternate {RSS} href=y>',
            [("https://cdn.example.org/x/y", "")],
        ),
        (
            f'<link rel="alternate" {RSS} title="1" href="/a"><link rel="alternate" {RSS} title="2" href="/a#top">',
            [("https://example.org/a", "1")],
        ),
        (f'<!-- <link rel="alternate" {RSS} href="/old"> --><p>', []),
        (f'<link rel="stylesheet" {RSS} href="/a">', []),
        ('<link rel="alternate" type="text/html" hreflang="fr" href="/fr">', []),
        (f'<link rel="alternate" {RSS} href="javascript:alert(1)">', []),
        (f'<link rel="alternate" {RSS} href="http://user:pw@example.org/">', []),
        (f'<link rel="alternate" {RSS} href="">', []),
        (
            '<a class="x" href="/rss.xml">Our feed</a> <a href="/first">1</a>',
            [("https://example.org/rss.xml", "Our feed")],
        ),
        ('<a href="/news?format=feed&type=rss">x</a>', [("https://example.org/news?format=feed&type=rss", "x")]),
        ('<a href="/newsfeeder/">x</a><a href="/farss">y</a>', []),
        ("", []),
    ],
)
def test_what_is_advertised(html: str, feeds: list[tuple[str, str]] | None) -> None:
    found = advertised_feeds(html.encode(), HOME)
    if feeds is None:
        assert len(found) == 1
    else:
        assert list(found) == feeds


@pytest.mark.parametrize("charset", ["gb2312", "GBK", "gb18030", "big5", "utf-8", "no-such-charset", "punycode"])
def test_titles_in_the_page_s_charset(charset: str) -> None:
    encoding = charset if charset not in ("no-such-charset", "punycode") else "utf-8"
    html = f'<meta charset="{charset}"><link rel="alternate" {RSS} title="新聞" href="/rss">'
    if charset == "gb2312":
        html = html.replace("新聞", "新闻")
    found = advertised_feeds(html.encode(encoding), HOME)
    assert found[0][1] in ("新聞", "新闻")


def test_links_in_the_head_win_over_links_in_the_text() -> None:
    html = f'<a href="/rss/all">all feeds</a><link rel="alternate" {RSS} href="/rss">'
    assert advertised_feeds(html.encode(), HOME) == (("https://example.org/rss", ""),)


@given(st.one_of(st.binary(), st.text(alphabet="<>\"'=/ alinkbsehrf-!").map(str.encode)))
def test_any_bytes_give_urls_or_nothing(html: bytes) -> None:
    for url, _title in advertised_feeds(html, HOME):
        assert url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "unit", ["<!--", '<link "', "<a ", "<", "</", '<a a="', " <x/", '<a x="">', "<a href=rss>", "b ", "&#", "charset="]
)
def test_hostile_pages_are_read_in_good_time(unit: str) -> None:
    html = (unit * (MAX_BYTES // len(unit))).encode()
    for page in (html, b"<link " + html, b"<link " + html + b">"):
        started = time.monotonic()
        assert len(advertised_feeds(page, HOME)) <= MAX_FEEDS
        assert time.monotonic() - started < 5
