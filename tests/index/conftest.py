"""The three back ends, empty and filled; each test that writes gets a prefix or folder of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

import pytest

from pipeline.index import SearchIndex, open_index
from pipeline.index.elasticsearch import connect
from pipeline.settings import Settings
from tests.index.corpus import documents

SERVERS = ("elasticsearch", "opensearch")
BACK_ENDS = ("embedded", *SERVERS)
Maker = Callable[[str, pytest.FixtureRequest], Settings]


@pytest.fixture(scope="session")
def settings_for(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Makes settings of an index nobody else uses; leaves nothing on the server."""

    def make(kind: str, request: pytest.FixtureRequest) -> Settings:
        if kind == "embedded":
            return Settings(home=tmp_path_factory.mktemp("home"))
        url: str = request.getfixturevalue(f"{kind}_url")
        made = on_server(kind, url)
        request.addfinalizer(partial(remove, made))
        return made

    return make


def on_server(kind: str, url: str) -> Settings:
    """An index of one's own on a server that others use, too."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    return Settings.model_validate({"search": kind, "elasticsearch_url": url, "elasticsearch_prefix": prefix})


def remove(settings: Settings) -> None:
    prefix = settings.elasticsearch_prefix
    with connect(settings) as client:
        quiet = client.options(ignore_status=404)
        for name in quiet.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            quiet.indices.delete(index=name)
        quiet.indices.delete_index_template(name=f"{prefix}-articles")
        for part in ("settings", "fields"):
            quiet.cluster.delete_component_template(name=f"{prefix}-{part}")


@pytest.fixture(params=BACK_ENDS)
def settings(request: pytest.FixtureRequest, settings_for: Maker) -> Settings:
    return settings_for(request.param, request)


@pytest.fixture
def index(settings: Settings) -> SearchIndex:
    made = open_index(settings)
    made.setup()
    return made


@pytest.fixture(scope="session")
def filled(request: pytest.FixtureRequest, settings_for: Maker) -> dict[str, SearchIndex]:
    """All back ends with the whole corpus in them, to be read only."""
    made = {kind: open_index(settings_for(kind, request)) for kind in BACK_ENDS}
    for index in made.values():
        index.setup()
        refused = [outcome for outcome in index.write(documents()) if outcome.status != "written"]
        assert refused == []
    return made
