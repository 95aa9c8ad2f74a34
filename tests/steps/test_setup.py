"""The index as this version makes it, on every back end: made, left alone, made anew beside an older one, refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.errors import IndexMismatch
from pipeline.index.elasticsearch import connect
from pipeline.query.fields import schema
from pipeline.steps.context import Context
from pipeline.steps.index import reindex
from pipeline.steps.reports import SetupReport
from pipeline.steps.setup import setup
from tests.index.conftest import BACK_ENDS
from tests.steps.house import House
from tests.steps.servers import searching
from tests.world import VISIT, Item


@pytest.fixture(params=BACK_ENDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with searching(request.param, request, tmp_path) as house:
        house.publish(Item("visit", "Visit", VISIT))
        yield house


def test_it_is_made_left_alone_made_anew_and_refused(house: House) -> None:
    with house.context() as context:
        assert setup(context) == SetupReport("absent")
        assert context.index.count() == 0
    house.run()
    with house.context() as context:
        assert setup(context) == SetupReport("current")
        pretend(context, schema() - 1)
    with house.context() as context:
        assert setup(context) == SetupReport("older", written=1)
    with house.context() as context:
        assert setup(context) == SetupReport("current")
        assert context.index.count() == 1
        pretend(context, schema() + 1)
    asked: tuple[Callable[[Context], object], ...] = (setup, reindex, lambda context: context.index.setup())
    for ask in asked:
        with house.context() as context, pytest.raises(IndexMismatch, match="newer version"):
            ask(context)


def pretend(context: Context, version: int) -> None:
    """The index was made by another version of Newswatch."""
    settings = context.settings
    if settings.search_server:
        with connect(settings) as client:
            client.indices.put_mapping(index=f"{settings.elasticsearch_prefix}-articles", meta={"schema": version})
        return
    note = settings.home / "search" / (settings.home / "search" / "current").read_text() / "newswatch.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"schema": version}))


@pytest.mark.parametrize("house", ["elasticsearch"], indirect=True)
def test_templates_of_a_newer_version_are_not_replaced(house: House) -> None:
    with house.context() as context, connect(context.settings) as client:
        name = f"{context.settings.elasticsearch_prefix}-fields"
        template = {"mappings": {"_meta": {"schema": schema() + 1}}}
        client.cluster.put_component_template(name=name, template=template)
        with pytest.raises(IndexMismatch, match=f"{name}: .*newer version"):
            setup(context)
        made = client.cluster.get_component_template(name=name)["component_templates"][0]
        assert made["component_template"]["template"]["mappings"] == template["mappings"]
