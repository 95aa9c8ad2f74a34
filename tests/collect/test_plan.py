"""When to poll and in which batches, as pure functions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.plan import host_batches, next_poll
from pipeline.collect.urls import host_of
from pipeline.errors import AddressRefused, FetchError, HttpStatus, Unreachable
from pipeline.model import Content, Failed, Fetched, Unchanged
from tests.collect.common import NOON

URL = "http://example.org/"
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


def status(code: int, retry_after: float | None = None) -> Failed:
    return Failed(URL, HttpStatus(URL, code, retry_after=retry_after))


DOWN, REFUSED = Failed(URL, Unreachable(URL, "down")), Failed(URL, AddressRefused(URL, "no"))


@pytest.mark.parametrize(
    ("outcome", "failures", "wait"),
    [
        (Unchanged(URL), 0, QUARTER),
        (Content(URL, URL, b""), 0, QUARTER),
        (DOWN, 1, QUARTER),
        (DOWN, 2, 2 * QUARTER),
        (DOWN, 3, HOUR),
        (DOWN, 50, 4 * HOUR),
        (REFUSED, 3, HOUR),
        (REFUSED, 50, DAY),
        (status(404), 10**9, DAY),
        (status(503, 60), 1, QUARTER),
        (status(503, 7200), 1, 2 * HOUR),
        (status(503, 1e12), 1, DAY),
        (status(429, 0), 4, 2 * HOUR),
        (DOWN, 0, QUARTER),
    ],
)
def test_next_poll(outcome: Fetched, failures: int, wait: timedelta) -> None:
    assert next_poll(outcome=outcome, failures=failures, interval=QUARTER, now=NOON) == NOON + wait


@given(
    failures=st.integers(0, 10**6),
    interval=st.timedeltas(timedelta(seconds=1), timedelta(days=60)),
    error=st.sampled_from([DOWN.error, REFUSED.error, HttpStatus(URL, 503, retry_after=1e9)]),
)
def test_a_failing_feed_is_asked_again_never_sooner_and_within_a_day(
    failures: int, interval: timedelta, error: FetchError
) -> None:
    wait = next_poll(outcome=Failed(URL, error), failures=failures, interval=interval, now=NOON) - NOON
    assert interval <= wait <= max(interval, DAY)


def address(number: int, host: int) -> str:
    return f"http://HOST{host}.example.org/{number}" if number % 2 else f"https://host{host}.example.org:8443/{number}"


HOSTS = st.lists(st.integers(0, 12), max_size=60)


@given(hosts=HOSTS, batches=st.integers(-1, 12))
def test_each_source_once_and_no_host_in_two_batches(hosts: list[int], batches: int) -> None:
    urls = {f"s{number}": address(number, host) for number, host in enumerate(hosts)}
    got = host_batches(urls, batches=batches)
    assert sorted(key for batch in got for key in batch) == sorted(urls)
    assert len(got) <= max(1, batches)
    assert all(got)
    hosts_of = [{host_of(urls[key]) for key in batch} for batch in got]
    assert sum(map(len, hosts_of)) == len(set().union(*hosts_of))
    assert got == host_batches(dict(urls), batches=batches)


@given(hosts=HOSTS, batches=st.integers(1, 12))
def test_batches_are_of_about_one_size(hosts: list[int], batches: int) -> None:
    urls = {f"s{number}": address(number, host) for number, host in enumerate(hosts)}
    got = host_batches(urls, batches=batches)
    busiest = max((hosts.count(host) for host in hosts), default=0)
    smallest = min(map(len, got), default=0) if len(got) == batches else 0
    assert all(len(batch) - smallest <= max(busiest, 1) for batch in got)


def test_nothing_to_poll_is_no_batch() -> None:
    assert host_batches({}, batches=4) == ()
