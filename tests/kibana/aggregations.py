"""A panel's chart as the search that Kibana's Lens sends for it, so that a real server can answer it.

Made by hand from what Lens does with each operation: terms, date histograms, counts, unique counts, least, greatest,
sums, averages, percentiles, filters in Lucene syntax. What no dashboard uses is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Rows = list[tuple[Any, ...]]
_STATS = {"min": "min", "max": "max", "sum": "sum", "average": "avg", "unique_count": "cardinality"}


def charts(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each layer of a chart, with its buckets and metrics under the same names whatever the kind of chart."""
    if config.get("data_source", {}).get("type") == "esql":
        yield _queried(config)
        return
    shared = {name: config[name] for name in ("query", "time_range") if name in config}
    for layer in config["layers"] if config["type"] == "xy" else [config]:
        one_metric = [layer["metric"]] if "metric" in layer else None
        yield shared | {
            "data_view": layer["data_source"]["ref_id"],
            "buckets": layer.get("rows") or [layer[name] for name in ("x", *_splits(config)) if name in layer],
            "metrics": one_metric or layer.get("metrics") or layer["y"],
        }


_ESQL = re.compile(
    r"FROM (?P<index>\S+) \| WHERE (?P<by>\w+) IS NOT NULL \| STATS (?P<stats>.+) BY (?P=by)"
    r" \| SORT (?P<sort>\w+) DESC \| LIMIT (?P<limit>\d+)"
)
_STAT = re.compile(r"(\w+) = (\w+)\(([\w*]+)\)(?:, |$)")
_FUNCTIONS = {"MIN": "min", "COUNT": "count", "COUNT_DISTINCT": "unique_count"}


def _queried(config: Mapping[str, Any]) -> Mapping[str, Any]:
    query = _ESQL.fullmatch(config["data_source"]["query"])
    assert query, "another form of ES|QL than is known here"
    stats = {name: (_FUNCTIONS[function], field) for name, function, field in _STAT.findall(query["stats"])}
    assert [row["column"] for row in config["rows"]] == [query["by"]]
    columns = [metric["column"] for metric in config["metrics"]]
    rank = {"type": "metric", "metric_index": columns.index(query["sort"]), "direction": "desc"}
    return {
        "data_view": query["index"],
        "buckets": [{"operation": "terms", "fields": [query["by"]], "limit": int(query["limit"]), "rank_by": rank}],
        "metrics": [{"operation": stats[column][0], "field": stats[column][1]} for column in columns],
    }


def _splits(config: Mapping[str, Any]) -> tuple[str, ...]:
    return ("breakdown_by",) if config["type"] == "xy" else ("y",)


def body(chart: Mapping[str, Any], *, interval: str) -> dict[str, Any]:
    """The search, without its time range. `interval` stands for Lens's automatic one."""
    found: dict[str, Any] = {"size": 0, "track_total_hits": True, "query": _query(chart.get("query"))}
    inner = {f"m{at}": made for at, metric in enumerate(chart["metrics"]) if (made := _metric(metric))}
    for bucket in reversed(chart["buckets"]):
        inner = {"b": {**_bucket(bucket, chart["metrics"], interval), "aggs": inner}}
    return found | {"aggs": inner}


def _query(query: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if query is None:
        return {"match_all": {}}
    assert query["language"] == "lucene"
    return {"query_string": {"query": query["expression"], "analyze_wildcard": True}}


def _metric(metric: Mapping[str, Any]) -> dict[str, Any] | None:
    match metric["operation"]:
        case "count":
            return None
        case "percentile" | "median" as kind:
            percent = metric.get("percentile", 95) if kind == "percentile" else 50
            return {"percentiles": {"field": metric["field"], "percents": [percent]}}
        case operation:
            return {_STATS[operation]: {"field": metric["field"]}}


def _bucket(bucket: Mapping[str, Any], metrics: Sequence[Mapping[str, Any]], interval: str) -> dict[str, Any]:
    if bucket["operation"] == "date_histogram":
        return {"date_histogram": {"field": bucket["field"], "fixed_interval": interval, "min_doc_count": 1}}
    (field,) = bucket["fields"]
    order = _order(bucket.get("rank_by", {"type": "metric", "direction": "desc"}), metrics)
    return {"terms": {"field": field, "size": bucket.get("limit", 5), "order": order}}


def _order(rank: Mapping[str, Any], metrics: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    assert rank["type"] in ("metric", "alphabetical")
    at = rank.get("metric_index", 0)
    by = "_key" if rank["type"] == "alphabetical" else "_count" if _metric(metrics[at]) is None else f"m{at}"
    return [{by: rank["direction"]}]


def rows(chart: Mapping[str, Any], answer: Mapping[str, Any]) -> Rows:
    """The table that the chart draws: keys of its buckets, then its metrics."""
    return list(_rows(chart, answer.get("aggregations", {}), len(chart["buckets"]), answer["hits"]["total"]["value"]))


def _rows(chart: Mapping[str, Any], found: Mapping[str, Any], depth: int, count: int) -> Iterator[tuple[Any, ...]]:
    if depth == 0:
        yield tuple(_value(found.get(f"m{at}"), count) for at in range(len(chart["metrics"])))
        return
    for bucket in found["b"]["buckets"]:
        key = bucket.get("key_as_string", bucket["key"])
        for rest in _rows(chart, bucket, depth - 1, bucket["doc_count"]):
            yield (key, *rest)


def _value(found: Mapping[str, Any] | None, count: int) -> Any:
    if found is None:
        return count
    if "values" in found:
        return next(iter(found["values"].values()))
    return found.get("value_as_string", found["value"])
