"""A few articles, and facts about texts, feeds and mails, in a real search server, for the charts to count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.index import by_name, document, open_index
from pipeline.index.elasticsearch import connect
from pipeline.model import Annotated, Label, Membership
from pipeline.query.fields import MAPPINGS
from pipeline.settings import Settings
from tests.index.conftest import SERVERS, Maker, settings_for
from tests.index.corpus import WATCHLIST, annotated

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
    identity: str,
    outlet: str,
    language: str,
    *,
    day: int,
    topics: str = "",
    names: str = "",
    family: str = "",
    text: str = "",
    alerts: tuple[str, ...] = (),
) -> Annotated:
    """Published at eight, `day` days after the first; first seen an hour later."""
    date = DAY + timedelta(days=day)
    made = annotated(
        identity,
        text=text,
        source=outlet,
        language=language,
        published=date,
        first_seen=date + timedelta(hours=1),
        topics=dict.fromkeys(topics.split(), 0.9),
        mentions=tuple((name, NAMES[name][0], NAMES[name][1], None) for name in names.split()),
    )
    return replace(made, membership=Membership(identity, family or identity, 1.0), alerts=alerts)


XINHUA: Any = {"text": "PHNOM PENH, Nov. 8 (Xinhua) -- They met.", "alerts": ("cambodia",)}
ARTICLES = (
    article("a1", "daily", "en", day=0, topics="cambodia_china", names="Sokhonn Wang ASEAN Cambodia", **XINHUA),
    article("a2", "ribao", "zh", day=0, topics="cambodia_china", names="Sokhonn Wang", family="a1", **XINHUA),
    article("a3", "revue", "fr", day=1, topics="asem", names="Sokhonn ASEAN Penh"),
    article("a4", "daily", "en", day=1, topics="asem cambodia_china", names="Sen ASEAN Cambodia"),
    article("a5", "daily", "en", day=2, names="Cambodia"),
)


FACTS_FIELDS: Mapping[str, Any] = {
    name: json.loads((MAPPINGS / f"{name}.json").read_text(encoding="utf-8"))["template"]["mappings"]
    for name in ("families", "feeds", "deliveries")
}
# Long past and far away dates, so that no clock decides what is silent.
LONG_AGO, SOON, LATER = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z"
FACTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "families": (
        {"id": "a1", "title": "Visit", "outlets": 2, "size": 3, "first_published": SOON, "last_published": LATER},
        {"id": "a3", "title": "Summit", "outlets": 1, "size": 1, "first_published": SOON, "last_published": SOON},
        {"id": "a4", "title": "Road", "outlets": 1, "size": 1, "first_published": LATER, "last_published": LATER},
    ),
    "feeds": (
        {"id": "daily", "name": "The daily", "failures": 0, "last_article": SOON},
        {"id": "ribao", "name": "The ribao", "failures": 3, "error": {"code": "timeout"}, "last_article": LONG_AGO},
        {"id": "revue", "name": "The revue", "failures": 1, "error": {"code": "timeout"}, "last_article": SOON},
        {"id": "never", "name": "Never", "failures": 9, "error": {"code": "http_status"}},
        {"id": "gone", "name": "Gone", "failures": 4, "error": {"code": "robots"}, "state": "left"},
    ),
    "deliveries": (
        {"id": "m1", "@timestamp": SOON, "rule": {"name": "cambodia"}, "event": {"outcome": "success"}},
        {"id": "m2", "@timestamp": SOON, "rule": {"name": "asem"}, "event": {"outcome": "success"}},
        {"id": "m3", "@timestamp": LATER, "rule": {"name": "cambodia"}, "event": {"outcome": "failure"}},
    ),
}


def _write_facts(client: Elasticsearch, prefix: str) -> None:
    analysis = json.loads((MAPPINGS / "component-fields.json").read_text(encoding="utf-8"))["template"]["settings"]
    for name, documents in FACTS.items():
        client.indices.create(index=f"{prefix}-{name}", mappings=FACTS_FIELDS[name], settings=analysis)
        for one in documents:
            client.index(index=f"{prefix}-{name}", id=one["id"], document=one, refresh=True)


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest, settings_for: Maker) -> Iterator[Server]:
    """The server with the articles and the facts."""
    settings: Settings = settings_for(request.param, request)
    index = open_index(settings)
    refused = [
        each
        for each in index.write(document(each, known=by_name(WATCHLIST)) for each in ARTICLES)
        if each.status != "written"
    ]
    assert refused == []
    with connect(settings) as client:
        _write_facts(client, settings.elasticsearch_prefix)
        yield Server(client, settings.elasticsearch_prefix)
