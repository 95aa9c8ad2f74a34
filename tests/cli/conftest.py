"""One machine on which a pass has been made, for all tests that only look."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.cli.machine import offline
from tests.cli.practice import BY_OPTIONS, PRACTICE
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


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A ledger with the texts to practise on, read before anybody thought of the topic."""
    world = offline(tmp_path_factory.mktemp("once"))
    world.configure(feeds=PRACTICE)
    done = world.newswatch("run")
    assert done.returncode == 0, done.stderr
    return world


@pytest.fixture
def read(once: World, tmp_path: Path) -> World:
    """The same, for one test alone."""
    shutil.copytree(once.folder, tmp_path / "read")
    return replace(once, folder=tmp_path / "read")


@pytest.fixture(scope="session")
def practised(once: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """After `topics add` by options, and nothing more."""
    folder = tmp_path_factory.mktemp("practised") / "read"
    shutil.copytree(once.folder, folder)
    world = replace(once, folder=folder)
    done = world.newswatch("topics", "add", "mekong", *BY_OPTIONS)
    assert done.returncode == 0, done.stderr
    return world
