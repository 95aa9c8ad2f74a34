"""A real process is killed at every commit, HTTP and SMTP boundary; what is left is what an undisturbed run leaves."""

from __future__ import annotations

import re
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.state import State, check_mails, state
from tests.world import ROOT, living

# Every place that one pass over the world of `tests.world` reaches. What other passes reach is in `test_others`.
POINTS = """
pass.commit.before pass.commit.after plan.commit.before plan.commit.after rules.commit.before rules.commit.after
collect.claim.commit.before collect.claim.commit.after fetch.before fetch.after
collect.commit.before collect.commit.after collect.failed.commit.before collect.failed.commit.after
enrich.claim.commit.before enrich.claim.commit.after enrich.commit.before enrich.commit.after
pages.claim.commit.before pages.claim.commit.after pages.commit.before pages.commit.after
index.claim.commit.before index.claim.commit.after index.swap.before index.swap.after
index.write.before index.write.after index.commit.before index.commit.after
compose.commit.before compose.commit.after mail.claim.commit.before mail.claim.commit.after
mail.send.before mail.dot.after mail.send.after mail.sent.commit.before mail.sent.commit.after
""".split()


@dataclass(frozen=True, slots=True)
class Undisturbed:
    state: State
    mails: list[tuple[str, str]]
    passed: Counter[str]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    with living(folder) as world:
        done = world.newswatch("run", NEWSWATCH_TEST_CRASH_LOG=str(folder / "passed"))
        assert done.returncode == 0, done.stderr
        passed = Counter((folder / "passed").read_text(encoding="utf-8").split())
        return Undisturbed(state(world), check_mails(world, crashes=0), passed)


def test_every_point_of_a_pass_is_named_here(undisturbed: Undisturbed) -> None:
    assert sorted(undisturbed.passed) == sorted(POINTS)


def test_an_undisturbed_run_does_something(undisturbed: Undisturbed) -> None:
    assert len(undisturbed.state.articles) == 6
    assert len(undisturbed.state.families) == 5
    assert len(undisturbed.mails) >= 4
    assert undisturbed.state.found == {id for id, *_ in undisturbed.state.articles}
    assert undisturbed.state.undone == ()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_and_run_again(point: str, undisturbed: Undisturbed, tmp_path: Path) -> None:
    last = undisturbed.passed[point]
    with living(tmp_path) as world:
        killed = world.newswatch("run", NEWSWATCH_TEST_CRASH=f"{point}:{(last + 1) // 2}")
        assert killed.returncode == -signal.SIGKILL
        again = world.newswatch("run")
        assert again.returncode == 0, again.stderr
        assert state(world) == undisturbed.state
        assert check_mails(world, crashes=1) == undisturbed.mails


def test_all_points_in_the_code_are_killed_at_somewhere() -> None:
    from tests.crash.test_ledger import LEDGER_POINTS
    from tests.crash.test_others import OTHER_POINTS

    written = set()
    for file in (ROOT / "pipeline").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        written |= {
            f"{name}.commit.{when}"
            for name in re.findall(r'\.transaction\("([^"]+)"', text)
            for when in ("before", "after")
        }
        written |= set(re.findall(r'\breach\("([^"]+)"\)', text))
    assert written == {*POINTS, *OTHER_POINTS, *LEDGER_POINTS}
