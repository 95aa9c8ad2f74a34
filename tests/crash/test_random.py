"""A real process is killed at random moments; what is left is what an undisturbed run leaves."""

from __future__ import annotations

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crash.state import check_mails, state
from tests.world import living

TIMES = 50
AT_ONCE = 2


@pytest.mark.timeout(1500)
def test_killed_at_random_moments(tmp_path: Path) -> None:
    with living(tmp_path / "undisturbed") as world:
        began = time.monotonic()
        assert world.newswatch("run").returncode == 0
        lasted = time.monotonic() - began
        expected = state(world), check_mails(world, crashes=0)
    chance = random.Random(7)
    moments = [chance.uniform(0.2, lasted * 1.3) for _ in range(TIMES)]  # two at once are slower than one

    def disturbed(number: int) -> tuple[bool, object]:
        with living(tmp_path / str(number)) as world:
            process = world.start("run")
            time.sleep(moments[number])
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            again = world.newswatch("run")
            assert again.returncode == 0, again.stderr
            return process.returncode == -signal.SIGKILL, (state(world), check_mails(world, crashes=1))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(disturbed, range(TIMES)))
    assert [number for number, (_, found) in enumerate(outcomes) if found != expected] == []
    assert sum(killed for killed, _ in outcomes) >= TIMES / 2
