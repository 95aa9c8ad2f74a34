"""The same data views, saved searches and dashboards for OpenSearch Dashboards, which has no Dashboards API.

Promises saved objects under the same ids, made from Kibana's files: each chart becomes a visualization of the kind that
both knew when their ways parted, with the same fields, numbers and order. Left to OpenSearch Dashboards are colours
and axes; left out are tables in ES|QL, which OpenSearch does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.index.kibana_files import Contents, Dashboard

Made = Mapping[str, Any]
_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"
_KINDS: Mapping[str, str] = {
    "area": "area",
    "area_stacked": "area",
    "bar": "histogram",
    "bar_stacked": "histogram",
    "bar_horizontal": "horizontal_bar",
    "bar_horizontal_stacked": "horizontal_bar",
    "line": "line",
}
_METRICS: Mapping[str, str] = {"unique_count": "cardinality", "average": "avg", "percentile": "percentiles"}
_KEPT = ("id", "type", "attributes", "references")  # of a saved object; the rest is about Kibana's versions
_EVERYTHING = {"query": "", "language": "lucene"}


def saved_objects(contents: Contents) -> Iterator[Made]:
    """In an order in which each stands after what it refers to."""
    yield from ({name: each[name] for name in _KEPT} for each in contents.objects)
    for dashboard in contents.dashboards:
        panels = [panel for panel in _shown(dashboard) if panel["type"] != "discover_session"]
        yield from (_visualization(dashboard.id, panel) for panel in panels)
        yield _dashboard(dashboard)


def _shown(dashboard: Dashboard) -> list[Made]:
    return [panel for panel in dashboard.body["panels"] if panel["config"].get("data_source", {}).get("type") != "esql"]


def _visualization(dashboard: str, panel: Made) -> Made:
    config = panel["config"]
    title = config.get("title", "About")
    state, views = _state(panel["type"], config)
    query = {"query": config["query"]["expression"], "language": "lucene"} if "query" in config else _EVERYTHING
    source: Made = {"query": query, "filter": []} | ({"indexRefName": _INDEX} if _INDEX in views else {})
    return {
        "id": f"{dashboard}-{panel['id']}",
        "type": "visualization",
        "attributes": {
            "title": title,
            "description": config.get("description", ""),
            "visState": _json({"title": title, **state}),
            "uiStateJSON": "{}",
            "version": 1,
            "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
        },
        "references": [{"name": name, "type": "index-pattern", "id": view} for name, view in views.items()],
    }


def _state(kind: str, config: Made) -> tuple[Made, Mapping[str, str]]:
    """The visualization, and the data views it refers to, by the name of the reference."""
    if kind == "markdown":
        return {"type": "markdown", "aggs": [], "params": {"fontSize": 12, "markdown": config["content"]}}, {}
    if kind == "options_list_control":
        return _control(config), {"control_0_index_pattern": config["data_view_id"]}
    layer = config["layers"][0] if config["type"] == "xy" else config
    return _chart(config, layer), {_INDEX: layer["data_source"]["ref_id"]}


def _control(config: Made) -> Made:
    options = {"type": "terms", "multiselect": True, "dynamicOptions": True, "size": 5, "order": "desc"}
    control = {
        "id": config["field_name"],
        "label": config["title"],
        "fieldName": config["field_name"],
        "indexPatternRefName": "control_0_index_pattern",
        "parent": "",
        "type": "list",
        "options": options,
    }
    params = {"controls": [control], "updateFiltersOnChange": True, "useTimeFilter": False, "pinFilters": False}
    return {"type": "input_control_vis", "aggs": [], "params": params}


def _chart(config: Made, layer: Made) -> Made:
    kind = {"metric": "metric", "data_table": "table", "heatmap": "heatmap"}.get(config["type"]) or _KINDS[
        layer["type"]
    ]
    metrics = layer.get("metrics") or layer.get("y") if "metric" not in layer else [layer["metric"]]
    buckets = [(row, "bucket") for row in layer.get("rows", ())]
    split = layer.get("breakdown_by") or (layer["y"] if kind == "heatmap" else None)
    buckets += [(bucket, schema) for bucket, schema in ((layer.get("x"), "segment"), (split, "group")) if bucket]
    aggs = [_metric(str(at), metric) for at, metric in enumerate(metrics or (), 1)]
    aggs += [_bucket(str(at), bucket, schema) for at, (bucket, schema) in enumerate(buckets, len(aggs) + 1)]
    return {"type": kind, "aggs": aggs, "params": {"type": kind}}


def _metric(identity: str, metric: Made) -> Made:
    operation = metric["operation"]
    params = {"customLabel": metric["label"]} if "label" in metric else {}
    params |= {"field": metric["field"]} if "field" in metric else {}
    params |= {"percents": [metric.get("percentile", 95)]} if operation == "percentile" else {}
    kind = _METRICS.get(operation, operation)
    return {"id": identity, "enabled": True, "type": kind, "schema": "metric", "params": params}


def _bucket(identity: str, bucket: Made, schema: str) -> Made:
    params = {"customLabel": bucket["label"]} if "label" in bucket else {}
    if bucket["operation"] == "date_histogram":
        interval = {"1h": "h", "1d": "d"}.get(bucket.get("suggested_interval", ""), "auto")
        params |= {"field": bucket["field"], "interval": interval, "min_doc_count": 1, "extended_bounds": {}}
    else:
        rank = bucket.get("rank_by", {"type": "metric", "direction": "desc"})
        by = "_key" if rank["type"] == "alphabetical" else str(rank.get("metric_index", 0) + 1)
        params |= {"field": bucket["fields"][0], "orderBy": by, "order": rank["direction"], "size": bucket["limit"]}
    return {"id": identity, "enabled": True, "type": bucket["operation"], "schema": schema, "params": params}


def _dashboard(dashboard: Dashboard) -> Made:
    panels, references = [], []
    for at, panel in enumerate(_shown(dashboard)):
        name, searched = f"panel_{at}", panel["type"] == "discover_session"
        shown = {"gridData": {**panel["grid"], "i": str(at)}, "panelIndex": str(at), "panelRefName": name}
        panels.append(shown | {"version": "3.0.0", "embeddableConfig": {}})
        identity = panel["config"]["ref_id"] if searched else f"{dashboard.id}-{panel['id']}"
        references.append({"name": name, "type": "search" if searched else "visualization", "id": identity})
    attributes = {
        "title": dashboard.title,
        "description": dashboard.body.get("description", ""),
        "panelsJSON": _json(panels),
        "optionsJSON": _json({"useMargins": True, "hidePanelTitles": False}),
        "timeRestore": True,
        "timeFrom": dashboard.body["time_range"]["from"],
        "timeTo": dashboard.body["time_range"]["to"],
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json({"query": _EVERYTHING, "filter": []})},
    }
    return {"id": dashboard.id, "type": "dashboard", "attributes": attributes, "references": references}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
