"""The file for OpenSearch Dashboards: complete, in order, and each chart over the same fields as in Kibana."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pipeline.index.kibana_files import contents, ndjson
from pipeline.index.opensearch_dashboards import saved_objects
from tests.kibana import aggregations
from tests.kibana.test_panels import BODIES, CHARTS

OBJECTS = {
    each["id"]: each for each in map(json.loads, ndjson(saved_objects(contents(prefix="newswatch"))).splitlines())
}


def queried(panel: Mapping[str, Any]) -> bool:
    """Whether it is a table in ES|QL, for which there is no like."""
    return "esql" in json.dumps(panel)


def state(name: str) -> Mapping[str, Any]:
    """What is drawn for a panel that is named `dashboard/panel`."""
    made = OBJECTS[f"newswatch-{name.replace('/', '-')}"]
    assert made["type"] == "visualization"
    read: Mapping[str, Any] = json.loads(made["attributes"]["visState"])
    return read


def test_nothing_speaks_of_kibanas_versions() -> None:
    assert {frozenset(each) for each in OBJECTS.values()} == {frozenset({"id", "type", "attributes", "references"})}


def test_whatever_is_referred_to_stands_before() -> None:
    seen: set[tuple[str, str]] = set()
    for identity, each in OBJECTS.items():
        assert {(one["type"], one["id"]) for one in each["references"]} <= seen
        seen.add((each["type"], identity))


@pytest.mark.parametrize("name", BODIES)
def test_a_dashboard_has_every_panel_at_its_place(name: str) -> None:
    made = OBJECTS[f"newswatch-{name}"]
    panels = json.loads(made["attributes"]["panelsJSON"])
    targets = {one["name"]: one["id"] for one in made["references"]}
    shown = [({**panel["gridData"]}, targets[panel["panelRefName"]]) for panel in panels]
    expected = [panel["grid"] for panel in BODIES[name]["panels"] if not queried(panel)]
    assert [grid | {"i": ""} for grid, _ in shown] == [grid | {"i": ""} for grid in expected]
    assert len({grid["i"] for grid, _ in shown}) == len(shown) == len(targets)
    assert made["attributes"]["timeFrom"] == BODIES[name]["time_range"]["from"]


def asked(chart: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Operation and field of every metric and bucket."""
    for each in (*chart["metrics"], *chart["buckets"]):
        yield each["operation"], each.get("field") or next(iter(each.get("fields", ())), None)


SAME = {"unique_count": "cardinality", "average": "avg", "percentile": "percentiles"}


@pytest.mark.parametrize("name", [name for name, panel in CHARTS.items() if not queried(panel)])
def test_a_chart_asks_for_the_same(name: str) -> None:
    (chart,) = aggregations.charts(CHARTS[name]["config"])
    expected = sorted((SAME.get(operation, operation), str(field)) for operation, field in asked(chart))
    aggs = state(name)["aggs"]
    assert sorted((agg["type"], str(agg["params"].get("field"))) for agg in aggs) == expected
    assert [agg["id"] for agg in aggs] == [str(at) for at in range(1, len(aggs) + 1)]
    metrics = {agg["id"] for agg in aggs if agg["schema"] == "metric"}
    assert {agg["params"]["orderBy"] for agg in aggs if agg["type"] == "terms"} <= {*metrics, "_key"}


def test_filters_of_a_chart_are_kept() -> None:
    source = json.loads(
        OBJECTS["newswatch-newsroom-on-topic"]["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]
    )
    assert source["query"] == {"query": "topic:*", "language": "lucene"}


def test_a_control_filters_its_field() -> None:
    (control,) = state("newsroom/choose-topic")["params"]["controls"]
    (reference,) = OBJECTS["newswatch-newsroom-choose-topic"]["references"]
    assert (control["fieldName"], control["indexPatternRefName"]) == ("topic", reference["name"])
    assert reference["id"] == "newswatch-articles"
