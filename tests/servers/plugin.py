"""A pytest plugin: `elasticsearch_url` and `opensearch_url`, real servers, each started once for a whole run.

Promises a server that answers, or a failure that says why; with NEWSWATCH_TEST_ELASTICSEARCH or
NEWSWATCH_TEST_OPENSEARCH set it is that server. Tests share it, so each takes an index prefix of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.servers.search import serving_search


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _shared("elasticsearch", tmp_path_factory)


@pytest.fixture(scope="session")
def opensearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _shared("opensearch", tmp_path_factory)


def _shared(kind: str, folders: pytest.TempPathFactory) -> Iterator[str]:
    if given := os.environ.get(f"NEWSWATCH_TEST_{kind.upper()}"):
        yield given
        return
    with serving_search(kind, folders.mktemp(kind)) as server:
        yield server.url
