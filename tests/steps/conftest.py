from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.steps.house import House, furnish
from tests.world import living


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living(tmp_path, {}) as world:
        yield furnish(world)
