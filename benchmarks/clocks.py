"""What a piece of work costs this process: seconds by the wall, seconds of CPU, and the most memory it ever held.

Promises CPU seconds of all threads of this process and of the child processes that it has waited for. On a machine
that others use too, these say more than seconds by the wall.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Spent:
    """What `count` articles (or whatever is counted) took together."""

    count: int = 0
    wall: float = 0.0  # seconds
    cpu: float = 0.0
    memory: float = 0.0  # MiB at the peak of the process

    @property
    def per_cpu_second(self) -> float:
        return self.count / self.cpu if self.cpu else 0.0


@contextmanager
def spending(spent: Spent, count: int) -> Iterator[None]:
    """Add what is done within to `spent`, as the cost of `count` more."""
    wall, cpu = time.perf_counter(), _cpu()
    yield
    spent.wall += time.perf_counter() - wall
    spent.cpu += _cpu() - cpu
    spent.count += count
    spent.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(results: Mapping[str, Spent]) -> str:
    """One line for each."""
    lines = [f"{'':30}{'a second':>10}{'a CPU second':>14}{'CPU':>10}{'share':>7}{'peak memory':>13}"]
    for name, spent in results.items():
        rate, share = spent.count / spent.wall, spent.cpu / spent.wall
        lines.append(
            f"{name:30}{rate:>10,.0f}{spent.per_cpu_second:>14,.0f}{spent.cpu:>8.1f} s{share:>7.0%}"
            f"{spent.memory:>9,.0f} MiB"
        )
    return "\n".join(lines)


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
