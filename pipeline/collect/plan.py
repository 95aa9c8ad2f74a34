"""When to poll which feed, and with which others.

Promises: pure functions of their arguments; the same sources give the same batches. Does not read the ledger and does
not fetch.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pipeline.collect.urls import host_of
from pipeline.errors import HttpStatus
from pipeline.model import Failed, Fetched

# How far failures stretch the interval. A feed that is down comes back within hours; one that is gone is asked daily.
LONGEST_TRANSIENT: Final = timedelta(hours=4)
LONGEST_PERMANENT: Final = timedelta(days=1)
LONGEST_RETRY_AFTER: Final = timedelta(days=1)  # a host may ask for years


def next_poll(*, outcome: Fetched, failures: int, interval: timedelta, now: datetime) -> datetime:
    """When to fetch again after `outcome`, the `failures`-th failure on end if it is one.

    The interval doubles with each failure after the first, up to a limit by kind; Retry-After is a lower bound.
    """
    if not isinstance(outcome, Failed):
        return now + interval
    longest = max(interval, LONGEST_TRANSIENT if outcome.error.transient else LONGEST_PERMANENT)
    wait = interval * (1 << min(max(failures, 1) - 1, 10))
    return now + max(min(wait, longest), _retry_after(outcome))


def _retry_after(outcome: Failed) -> timedelta:
    error = outcome.error
    if not isinstance(error, HttpStatus) or error.retry_after is None:
        return timedelta(0)
    return timedelta(seconds=min(error.retry_after, LONGEST_RETRY_AFTER.total_seconds()))


def host_batches(urls: Mapping[str, str], *, batches: int) -> tuple[tuple[str, ...], ...]:
    """The keys of `urls` in at most `batches` groups of about one size, none empty, no host in two of them.

    A host in two batches would be asked by two processes, each keeping its own pace. Keys keep their order.
    """
    hosts = {key: host_of(url) for key, url in urls.items()}
    per_host = Counter(hosts.values())
    loads = [(0, number) for number in range(max(1, batches))]
    batch_of: dict[str, int] = {}
    for host, count in sorted(per_host.items(), key=lambda item: (-item[1], item[0])):
        load, number = loads[0]
        batch_of[host] = number
        heapq.heapreplace(loads, (load + count, number))
    groups = [tuple(key for key, host in hosts.items() if batch_of[host] == number) for number in range(len(loads))]
    return tuple(group for group in groups if group)
