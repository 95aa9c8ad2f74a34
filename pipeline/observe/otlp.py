"""The table of metrics sent by OpenTelemetry, where its own variables say where to.

Promises that nothing of it is imported unless OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is
set, and that a collector or a ledger that is away costs a line in the log and nothing else. By OTLP over HTTP only; how
often (OTEL_METRIC_EXPORT_INTERVAL), with which headers, as which service: the standard variables, read by the SDK.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.errors import NewswatchError
from pipeline.ledger.measures import Measures
from pipeline.logs import get_logger
from pipeline.observe.metrics import METRICS, Metric

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
LAST_WORDS = 5.0  # seconds for the last export, when the process ends
log = get_logger(__name__)


@contextmanager
def exporting(read: Callable[[], Measures]) -> Iterator[None]:
    """Export what `read` gives, every minute unless the environment says otherwise, and once more at the end."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource

    os.environ.setdefault("OTEL_SERVICE_NAME", "newswatch")
    provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=Resource.create())
    meter = provider.get_meter("newswatch")
    for metric in METRICS:
        _observe(meter, metric, read)
    try:
        yield
    finally:
        provider.shutdown(timeout_millis=LAST_WORDS * 1000)


def _observe(meter: Meter, metric: Metric, read: Callable[[], Measures]) -> None:
    from opentelemetry.metrics import Observation

    def observations(_options: CallbackOptions) -> list[Observation]:
        try:
            found = read()
        except NewswatchError as error:
            log.warning("no metrics", reason=str(error))
            return []
        return [
            Observation(sample.value, dict(zip(metric.labels, sample.labels, strict=True)))
            for sample in metric.samples(found)
        ]

    create = meter.create_observable_counter if metric.kind == "counter" else meter.create_observable_gauge
    create(metric.name, [observations], unit=_UNITS[metric.unit], description=metric.meaning)


_UNITS = {"": "", "seconds": "s"}  # as UCUM writes them, but for "1": gauges of it become "..._ratio" in Prometheus
