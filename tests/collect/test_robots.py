"""robots.txt: whose rules hold, what a missing or failing one means, and hostile ones."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect import Fetcher
from pipeline.collect.robots import product_token, read, refusal
from pipeline.errors import AddressRefused, BadUrl, RobotsDisallowed
from pipeline.model import Failed
from tests.collect.common import settings
from tests.webserver import Answer, Handler, serving, talking

PAGE = "http://example.org/news/1"


def allowed(text: str, url: str = PAGE, *, agent: str = "newswatch") -> bool:
    return refusal(read(text.encode(), agent=agent), url) is None


def may_fetch(*urls: str, allow_private: bool = True) -> list[Failed | None]:
    async def run() -> list[Failed | None]:
        async with Fetcher(settings(fetch_deadline=0.5)) as fetcher:
            return list(await asyncio.gather(*(fetcher.may_fetch(url, allow_private=allow_private) for url in urls)))

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("\ufeffUser-agent: *\nDisallow: /news", False),
        ("User-agent: *\r\nDisallow: /news/\r\nAllow: /news/1", True),
        ("User-agent: *\nDisallow: /*/1$", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Newswatch\nAllow: /", True),
        ("User-agent: NEWSWATCH/2.0 # ours\nDisallow: /", False),
        ("user agent newswatch\nDisallow: /", False),
        ("User-agent: Googlebot\nUser-agent: newswatch\nDisallow: /", False),
        ("User-agent: Googlebot\nDisallow: /", True),
        ("User-agent: news\nDisallow: /", True),  # another crawler, whose name ours starts with
        ("User-agent: newswatchers\nDisallow: /", True),
        ("User-agent: other\nAllow: /\nUser-agent: *\nDisallow: /", False),
        ("Disallow: /", True),
        ("<html><body>Not found</body></html>", True),
    ],
)
def test_whose_rules_hold(text: str, expected: bool) -> None:
    assert allowed(text) is expected


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [("Newswatch/0.1 (x) +mailto:a@example.org", "newswatch"), ("My-Watch", "my-watch"), ("0", "*"), ("", "*")],
)
def test_product_token(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


@given(st.one_of(st.binary(), st.text().map(str.encode), st.lists(st.text()).map(lambda rules: _rules(rules))))
def test_any_bytes_are_rules(body: bytes) -> None:
    robots = read(body, agent="newswatch")
    assert robots.crawl_delay is None or robots.crawl_delay >= 0
    refusal(robots, PAGE)
    refusal(robots, "http://[::1]/?%zz")


def _rules(rules: list[str]) -> bytes:
    return "\n".join(["User-agent: *", *(f"Disallow: {rule}" for rule in rules)]).encode()


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"User-agent: a{n}\n" for n in range(16_000)) + "Disallow: /\n" * 20_000,
        "User-agent: *\n" * 16_000 + "Disallow: /\n" * 20_000,
        "User-agent: *\n" + "Disallow: /" + "*a" * 100_000,
        "User-agent: *\n" + "Disallow: /*a*b*c$\n" * 25_000,
        "User-agent: " + " " * 500_000,
        "user" + " " * 500_000,
    ],
    ids=["agents", "stars", "wildcards", "patterns", "blank", "spaces"],
)
def test_hostile_files_are_read_in_good_time(body: str) -> None:
    started = time.monotonic()
    robots = read(body.encode()[: 500 * 1024], agent="newswatch")
    refusal(robots, "http://example.org/" + "ab" * 3000)
    assert time.monotonic() - started < 5


def test_the_file_is_asked_for_once_per_host() -> None:
    robots = "User-agent: *\nDisallow: /private\n"
    with serving({"/robots.txt": (200, {}, robots)}) as base_url:
        first, second, third = may_fetch(f"{base_url}/a", f"{base_url}/private/b", f"{base_url}/c")
    assert (first, third) == (None, None)
    assert second is not None
    assert isinstance(second.error, RobotsDisallowed)
    assert str(second.error) == f"{base_url}/private/b: robots.txt of the host disallows it"
    assert not second.error.transient
    assert base_url.paths() == ["/robots.txt"]


@pytest.mark.parametrize(("status", "expected"), [(404, True), (401, True), (403, True), (410, True)])
def test_a_missing_file_allows_everything(status: int, expected: bool) -> None:
    with serving({"/robots.txt": (status, {}, "User-agent: *\nDisallow: /")}) as base_url:
        assert may_fetch(f"{base_url}/a") == [None]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failing_host_allows_nothing_for_now(status: int) -> None:
    with serving({"/robots.txt": (status, {}, "")}) as base_url:
        (outcome,) = may_fetch(f"{base_url}/a")
    assert outcome is not None
    assert isinstance(outcome.error, RobotsDisallowed)
    assert outcome.error.transient
    assert f"the server answered {status}" in outcome.error.message


def test_a_host_that_does_not_answer_allows_nothing_for_now() -> None:
    with talking(lambda _connection: time.sleep(2)) as base_url:
        outcomes = may_fetch(f"{base_url}/a", "http://127.0.0.1:1/")
    assert all(outcome is not None and outcome.error.transient for outcome in outcomes)


def test_redirects_are_followed_and_a_circle_counts_as_missing() -> None:
    routes: dict[str, Answer | Handler] = {
        "/robots.txt": (301, {"Location": "/rules.txt"}, ""),
        "/rules.txt": (200, {}, "User-agent: *\nDisallow: /"),
    }
    with serving(routes) as base_url:
        assert may_fetch(f"{base_url}/a") != [None]
        routes["/rules.txt"] = (301, {"Location": "/robots.txt"}, "")
        assert may_fetch(f"{base_url}/a") == [None]


def test_only_the_first_500_kibibytes_are_read() -> None:
    filler = "# filler\n" * (500 * 1024 // 9 + 1)
    with serving({"/robots.txt": (200, {}, filler + "User-agent: *\nDisallow: /")}) as base_url:
        assert may_fetch(f"{base_url}/a") == [None]
    with serving({"/robots.txt": (200, {}, "User-agent: *\nDisallow: /\n" + filler)}) as base_url:
        assert may_fetch(f"{base_url}/a") != [None]


def test_the_guard_stands_before_robots_too() -> None:
    routes: dict[str, Answer] = {"/robots.txt": (302, {"Location": "http://169.254.169.254/robots.txt"}, "")}
    with serving(routes) as base_url:
        private, bad = may_fetch(f"{base_url}/a", "http://user@example.org/", allow_private=False)
        assert base_url.requests == []
    assert private is not None
    assert isinstance(private.error, AddressRefused)
    assert bad is not None
    assert isinstance(bad.error, BadUrl)
