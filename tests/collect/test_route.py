"""Redirects as pure data."""

from __future__ import annotations

import pytest

from pipeline.collect.route import MAX_REDIRECTS, start
from pipeline.errors import TooManyRedirects


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ((301,), "http://example.org/1"),
        ((301, 308), "http://example.org/2"),
        ((302,), None),
        ((302, 301), None),
        ((308, 307, 301), "http://example.org/1"),
        ((303,), None),
    ],
)
def test_moved_to_is_where_permanent_redirects_alone_lead(statuses: tuple[int, ...], moved_to: str | None) -> None:
    way = start("http://example.org/0")
    for number, status in enumerate(statuses, 1):
        way = way.follow(status, f"/{number}")
    assert str(way.here) == f"http://example.org/{len(statuses)}"
    assert (str(way.moved_to) if way.moved_to else None) == moved_to


def test_ten_redirects_and_no_more() -> None:
    way = start("http://example.org/0")
    for number in range(1, MAX_REDIRECTS + 1):
        way = way.follow(302, f"/{number}")
    with pytest.raises(TooManyRedirects, match="more than 10"):
        way.follow(302, "/more")


@pytest.mark.parametrize("back", ["/0", "/1", "/0#fragment"])
def test_a_circle_ends_at_once(back: str) -> None:
    with pytest.raises(TooManyRedirects, match="circle"):
        start("http://example.org/0").follow(301, "/1").follow(301, back)


def test_https_may_lead_to_http() -> None:
    way = start("https://example.org/").follow(301, "http://example.org/")
    assert str(way.moved_to) == "http://example.org/"
