from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.links import resolve
from pipeline.parse.sanitise import MAX_DEPTH, clean_html, one_line, plain_text

SAFE_SCHEMES = ("http:", "https:", "mailto:")
HOSTILE = (
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="&#x01;javascript:alert(1)">x</a>',
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    '<a href="vbscript:x">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    "<img src=x onerror=alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<form action='javascript:alert(1)'><button>x</button></form>",
    "<base href='javascript:alert(1)//'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<plaintext><script>alert(1)</script>",
)


class Danger(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "iframe", "object", "embed", "svg", "math", "form", "base", "meta", "link"):
            self.found.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", html.unescape(value or "")).lower()
            scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
            if name.startswith("on") or name == "style":
                self.found.append(name)
            elif name in ("href", "src", "cite") and scheme and not address.startswith(SAFE_SCHEMES):
                self.found.append(address)


def dangers(markup: str) -> list[str]:
    parser = Danger()
    parser.feed(markup)
    parser.close()
    return parser.found


@pytest.mark.parametrize("markup", HOSTILE)
def test_nothing_dangerous_is_left(markup: str) -> None:
    assert dangers(clean_html(markup, "https://outlet.example/")) == []
    assert dangers(clean_html(clean_html(markup))) == []


def test_the_test_sees_danger() -> None:
    assert len([markup for markup in HOSTILE if dangers(markup)]) >= 15


@given(
    st.lists(st.sampled_from([*HOSTILE, "<p>", "</p>", "<b", '"', "'", ">", "text", "<table><td>", "&lt;"]), max_size=8)
)
def test_nor_in_any_mixture(parts: list[str]) -> None:
    cleaned = clean_html("".join(parts))
    assert dangers(cleaned) == []
    assert clean_html(cleaned) == cleaned


def test_what_a_reader_wants_is_kept() -> None:
    markup = '<h2>Head</h2><p>One <b>two</b> <a href="../x?a=1&amp;b=2">three</a></p><ul><li>four</li></ul>'
    cleaned = clean_html(markup, "https://outlet.example/news/today/")
    assert "<h2>Head</h2>" in cleaned
    assert "<li>four</li>" in cleaned
    assert 'href="https://outlet.example/news/x?a=1&amp;b=2"' in cleaned


@pytest.mark.parametrize("base", [None, "", "not an address", "javascript:x", "http://", "http://[::bad", "mailto:a@b"])
def test_a_base_that_is_none_leaves_links_as_they_are(base: str | None) -> None:
    assert 'href="/x"' in clean_html('<a href="/x">y</a>', base)


def test_depth_costs_no_time_and_no_words() -> None:
    cleaned = clean_html("<div>" * (MAX_DEPTH * 20) + "deep &lt;b&gt; words")
    assert "deep" in cleaned
    assert "<" not in cleaned


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\nTwo\nthree"),
        ("a &amp; b &lt;c&gt; &#8217;", "a & b <c> ’"),
        ("Bo<b>l</b>d", "Bold"),
        ("<script>x</script><style>y</style>z", "z"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<td>a</td><td>b</td>", "ab"),
        ("  spaces\n\n and\tlines ", "spaces and lines"),
        ("1 < 2 & 3", "1 < 2 & 3"),
        ("ទំនាក់​ទំនង", "ទំនាក់​ទំនង"),
        ("x\ud800y", "xy"),
        ("", ""),
    ],
)
def test_plain_text(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@given(st.text(max_size=200))
def test_plain_text_of_escaped_text_is_the_text(text: str) -> None:
    expected = one_line(text)
    assert one_line(plain_text(html.escape(expected))) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://outlet.example/a", "https://outlet.example/a"),
        ("/a", "https://outlet.example/a"),
        ("a b", "https://outlet.example/feeds/a%20b"),
        (" \nhttps://outlet.example/a\n ", "https://outlet.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("java\nscript:alert(1)", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("http://[::bad", None),
        ("x" * 10_000, None),
        ("", None),
        (None, None),
    ],
)
def test_links(link: str | None, expected: str | None) -> None:
    assert resolve(link, (None, "https://outlet.example/feeds/rss")) == expected
