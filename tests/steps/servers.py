"""Houses that search with each of the back ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.index.conftest import on_server, remove
from tests.steps.house import House, furnish
from tests.world import living


@contextmanager
def searching(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[House]:
    """A house whose articles go to a back end of that kind, into an index that nobody else uses."""
    with living(folder, {}) as world:
        if kind == "embedded":
            yield furnish(world)
            return
        settings = on_server(kind, request.getfixturevalue(f"{kind}_url"))
        world.environment |= {
            "NEWSWATCH_SEARCH": kind,
            "NEWSWATCH_ELASTICSEARCH_URL": settings.elasticsearch_url,
            "NEWSWATCH_ELASTICSEARCH_PREFIX": settings.elasticsearch_prefix,
        }
        yield furnish(world)
        remove(settings)
