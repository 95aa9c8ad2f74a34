"""One machine on which a pass has been made, for all tests that only look."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.cli.machine import offline
from tests.world import World, living


@dataclass(frozen=True, slots=True)
class After:
    """A world, and the first pass that was made in it."""

    world: World
    run: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> After:
    """After `newswatch run --demo` without a network. Tests must leave it as it is."""
    world = offline(tmp_path_factory.mktemp("demo"))
    return After(world, world.newswatch("run", "--demo"))


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[After]:
    """After `newswatch run` with outlets and a mail server. Tests must leave it as it is."""
    with living(tmp_path_factory.mktemp("newsroom")) as world:
        yield After(world, world.newswatch("run"))
