"""The dashboards as files: well-formed, about what exists, each chart's numbers counted by a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pipeline.index.kibana_files import contents
from pipeline.query.fields import fields
from tests.kibana import aggregations
from tests.kibana.aggregations import Rows
from tests.kibana.conftest import FACTS_FIELDS, Server
from tests.kibana.fake import wrong

EVERYTHING = contents(prefix="newswatch")
BODIES = {dashboard.id.removeprefix("newswatch-"): dashboard.body for dashboard in EVERYTHING.dashboards}
OBJECTS = {each["id"]: each for each in EVERYTHING.objects}


def panels(*kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, body in BODIES.items():
        yield from ((f"{name}/{panel['id']}", panel) for panel in body["panels"] if panel["type"] in kinds)


CHARTS = dict(panels("vis"))


@pytest.mark.parametrize("name", BODIES)
def test_a_dashboard_is_what_the_api_takes(name: str) -> None:
    assert wrong("dashboard", BODIES[name]) == ""


@pytest.mark.parametrize("name", BODIES)
def test_panels_have_ids_of_their_own_and_do_not_overlap(name: str) -> None:
    given = BODIES[name]["panels"]
    assert len({panel["id"] for panel in given}) == len(given)
    taken: dict[tuple[int, int], str] = {}
    for panel in given:
        grid = panel["grid"]
        assert grid["x"] + grid["w"] <= 48
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert taken.setdefault((x, y), panel["id"]) == panel["id"]
    assert taken.keys() == {(x, y) for x in range(48) for y in range(max(y for _, y in taken) + 1)}, "holes"


def test_what_is_referred_to_exists() -> None:
    for name, panel in panels("options_list_control"):
        assert OBJECTS[panel["config"]["data_view_id"]]["type"] == "index-pattern", name
    for name, panel in panels("discover_session"):
        assert OBJECTS[panel["config"]["ref_id"]]["type"] == "search", name
    for name, panel in CHARTS.items():
        for chart in aggregations.charts(panel["config"]):
            assert OBJECTS[chart["data_view"]]["type"] == "index-pattern", name
    linked = {word for _, panel in panels("markdown") for word in panel["config"]["content"].split("#/view/")[1:]}
    assert {word.partition(")")[0] for word in linked} == {dashboard.id for dashboard in EVERYTHING.dashboards}


# What each chart shows of the articles in conftest; dates by day.
FIRST, SECOND, THIRD = (f"2026-11-{day}T00:00:00.000Z" for day in (20, 21, 22))
TOGETHER = {
    ("ASEAN", "ASEAN"): 3,
    ("ASEAN", "Cambodia"): 2,
    ("ASEAN", "Hun Sen"): 1,
    ("ASEAN", "Phnom Penh"): 1,
    ("ASEAN", "Prak Sokhonn"): 2,
    ("ASEAN", "Wang Yi"): 1,
    ("Cambodia", "Cambodia"): 3,
    ("Cambodia", "Hun Sen"): 1,
    ("Cambodia", "Prak Sokhonn"): 1,
    ("Cambodia", "Wang Yi"): 1,
    ("Hun Sen", "Hun Sen"): 1,
    ("Phnom Penh", "Phnom Penh"): 1,
    ("Phnom Penh", "Prak Sokhonn"): 1,
    ("Prak Sokhonn", "Prak Sokhonn"): 3,
    ("Prak Sokhonn", "Wang Yi"): 2,
    ("Wang Yi", "Wang Yi"): 2,
}
EXPECTED: Mapping[str, Rows] = {
    "newsroom/articles": [(5,)],
    "newsroom/on-topic": [(4,)],
    "newsroom/texts": [(4,)],
    "newsroom/outlets": [(3,)],
    "newsroom/topics-over-time": [
        (FIRST, "cambodia_china", 2),
        (SECOND, "asem", 2),
        (SECOND, "cambodia_china", 1),
    ],
    "newsroom/topics-by-language": [
        ("cambodia_china", "en", 2),
        ("cambodia_china", "zh", 1),
        ("asem", "en", 1),
        ("asem", "fr", 1),
    ],
    "newsroom/topics-by-outlet": [
        ("cambodia_china", "The daily", 2, 2, "2026-11-21T08:00:00.000Z"),
        ("cambodia_china", "The ribao", 1, 1, "2026-11-20T08:00:00.000Z"),
        ("asem", "The daily", 1, 1, "2026-11-21T08:00:00.000Z"),
        ("asem", "The revue", 1, 1, "2026-11-21T08:00:00.000Z"),
    ],
    "newsroom/stories-by-outlets": [(1, 2), (2, 1)],
    "newsroom/largest-stories": [
        ("Visit", 2.0, 3.0, "2099-01-01T00:00:00.000Z", "2099-01-02T00:00:00.000Z"),
        ("Road", 1.0, 1.0, "2099-01-02T00:00:00.000Z", "2099-01-02T00:00:00.000Z"),
        ("Summit", 1.0, 1.0, "2099-01-01T00:00:00.000Z", "2099-01-01T00:00:00.000Z"),
    ],
    "newsroom/alerts": [("cambodia", 2, 1, "2026-11-20T08:00:00.000Z")],
    "newsroom/wires": [("xinhua", 2)],
    "entities/countries": [("kh", 3, 2), ("cn", 2, 1)],
    "entities/people": [("Prak Sokhonn", 3, 2, 3), ("Wang Yi", 2, 1, 2), ("Hun Sen", 1, 1, 1)],
    "entities/organisations": [("ASEAN", 3, 3, 2)],
    "entities/places": [("Cambodia", 3, 3, 1), ("Phnom Penh", 1, 1, 1)],
    "entities/over-time": [
        (FIRST, "Prak Sokhonn", 2),
        (FIRST, "Wang Yi", 2),
        (FIRST, "ASEAN", 1),
        (FIRST, "Cambodia", 1),
        (SECOND, "ASEAN", 2),
        (SECOND, "Cambodia", 1),
        (SECOND, "Hun Sen", 1),
        (SECOND, "Phnom Penh", 1),
        (SECOND, "Prak Sokhonn", 1),
        (THIRD, "Cambodia", 1),
    ],
    "entities/together": [(one, other, count) for pair, count in TOGETHER.items() for one, other in {pair, pair[::-1]}],
    "entities/pairs": [
        ("Prak Sokhonn", "ASEAN", 2, 2, "2026-11-21T08:00:00.000Z"),
        ("Wang Yi", "ASEAN", 1, 1, "2026-11-20T08:00:00.000Z"),
        ("Hun Sen", "ASEAN", 1, 1, "2026-11-21T08:00:00.000Z"),
    ],
    "entities/first-appearances": [
        ("Hun Sen", "2026-11-21T09:00:00.000Z", 1, 1),
        ("Phnom Penh", "2026-11-21T09:00:00.000Z", 1, 1),
        ("ASEAN", "2026-11-20T09:00:00.000Z", 3, 2),
        ("Cambodia", "2026-11-20T09:00:00.000Z", 3, 1),
        ("Prak Sokhonn", "2026-11-20T09:00:00.000Z", 3, 3),
        ("Wang Yi", "2026-11-20T09:00:00.000Z", 2, 2),
    ],
    "coverage/by-hour": [
        (FIRST, "The daily", 1),
        (FIRST, "The ribao", 1),
        (SECOND, "The daily", 1),
        (SECOND, "The revue", 1),
        (THIRD, "The daily", 1),
    ],
    "coverage/articles": [(5,)],
    "coverage/median-lag": [(3600.0,)],
    "coverage/lag": [(FIRST, 3600.0, 3600.0), (SECOND, 3600.0, 3600.0), (THIRD, 3600.0, 3600.0)],
    "coverage/not-sent": [(1,)],
    "coverage/failing": [(3,)],
    "coverage/quiet": [(2,)],
    "coverage/sent": [(2,)],
    "coverage/errors": [("timeout", 2, 3.0), ("http_status", 1, 9.0)],
    "coverage/mails-over-time": [
        ("2099-01-01T00:00:00.000Z", "asem", 1),
        ("2099-01-01T00:00:00.000Z", "cambodia", 1),
        ("2099-01-02T00:00:00.000Z", "cambodia", 1),
    ],
}


def shown(server: Server, panel: Mapping[str, Any]) -> Rows:
    """What the chart shows, with a day for Lens's automatic interval."""
    found: Rows = []
    for chart in aggregations.charts(panel["config"]):
        index = chart["data_view"].replace("newswatch", server.prefix, 1)
        answer = server.client.search(index=index, **aggregations.body(chart, interval="1d"))
        found += aggregations.rows(chart, answer.body)
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_shows_the_right_numbers(name: str, server: Server) -> None:
    assert sorted(shown(server, CHARTS[name]), key=str) == sorted(EXPECTED[name], key=str)


def leaves(properties: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, mapping in properties.items():
        if "properties" in mapping:
            yield from leaves(mapping["properties"], f"{above}{name}.")
        else:
            yield f"{above}{name}"


FIELDS = {"newswatch-articles": set(fields())} | {
    f"newswatch-{name}": set(leaves(mapping["properties"])) for name, mapping in FACTS_FIELDS.items()
}
SEARCHES = {name: each for name, each in OBJECTS.items() if each["type"] == "search"}


@pytest.mark.parametrize("name", SEARCHES)
def test_a_saved_search_shows_fields_that_exist(name: str) -> None:
    (reference,) = SEARCHES[name]["references"]
    attributes = SEARCHES[name]["attributes"]
    assert {*attributes["columns"], *(field for field, _ in attributes["sort"])} <= FIELDS[reference["id"]]


FOUND = {
    "newswatch-latest-articles": {"a1", "a2", "a3", "a4", "a5"},
    "newswatch-on-a-topic": {"a1", "a2", "a3", "a4"},
    "newswatch-stories": {"a1", "a3", "a4"},
    "newswatch-failing-feeds": {"ribao", "revue", "never"},
    "newswatch-quiet-feeds": {"daily", "ribao", "revue", "never"},
    "newswatch-alert-mails": {"m1", "m2", "m3"},
}


@pytest.mark.parametrize("name", SEARCHES)
def test_a_saved_search_finds_the_right_ones_in_order(name: str, server: Server) -> None:
    source = json.loads(SEARCHES[name]["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    index = SEARCHES[name]["references"][0]["id"].replace("newswatch", server.prefix, 1)
    assert source["query"]["language"] == "lucene"
    sort = [{field: direction} for field, direction in SEARCHES[name]["attributes"]["sort"]]
    query = {"query_string": {"query": source["query"]["query"] or "*", "analyze_wildcard": True}}
    found = server.client.search(index=index, query=query, sort=[*sort, {"_doc": "asc"}])
    hits = found["hits"]["hits"]
    assert {hit["_id"] for hit in hits} == FOUND[name]
    order = [
        hit["sort"][0] for hit in hits if abs(hit["sort"][0]) < 2**60
    ]  # but those without a value, which come last
    assert order == sorted(order, reverse="desc" in sort[0].values())
