from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import HostileDocument, NotAFeed, ParseError
from pipeline.parse.gate import ATTRIBUTES, DEPTH, PROLOG, check_feed, not_text, root_name, root_start

FEED = '<rss version="2.0"><channel/></rss>'


@pytest.mark.parametrize(
    "text",
    [
        FEED,
        "<?xml version='1.0'?>\n<!-- a comment with <tags> and 'quotes -->" + FEED,
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://outlet.example/rss.dtd">' + FEED,
        "<!DOCTYPE rss [ <!ELEMENT rss ANY> ]>" + FEED,
        " " * (PROLOG - 10) + FEED,
        "<rss>" + "<br>" * 5000 + "</rss>",
        "<rss><![CDATA[" + "<p>" * 5000 + "]]><!-- " + "<a>" * 5000 + "--></rss>",
        "<rss><![CDATA[ about <!ENTITY declarations ]]></rss>",
        "<rss " + " ".join(f'a{n}="x=y=z"' for n in range(ATTRIBUTES - 1)) + "/>",
        "<rss>" + "<a>" * (DEPTH - 2) + "</a>" * (DEPTH - 2) + "<a>" * (DEPTH - 2) + "</rss>",
        "<rss>" + ("<item>" + "<p>words" * 30 + "</item>") * 100 + "</rss>",
        "<rss><t>a=b=c" + "=" * 1000 + "</t></rss>",
        "<br /><b>Warning</b>: something in PHP<rss></rss>",
    ],
)
def test_lets_feeds_pass(text: str) -> None:
    check_feed(text, subject="x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE rss [<!ENTITY a "b">]>' + FEED, "entities"),
        ('<!DOCTYPE rss [<!entity a "b">]>' + FEED, "entities"),
        ("<!DOCTYPE rss [<!ENTITY % a 'b'>]>" + FEED, "entities"),
        ('<?a <rss ?><!DOCTYPE rss [<!ENTITY a "b">]>' + FEED, "entities"),
        ('<!-- <rss> --><!DOCTYPE rss [<!ENTITY a "b">]>' + FEED, "entities"),
        ('<!DOCTYPE rss SYSTEM "<rss" [<!ENTITY a "b">]>' + FEED, "entities"),
        ('<!DOCTYPE rss SYSTEM "<!--" [<!ENTITY a "b">]>-->' + FEED, "entities"),
        ('<!DOCTYPE rss [<!ATTLIST a b CDATA "<rss "> <!ENTITY a "b">]>' + FEED, "entities"),
        (FEED + '<!DOCTYPE rss [<!ENTITY a "b">]>', "entities"),
        (" " * (PROLOG + 1) + FEED, "first"),
        ("<é/>" + "\n" * PROLOG + FEED, "first"),
        ("<!-- " + "x" * PROLOG + "-->" + FEED, "first"),
        ("<rss " + " ".join(f'a{n}="v"' for n in range(ATTRIBUTES + 1)) + "/>", "attributes"),
        ('<rss x=">" ' + " ".join(f"a{n}='v'" for n in range(ATTRIBUTES + 1)) + "/>", "attributes"),
        ("<rss>" + "<a>" * (DEPTH + 1), "nested"),
    ],
)
def test_refuses_what_no_feed_needs(text: str, words: str) -> None:
    with pytest.raises(HostileDocument, match=words):
        check_feed(text, subject="x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!DOCTYPE html><html><head><title>News</title></head></html>", "web page"),
        ("\n<HTML lang='en'><body>News</body></HTML>", "web page"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "JSON"),
        ("Not found", "no element"),
        ("1 < 2", "no element"),
    ],
)
def test_says_what_it_is_instead(text: str, words: str) -> None:
    with pytest.raises(NotAFeed, match=words):
        check_feed(text, subject="x")


@pytest.mark.parametrize(
    "body", [b"", b" \r\n\t ", b"\x1f\x8b\x08\x00rest", b"%PDF-1.7", b"PK\x03\x04", b"\x89PNG\r\n"]
)
def test_other_kinds_of_file_are_named(body: bytes) -> None:
    assert not_text(body)


def test_text_is_let_through() -> None:
    assert not_text(b"<rss>") is None


def test_the_first_element_is_found_behind_what_looks_like_one() -> None:
    text = "<?a <b> ?><!-- <c> --><!DOCTYPE d [<!ELEMENT e ANY>]>\n<rdf:RDF>"
    assert root_start(text) == text.index("<rdf")
    assert root_name(text) == "rdf:RDF"


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<a '", "<!--", "<![CDATA[", "<!DOCTYPE ", "<?", "<a b='c", "\n", "</a>"]
)
def test_time_is_linear(piece: str) -> None:
    text = "<rss>" + piece * (1_000_000 // len(piece))
    start = time.process_time()
    with contextlib.suppress(ParseError):
        check_feed(text, subject="x")
    assert time.process_time() - start < 4.0


@given(st.text(alphabet="<>!?-[]'\"=/ aCDATENTIYrs\n", max_size=200))
def test_any_text_passes_or_is_a_parse_error(text: str) -> None:
    with contextlib.suppress(ParseError):
        check_feed(text, subject="x")
        assert (root_start(text) or 0) <= PROLOG
