from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotAFeed, ParseError
from pipeline.model import Entry, Feed
from pipeline.parse.feeds import MAX_PROBLEMS, parse_feed
from tests.hostile.documents import healthy, item, rss

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://outlet.example/feeds/news.xml"


def parse(body: bytes | str, **headers: str) -> Feed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_feed(body if isinstance(body, bytes) else body.encode(), url=URL, headers=named, now=NOW)


def only(body: bytes | str) -> Entry:
    (entry,) = parse(body).entries
    return entry


def rss_item(inside: str, head: str = "") -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {spaces}><channel>{head}<item>{inside}</item></channel></rss>'


def atom_entry(inside: str, attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>F</title><entry>{inside}</entry></feed>'


def codes(feed: Feed) -> set[str]:
    return {problem.code for problem in feed.problems}


def test_an_rss_item_whole() -> None:
    feed = parse(
        rss_item(
            "<title>A &amp;amp; B: &lt;i&gt;ties&lt;/i&gt;</title>"
            "<link>/a/1</link><guid isPermaLink='false'>wm-1</guid>"
            "<pubDate>Sun, 09 Jun 2019 23:40:00 +0700</pubDate><dc:creator>Ann Author</dc:creator>"
            "<description>&lt;p&gt;Short &lt;a href='x'&gt;x&lt;/a&gt;&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>Long</p><script>x</script>]]></content:encoded>",
            head="<title>Outlet</title><language>en-gb</language>",
        )
    )
    assert (feed.format, feed.title, feed.language, feed.problems) == ("rss20", "Outlet", "en-GB", ())
    (entry,) = feed.entries
    assert entry.title == "A & B: ties"
    assert (entry.id, entry.url) == ("wm-1", "https://outlet.example/a/1")
    assert entry.summary == '<p>Short <a href="https://outlet.example/a/x" rel="noopener noreferrer">x</a></p>'
    assert entry.content == "<p>Long</p>"
    assert entry.authors == ("Ann Author",)
    assert entry.published == datetime(2019, 6, 9, 16, 40, tzinfo=UTC)
    assert entry.published_raw == "Sun, 09 Jun 2019 23:40:00 +0700"
    assert entry.language == "en-GB"


def test_an_atom_entry_whole() -> None:
    entry = only(
        atom_entry(
            "<title type='text'>1 &lt; 2 &amp;amp; 3</title><id>tag:outlet.example,2019:1</id><link href='one'/>"
            "<author><name>Ann</name></author><author><name>Bo</name></author>"
            "<published>2019-06-09T23:40:00+07:00</published><updated>2019-06-10T00:00:00Z</updated>"
            "<summary type='text'>a &lt;b&gt; c</summary>"
            "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
            "<p>Body <a href='x'>x</a></p></div></content>",
            "xml:base='https://base.example/dir/' xml:lang='km'",
        )
    )
    assert entry.title == "1 < 2 &amp; 3"
    assert (entry.id, entry.url) == ("tag:outlet.example,2019:1", "https://base.example/dir/one")
    assert entry.authors == ("Ann", "Bo")
    assert entry.summary == "a &lt;b&gt; c"
    assert entry.content == '<p>Body <a href="https://base.example/dir/x" rel="noopener noreferrer">x</a></p>'
    assert entry.updated == datetime(2019, 6, 10, tzinfo=UTC)
    assert entry.language == "km"


@pytest.mark.parametrize(
    ("inside", "own_id", "url"),
    [
        ("<guid>333483</guid>", "333483", None),
        ("<guid>https://outlet.example/x</guid>", "https://outlet.example/x", "https://outlet.example/x"),
        ("<guid isPermaLink='false'>https://outlet.example/x</guid>", "https://outlet.example/x", None),
        ("<guid>g</guid><link>https://outlet.example/y</link>", "g", "https://outlet.example/y"),
        ("<link>https://outlet.example/y</link>", None, "https://outlet.example/y"),
        ("<link>javascript:alert(1)</link><guid isPermaLink='false'>g</guid>", "g", None),
        (f"<guid>{'x' * 3000}</guid>", None, None),
    ],
)
def test_the_id_is_the_entrys_own_and_the_link_a_web_address(inside: str, own_id: str | None, url: str | None) -> None:
    entry = only(rss_item("<title>t</title>" + inside))
    assert (entry.id, entry.url) == (own_id, url)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<title><![CDATA[It&#8217;s <b>bold</b>]]></title>", "It’s bold"),
        ("<title>AT&amp;amp;T</title>", "AT&T"),
        ("<title>a &lt;unknown&gt; c</title>", "a <unknown> c"),
        ("<title>\n  two\n  lines </title>", "two lines"),
        ("<title></title>", None),
        ("<title>&lt;b&gt;&lt;/b&gt;</title>", None),
    ],
)
def test_titles_are_plain_text(inside: str, expected: str | None) -> None:
    assert only(rss_item(inside + "<guid>g</guid>")).title == expected


def test_content_alone_is_not_copied_into_the_summary() -> None:
    entry = only(rss_item("<content:encoded>&lt;p&gt;x&lt;/p&gt;</content:encoded>"))
    assert (entry.summary, entry.content) == (None, "<p>x</p>")


def test_implausible_dates_are_none_with_the_raw_string_kept() -> None:
    feed = parse(rss_item("<title>t</title><pubDate>Mon, 01 Jan 0001 00:00:00 GMT</pubDate>"))
    (entry,) = feed.entries
    assert (entry.published, entry.published_raw) == (None, "Mon, 01 Jan 0001 00:00:00 GMT")
    assert codes(feed) == {"date"}


def test_a_missing_updated_is_not_taken_from_published() -> None:
    entry = only(rss_item("<title>t</title><pubDate>Sun, 09 Jun 2019 23:40:00 GMT</pubDate>"))
    assert (entry.updated, entry.updated_raw) == (None, None)


@pytest.mark.parametrize(("declared", "expected"), [("US", None), ("zh_cn", "zh-CN"), ("fr", "fr"), ("English", None)])
def test_languages_are_languages(declared: str, expected: str | None) -> None:
    feed = parse(rss_item("<title>t</title>", head=f"<language>{declared}</language>"))
    assert (feed.language, feed.entries[0].language) == (expected, expected)


def test_the_headers_help_where_the_document_is_silent() -> None:
    body = "<rss version='2.0'><channel><item><title>中国与柬埔寨</title></item></channel></rss>".encode("gb18030")
    feed = parse(body, Content_Type="text/xml; charset=gb2312", Content_Language="zh")
    assert (feed.entries[0].title, feed.language) == ("中国与柬埔寨", "zh")


def test_a_processing_instruction_cannot_change_the_encoding() -> None:
    body = healthy().replace(b"\n<rss", b'\n<?x encoding="utf-7"?><rss').replace(b"words", b"+ADw-b+AD4-")
    assert parse(body).entries[0].summary == "+ADw-b+AD4-"


def test_ill_formed_feeds_are_read_leniently_and_say_so() -> None:
    feed = parse("<rss version='2.0'><channel><item><title>Fish & chips</title><link>/1</link></channel>")
    assert (feed.entries[0].title, feed.entries[0].url) == ("Fish & chips", "https://outlet.example/1")
    assert codes(feed) == {"ill_formed"}


@pytest.mark.parametrize("odd", ["<gml:pos>1 x</gml:pos>", "</width>", "</category>"])
def test_what_makes_feedparser_fall_costs_no_entry(odd: str) -> None:
    space = '<rss xmlns:gml="http://www.opengis.net/gml" '
    feed = parse(rss_item(f"<title>Kept</title>{odd}<guid>g</guid>").replace("<rss ", space))
    assert [(entry.title, entry.id) for entry in feed.entries] == [("Kept", "g")]
    assert codes(feed) == {"ill_formed"}


def test_blank_lines_before_the_declaration_are_forgiven() -> None:
    assert parse(b"\r\n\r\n  " + healthy()).problems == ()


def test_an_entry_without_anything_is_kept_and_named() -> None:
    feed = parse(rss_item(""))
    assert len(feed.entries) == 1
    assert codes(feed) == {"empty_entry"}


def test_problems_are_counted_beyond_a_number() -> None:
    feed = parse(rss("<item/>" * 200))
    assert len(feed.entries) == 200
    assert len(feed.problems) == MAX_PROBLEMS + 1
    assert feed.problems[-1].message == "and 150 more of this kind"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "empty"),
        ("<!DOCTYPE html><html><body><p>News</p></body></html>", "web page"),
        ("<div><p>Not found</p></div>", "web page"),
        ("<opml version='2.0'><body/></opml>", "<opml>"),
        ('{"version": 1}', "JSON"),
    ],
)
def test_what_is_no_feed_is_told_so(body: str, words: str) -> None:
    with pytest.raises(NotAFeed, match=words) as caught:
        parse(body)
    assert caught.value.subject == URL


PIECES = [
    *("<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "<guid>", "<feed>"),
    *("<entry>", "<content type='xhtml'>", "<div>", "<![CDATA[", "]]>", "<!--", "-->", "&#xD800;", "&amp;", "&x;", "&"),
    *("<pubDate>", "2019-06-09", "<description>", "<media:group>", "<svg>", "\x00", "é", "<", ">", '"', "<?x", "?>"),
    *("<!DOCTYPE rss>", "<a xml:base='http://[bad'>", "<author>", "<image>", "<language>en</language>", "<updated>"),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_document_is_a_feed_or_a_parse_error(parts: list[str]) -> None:
    try:
        feed = parse("".join(parts))
    except ParseError:
        return
    repr(feed).encode("utf-8")


def test_a_hundred_healthy_entries_have_no_problem() -> None:
    feed = parse(rss(item() * 100))
    assert (len(feed.entries), feed.problems) == (100, ())
