"""robots.txt: what a host asks crawlers not to fetch, and how slowly to come.

Promises: an answer for every body a host may send, in time linear in its size. Only the groups for us and for "*"
reach the parser: groups of thousands of names times thousands of rules would take gigabytes there. Pure: fetcher.py
gets the file, through the network guard, once per host and run.

Source: RFC 9309. A missing file (4xx) allows everything; a host that fails (5xx, no answer) allows nothing for now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from protego import Protego
from yarl import URL

from pipeline.errors import FetchError, HttpStatus, RobotsDisallowed, TooManyRedirects

MAX_BYTES: Final = 500 * 1024  # RFC 9309, section 2.5; what lies beyond is not read
_AGENT_LINE: Final = re.compile(r"\s*user[ -]?agent\s*(?::|\s)\s*([^#]*)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[a-z_-]+")


@dataclass(frozen=True, slots=True)
class Robots:
    """What one host's robots.txt says to us; `failure` = it could not be had, so nothing is allowed for now."""

    rules: Protego | None = None
    agent: str = "*"
    failure: FetchError | None = None

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests that the host asks for."""
        return self.rules.crawl_delay(self.agent) if self.rules else None


def product_token(user_agent: str) -> str:
    """The name by which robots.txt calls us: of "Newswatch/0.1 (...)" it is "newswatch"."""
    found = _TOKEN.match(user_agent.lower())
    return found.group() if found else "*"


def robots_url(url: URL) -> str:
    return str(url.origin().with_path("/robots.txt"))


def read(body: bytes, *, agent: str) -> Robots:
    """The rules in `body` for `agent`, a product token."""
    lines = body.decode("utf-8-sig", "replace").splitlines()
    return Robots(Protego.parse("\n".join(_only_ours(line, agent) for line in lines)), agent)


def without_file(error: FetchError) -> Robots:
    """What holds when `error` came instead of robots.txt (RFC 9309, section 2.3.1)."""
    missing = isinstance(error, HttpStatus) and not error.transient
    return Robots() if missing or isinstance(error, TooManyRedirects) else Robots(failure=error)


def refusal(robots: Robots, url: str) -> FetchError | None:
    """Why `url` may not be fetched; None if it may."""
    if robots.failure is not None:
        refused = RobotsDisallowed(url, f"robots.txt cannot be read ({robots.failure.message}), so not for now")
        refused.transient = robots.failure.transient
        return refused
    if robots.rules is None or robots.rules.can_fetch(url, robots.agent):
        return None
    return RobotsDisallowed(url, "robots.txt of the host disallows it")


def _only_ours(line: str, agent: str) -> str:
    """`line`, with the names of all other crawlers made one."""
    if not (found := _AGENT_LINE.match(line)):
        return line
    named = found.group(1).strip().lower()
    token = _TOKEN.match(named)
    if named != "*" and not (token and token.group() == agent):
        return "User-agent: other:crawlers"
    return f"User-agent: {'*' if named == '*' else agent}"
