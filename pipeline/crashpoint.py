"""Named places where the crash tests kill the process.

`reach("collect.commit.after")` does nothing, unless NEWSWATCH_TEST_CRASH names that point: then the process
gets SIGKILL there, as a power cut would give it. `NEWSWATCH_TEST_CRASH=name:3` dies at the third pass.
With NEWSWATCH_TEST_CRASH_LOG naming a file, every point reached is written there, so that a test can list
them all and prove that each was hit.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


def reach(name: str) -> None:
    """Say that execution is at `name`; dies there if the environment says so."""
    if log := os.environ.get("NEWSWATCH_TEST_CRASH_LOG"):
        with open(log, "a", encoding="utf-8") as file:
            file.write(name + "\n")
    if not (wanted := os.environ.get("NEWSWATCH_TEST_CRASH")):
        return
    target, _, nth = wanted.partition(":")
    _passed[name] += 1
    if name == target and _passed[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
