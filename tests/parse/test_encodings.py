from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parse.encodings import codec, decode, scrub

CHINESE = "洪森会见王毅，双方就柬中关系交换意见。"
KHMER = "ទំនាក់ទំនងកម្ពុជា ចិន"
FRENCH = "L’été à Phnom Penh : coopération renforcée"


def declared(text: str, label: str) -> str:
    return f"<?xml version='1.0' encoding='{label}'?><rss>{text}</rss>"


@pytest.mark.parametrize(
    ("text", "label", "used"),
    [
        (CHINESE, "gb2312", "gb18030"),
        (CHINESE, "GB18030", "gb18030"),
        (CHINESE, "utf-8", "gb18030"),  # declared wrongly
        (CHINESE, "iso-8859-1", "utf-8"),  # UTF-8 that is declared otherwise
        (KHMER, "utf-8", "utf-8"),
        (KHMER, "utf-7", "utf-8"),
        (KHMER, "x-nothing", "utf-8"),
        (FRENCH, "windows-1252", "cp1252"),
        (FRENCH, "iso-8859-1", "cp1252"),
    ],
)
def test_declared_encodings(text: str, label: str, used: str) -> None:
    whole = declared(text * 3, label)
    got = decode(whole.encode(used))
    assert got.text == whole


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
def test_unicode_in_all_widths_needs_no_declaration(name: str) -> None:
    text = f"<rss>{KHMER}</rss>"
    assert decode(text.encode(name)).text == text


def test_the_header_decides_where_nothing_else_is_said() -> None:
    body = f"<rss>{CHINESE}</rss>".encode("gb18030")
    assert CHINESE in decode(body, content_type="text/xml; charset=gb2312").text
    assert CHINESE in decode(CHINESE.encode(), content_type='text/xml; charset="iso-8859-1"').text


def test_a_meta_element_decides_in_html_only() -> None:
    body = f'<html><head><meta charset="koi8-r"></head>{"Пномпень и Пекин"}'.encode("koi8-r")
    assert "Пномпень" in decode(body, html=True).text
    assert decode(body, html=True).encoding == "koi8-r"


def test_a_broken_character_costs_only_itself() -> None:
    body = declared(CHINESE * 5, "gb2312").encode("gb18030")
    body = body[:-20] + b"\xff" + body[-20:]
    got = decode(body)
    assert got.text.count(CHINESE) >= 4
    assert "encoding" in {problem.code for problem in got.problems}


@pytest.mark.parametrize(
    "label",
    ["utf-7", "punycode", "idna", "rot13", "unicode_escape", "raw_unicode_escape", "zlib", "base64", "", "\x00"],
)
def test_dangerous_codecs_are_unknown(label: str) -> None:
    assert codec(label) is None


def test_surrogates_of_a_pair_are_joined_and_lone_ones_replaced() -> None:
    got = decode("a \ud83d\ude00 b \ud800 c".encode("utf-8", "surrogatepass"))
    assert got.text == "a \U0001f600 b \ufffd c"


def test_control_characters_are_removed_and_counted() -> None:
    got = decode(b"<rss>a\x00b\x0bc\td\ne</rss>")
    assert got.text == "<rss>abc\td\ne</rss>"
    assert [problem.code for problem in got.problems] == ["control_characters"]


@given(st.binary(max_size=300), st.sampled_from([None, "text/xml", "text/xml; charset=gbk", "x; charset=utf-16"]))
def test_any_bytes_become_valid_text(body: bytes, content_type: str | None) -> None:
    text = decode(body, content_type=content_type).text
    text.encode("utf-8")
    assert scrub(text) == text


@given(st.text(max_size=100))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    visible = scrub(text).removeprefix("\ufeff")
    if not visible.startswith(("<\x00", "\x00<")):
        assert decode(b"<rss>" + visible.encode()).text == "<rss>" + visible
