"""The table of metrics as Prometheus reads it (text exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from pipeline.ledger.measures import Measures
from pipeline.observe.metrics import METRICS

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_FAMILIES = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}
Family = CounterMetricFamily | GaugeMetricFamily


def exposition(found: Measures) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Measured(found))
    return generate_latest(registry)


class _Measured(Collector):
    def __init__(self, found: Measures) -> None:
        self._found = found

    def collect(self) -> Iterator[Family]:
        for metric in METRICS:
            family = _FAMILIES[metric.kind](metric.name, metric.meaning, labels=metric.labels, unit=metric.unit)
            for sample in metric.samples(self._found):
                family.add_metric(sample.labels, sample.value)
            yield family
