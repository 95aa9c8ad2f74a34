"""The two back ends, empty and filled; each test that writes gets a prefix or folder of its own."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pipeline.index import SearchIndex, open_index
from pipeline.settings import Settings
from tests.index.corpus import documents

BACK_ENDS = ("embedded", "elasticsearch")
_numbers = itertools.count(1)


def settings_for(kind: str, request: pytest.FixtureRequest, home: Path) -> Settings:
    """Settings of an index nobody else uses."""
    if kind == "embedded":
        return Settings(home=home)
    url: str = request.getfixturevalue("elasticsearch_url")
    return Settings(
        search="elasticsearch",
        elasticsearch_url=url,
        elasticsearch_prefix=f"t{next(_numbers)}-{home.name.lower().replace('_', '-')}",
    )


@pytest.fixture(params=BACK_ENDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_for(request.param, request, tmp_path)


@pytest.fixture
def index(settings: Settings) -> SearchIndex:
    made = open_index(settings)
    made.setup()
    return made


@pytest.fixture(scope="session")
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SearchIndex]:
    """Both back ends with the whole corpus in them, to be read only."""
    made = {}
    for kind in BACK_ENDS:
        made[kind] = open_index(settings_for(kind, request, tmp_path_factory.mktemp(kind)))
        made[kind].setup()
        refused = [outcome for outcome in made[kind].write(documents()) if outcome.status != "written"]
        assert refused == []
    return made
