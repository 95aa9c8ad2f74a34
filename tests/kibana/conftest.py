"""A few articles in a real search server, for the charts to count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from pipeline.index import document, open_index
from pipeline.model import Annotated, Label, Membership
from pipeline.settings import Settings
from tests.index.conftest import Maker, settings_for
from tests.index.corpus import annotated

__all__ = ["settings_for"]

DAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
NAMES: dict[str, tuple[Label, str]] = {
    "Sokhonn": ("PERSON", "Prak Sokhonn"),
    "Wang": ("PERSON", "Wang Yi"),
    "Sen": ("PERSON", "Hun Sen"),
    "ASEAN": ("ORG", "ASEAN"),
    "Cambodia": ("GPE", "Cambodia"),
    "Penh": ("GPE", "Phnom Penh"),
}


@dataclass(frozen=True, slots=True)
class Server:
    """`prefix` starts the names of the indices that hold the articles."""

    client: Elasticsearch
    prefix: str


def article(
    identity: str, outlet: str, language: str, *, day: int, topics: str = "", names: str = "", family: str = ""
) -> Annotated:
    """Published at eight, `day` days after the first; first seen an hour later."""
    date = DAY + timedelta(days=day)
    made = annotated(
        identity,
        source=outlet,
        language=language,
        published=date,
        first_seen=date + timedelta(hours=1),
        topics=dict.fromkeys(topics.split(), 0.9),
        mentions=tuple((name, NAMES[name][0], NAMES[name][1], None) for name in names.split()),
    )
    return replace(made, membership=Membership(identity, family or identity, 1.0))


ARTICLES = (
    article("a1", "daily", "en", day=0, topics="cambodia_china", names="Sokhonn Wang ASEAN Cambodia"),
    article("a2", "ribao", "zh", day=0, topics="cambodia_china", names="Sokhonn Wang", family="a1"),
    article("a3", "revue", "fr", day=1, topics="asem", names="Sokhonn ASEAN Penh"),
    article("a4", "daily", "en", day=1, topics="asem cambodia_china", names="Sen ASEAN Cambodia"),
    article("a5", "daily", "en", day=2, names="Cambodia"),
)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, settings_for: Maker) -> Iterator[Server]:
    """The server with the articles."""
    settings: Settings = settings_for("elasticsearch", request)
    index = open_index(settings)
    refused = [each for each in index.write(map(document, ARTICLES)) if each.status != "written"]
    assert refused == []
    with Elasticsearch(settings.elasticsearch_url) as client:
        yield Server(client, settings.elasticsearch_prefix)
