"""One machine on which a pass was made with everything logged, for all tests that only look."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.smtpserver import Behaviour
from tests.world import World, living

REFUSING = Behaviour(refuse={"desk@example.org": "550 5.1.1 nobody of that name"})
LOUD = {
    "NEWSWATCH_LOG_LEVEL": "debug",
    "NEWSWATCH_LOG_FORMAT": "json",
    "NEWSWATCH_LINK_BASE": "https://kibana.example/app/discover?q={query}",
}


@dataclass(frozen=True, slots=True)
class After:
    """A world, and the pass that was made in it."""

    world: World
    run: subprocess.CompletedProcess[str]


@pytest.fixture(scope="package")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[After]:
    """Three feeds, of which one is not there; two recipients, of whom one is refused."""
    with living(tmp_path_factory.mktemp("told"), mail=REFUSING) as world:
        yield After(world, world.newswatch("run", **LOUD))
