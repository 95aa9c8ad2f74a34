"""Which entries are the same article."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.ledger.identity import aliases, article_id, canonical_url, content_hash
from tests.ledger.examples import draft


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?utm_source=rss&id=7", "http://a.example/x?id=7"),
        ("https://a.example/x/", "https://a.example/x"),
        ("https://A.example/x#comments", "https://a.example/x"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://a.example:443/x", "https://a.example/x"),
        (" https://a.example/x ", "https://a.example/x"),
        ("https://a.example/%7Ex", "https://a.example/~x"),
        ("https://a.example/x?fbclid=1&at_medium=RSS", "https://a.example/x"),
    ],
)
def test_these_are_one_address(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?id=7", "https://a.example/x?id=8"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example/x", "https://www.a.example/x"),
        ("https://a.example/#!/x", "https://a.example/#!/y"),
        ("https://a.example:8080/x", "https://a.example/x"),
    ],
)
def test_these_are_two_addresses(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", ["http://[broken", "not a url", "http://a.example:notaport/x", "\ud800"])
def test_no_address_is_too_odd_to_name(url: str) -> None:
    assert isinstance(canonical_url(url), str)
    aliases([replace(draft(), url=url)])


def test_what_two_entries_of_one_document_share_names_neither() -> None:
    first, second = replace(draft(1), guid="all"), replace(draft(2), guid="all", url=draft(1).url)
    kinds = [[name.kind for name in names] for names in aliases([first, second])]
    assert kinds == [["content"], ["content"]]


def test_a_home_page_names_no_article() -> None:
    assert "url" not in {name.kind for name in aliases([replace(draft(), url="https://daily.example/")])[0]}


def test_a_guid_is_the_sources_own_and_an_address_everybodys() -> None:
    ours, theirs = aliases([draft()])[0], aliases([replace(draft(), source="wire")])[0]
    assert {name.kind for name in set(ours) & set(theirs)} == {"url"}


def test_short_texts_name_nothing_by_content() -> None:
    assert "content" not in {name.kind for name in aliases([replace(draft(), title="Weather", text="Sunny.")])[0]}


def test_ids_do_not_depend_on_anything_but_the_entry() -> None:
    assert article_id(draft(), aliases([draft()])[0]) == article_id(draft(), aliases([draft(), draft(2)])[0])


def test_dates_are_no_edit_and_words_are() -> None:
    assert content_hash(draft()) == content_hash(replace(draft(), published=None))
    assert content_hash(draft()) != content_hash(replace(draft(), title="Another"))
