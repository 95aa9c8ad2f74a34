"""Redirects: where one fetch has been, and where an answer sends it next.

Promises: a route ends - at ten redirects, or where it meets itself; every step of it is a URL that `parse_url` takes,
so no redirect leads to file:, to credentials or to an oddly spelt address. Remembers how far permanent redirects alone
led. Pure: it neither fetches nor judges addresses.

Source: RFC 9110, section 15.4. A redirect from https to http is followed: outlets do it, and feeds hold no secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from yarl import URL

from pipeline.collect.urls import join_location, parse_url
from pipeline.errors import TooManyRedirects

MAX_REDIRECTS: Final = 10
PERMANENT: Final = frozenset({301, 308})
REDIRECTS: Final = PERMANENT | {302, 303, 307}


@dataclass(frozen=True, slots=True)
class Route:
    """One way through redirects; `moved_to` is where permanent ones alone, from the start on, have led."""

    here: URL
    passed: tuple[URL, ...] = ()
    moved_to: URL | None = None
    only_permanent: bool = True

    def follow(self, status: int, location: str) -> Route:
        """The route after one more redirect. Raises TooManyRedirects or BadUrl."""
        there = parse_url(join_location(self.here, location))
        passed = (*self.passed, self.here)
        if there in passed:
            raise TooManyRedirects(str(passed[0]), f"redirects lead in a circle, back to {there}")
        if len(passed) > MAX_REDIRECTS:
            raise TooManyRedirects(str(passed[0]), f"more than {MAX_REDIRECTS} redirects")
        permanent = self.only_permanent and status in PERMANENT
        moved_to = there if permanent else self.moved_to
        return replace(self, here=there, passed=passed, moved_to=moved_to, only_permanent=permanent)


def start(url: str) -> Route:
    """The route that begins at `url`. Raises BadUrl."""
    return Route(parse_url(url))
