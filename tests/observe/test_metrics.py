"""The numbers an operator watches: what they are after a pass, in Prometheus' form, over HTTP and by OTLP."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.ledger.measures import FeedMeasures, Measures
from pipeline.ledger.work import Queue
from pipeline.observe.metrics import METRICS
from pipeline.observe.prometheus import exposition
from pipeline.observe.vitals import PATIENCE, vitals
from tests.cli.machine import offline
from tests.observe.conftest import After
from tests.webserver import serving
from tests.world import ROOT, World

Labels = frozenset[tuple[str, str]]
NOW = datetime(2026, 11, 26, 5, tzinfo=UTC)


def parsed(text: str) -> dict[tuple[str, Labels], float]:
    """Each sample by name and labels, as Prometheus would take it."""
    families = text_string_to_metric_families(text)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def value(samples: dict[tuple[str, Labels], float], name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


# --- the table ----------------------------------------------------------------------------------------------


def test_names_are_as_prometheus_wishes() -> None:
    """What `promtool check metrics` complains of: names, units, counters, reserved labels, help."""
    names = [metric.full_name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"newswatch(_[a-z]+)+", metric.full_name)
        assert metric.full_name.endswith("_total") == (metric.kind == "counter")
        timed = any(word in metric.name for word in ("delay", "age", "timestamp", "oldest"))
        assert metric.full_name.endswith("_seconds") == (timed and "messages" not in metric.name)
        assert not {"le", "quantile", "job", "instance"} & set(metric.labels)
        assert metric.meaning[0].isupper()
        assert not metric.meaning.endswith(".")


def test_every_metric_is_described_in_the_manual() -> None:
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    page = page.partition("## What to watch\n")[2].partition("\n## ")[0]
    described = re.findall(r"^\| `(newswatch_\w+)", page, re.MULTILINE)
    assert sorted(described) == sorted(metric.full_name for metric in METRICS)
    told_of = set(re.findall(r"\bnewswatch_[a-z_]+", page))
    assert told_of <= {metric.full_name for metric in METRICS}


EMPTY = Measures(
    now=NOW,
    articles=0,
    revisions=0,
    annotated=0,
    queues=(),
    feeds=(),
    left=0,
    sent=0,
    retransmissions=0,
    unsent_since=None,
    notifications={},
    seen_delays=(),
    index_delays=(),
    mail_delays=(),
)


def test_of_nothing_there_are_no_delays_and_no_moments() -> None:
    samples = parsed(exposition(EMPTY).decode())
    assert value(samples, "newswatch_articles_total", outcome="new") == 0
    assert value(samples, "newswatch_outbox_age_seconds") == 0
    assert value(samples, "newswatch_feeds", state="failing") == 0
    assert not [name for name, _ in samples if "delay" in name or "timestamp" in name]


def test_percentiles_ages_and_states() -> None:
    hour = timedelta(hours=1)
    feeds = (
        FeedMeasures("a", 3, 0, NOW, NOW - hour),
        FeedMeasures("b", 0, 2, NOW - hour, None),
        FeedMeasures("c", 0, 0, None, None),
    )
    found = replace(
        EMPTY,
        queues=(Queue("mail", 2, 1, 4, NOW - hour), Queue("page", 0, 7, 0, None)),
        feeds=feeds,
        left=5,
        unsent_since=NOW - 2 * hour,
        seen_delays=tuple(float(each) for each in range(100, 0, -1)),
        index_delays=(7.0,),
    )
    samples = parsed(exposition(found).decode())
    delays = [value(samples, "newswatch_first_sight_delay_seconds", percentile=each) for each in ("50", "90", "99")]
    assert delays == [50, 90, 99]
    assert value(samples, "newswatch_index_delay_seconds", percentile="90") == 7
    assert value(samples, "newswatch_work_oldest_due_seconds", kind="mail") == 3600
    assert value(samples, "newswatch_work_oldest_due_seconds", kind="page") == 0
    assert value(samples, "newswatch_outbox_age_seconds") == 7200
    assert [value(samples, "newswatch_messages", state=each) for each in ("waiting", "refused")] == [3, 4]
    states = [value(samples, "newswatch_feeds", state=each) for each in ("new", "answering", "failing", "left")]
    assert states == [1, 1, 1, 5]
    assert value(samples, "newswatch_last_success_timestamp_seconds") == (NOW - hour).timestamp()
    assert value(samples, "newswatch_last_attempt_timestamp_seconds") == NOW.timestamp()


# --- what a ledger gives ------------------------------------------------------------------------------------


def check_the_pass(samples: dict[tuple[str, Labels], float], told: After) -> None:
    """After the pass of `told`: six articles, of which the page of one said more."""
    assert value(samples, "newswatch_articles_total", outcome="new") == 6
    assert value(samples, "newswatch_annotated_articles") == 6
    sent = len(told.world.smtp.messages)
    assert value(samples, "newswatch_messages_sent_total") == sent > 0
    assert value(samples, "newswatch_messages", state="refused") == value(
        samples, "newswatch_work", kind="mail", state="dead"
    )
    assert value(samples, "newswatch_messages", state="refused") > 0
    assert value(samples, "newswatch_messages_retransmitted_total") == 0
    feeds = {state: value(samples, "newswatch_feeds", state=state) for state in ("new", "answering", "failing", "left")}
    assert feeds == {"new": 0, "answering": 2, "failing": 1, "left": 0}
    assert value(samples, "newswatch_feed_articles_total", feed="daily") == 3
    assert value(samples, "newswatch_feed_articles_total", feed="gone") == 0
    assert value(samples, "newswatch_work", kind="collect", state="later") == 3
    assert 3600 <= value(samples, "newswatch_first_sight_delay_seconds", percentile="50") < 4 * 3600
    assert 0 <= value(samples, "newswatch_mail_delay_seconds", percentile="99") < 600
    ago = time.time() - value(samples, "newswatch_last_success_timestamp_seconds")
    assert 0 <= ago < 3600


def test_metrics_are_printed(told: After) -> None:
    done = told.world.newswatch("metrics")
    assert (done.returncode, done.stderr) == (0, "")
    check_the_pass(parsed(done.stdout), told)


# --- over HTTP ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[str]
    address: str

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, content type and body."""
        try:
            with urlopen(self.address + path, timeout=60) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()


@contextlib.contextmanager
def served(world: World, **environment: str) -> Iterator[Served]:
    process = world.start("serve", "--port", "0", **environment)
    try:
        assert process.stderr
        first = process.stderr.readline()
        found = re.match(r"serving (http://127\.0\.0\.1:\d+)/metrics", first)
        assert found, first + process.stderr.read()
        yield Served(process, found[1])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def endpoint(told: After) -> Iterator[Served]:
    with served(told.world) as found:
        yield found


def test_metrics_are_served(endpoint: Served, told: After) -> None:
    status, kind, body = endpoint.get("/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    check_the_pass(parsed(body), told)


def test_health_is_served(endpoint: Served) -> None:
    status, kind, body = endpoint.get("/health")
    assert (status, kind) == (200, "application/json; charset=utf-8")
    said = json.loads(body)
    assert said["ok"] is True
    assert said["ledger"] == {"ok": True, "articles": 6}
    assert said["search"]["ok"] is True
    assert said["work"] == {"ok": True, "oldest_due_seconds": 0.0, "kind": None, "given_up": said["work"]["given_up"]}
    assert datetime.fromisoformat(said["pass"]["last_success"]) <= datetime.now(UTC)


def test_nothing_else_is_served(endpoint: Served) -> None:
    assert endpoint.get("/")[0] == 404


def test_sigterm_ends_it(endpoint: Served) -> None:
    endpoint.process.send_signal(signal.SIGTERM)
    out, err = endpoint.process.communicate(timeout=120)
    assert (endpoint.process.returncode, out, err) == (0, "", "stopped\n")


def test_what_is_down_is_said_with_503(tmp_path: Path) -> None:
    down = {
        "NEWSWATCH_LEDGER": "postgresql://127.0.0.1:9/news",
        "NEWSWATCH_SEARCH": "elasticsearch",
        "NEWSWATCH_ELASTICSEARCH_URL": "http://127.0.0.1:9",
    }
    with served(offline(tmp_path), **down) as found:
        status, _, body = found.get("/health")
        assert status == 503
        said = json.loads(body)
        assert said["ok"] is False
        assert (said["ledger"]["error"], said["search"]["error"]) == ("ledger_busy", "search_unavailable")
        status, _, text = found.get("/metrics")
        assert status == 503
        assert "the ledger cannot be opened" in text


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with serving({}) as taken:
        done = offline(tmp_path).newswatch("serve", "--port", taken.rpartition(":")[2])
    assert done.returncode == 2
    assert "in use" in done.stderr


@pytest.mark.parametrize(
    ("kind", "late", "ok"),
    [("collect", PATIENCE, True), ("collect", PATIENCE * 2, False), ("page", PATIENCE * 9, True)],
)
def test_work_that_nobody_does_is_no_health(kind: str, late: timedelta, ok: bool) -> None:
    found = replace(EMPTY, queues=(Queue(kind, 1, 0, 0, NOW - late), Queue("mail", 0, 1, 0, None)))
    assert vitals(lambda: found, lambda: "somebody")["work"].ok is ok


# --- by OpenTelemetry ---------------------------------------------------------------------------------------


def test_the_same_numbers_are_sent_by_otlp(told: After) -> None:
    """To a collector of our own, as the standard variables say; the last time when the process is told to stop."""

    async def take(_request: web.Request) -> web.Response:
        return web.Response(status=200, content_type="application/x-protobuf")

    with serving({"/v1/metrics": take}) as collector:
        sending = {"OTEL_EXPORTER_OTLP_ENDPOINT": str(collector), "OTEL_EXPORTER_OTLP_HEADERS": "x-team=desk"}
        with served(told.world, **sending) as found:
            found.process.send_signal(signal.SIGTERM)
            _, err = found.process.communicate(timeout=120)
            assert (found.process.returncode, err) == (0, "stopped\n")
        asked = collector.requests[-1]
    assert asked.path == "/v1/metrics"
    assert asked.headers["x-team"] == "desk"
    sent = ExportMetricsServiceRequest.FromString(asked.body)
    assert {each.key: each.value.string_value for each in sent.resource_metrics[0].resource.attributes}[
        "service.name"
    ] == "newswatch"
    metrics = {each.name: each for each in sent.resource_metrics[0].scope_metrics[0].metrics}
    assert {metric.name for metric in METRICS} == metrics.keys()
    articles = metrics["newswatch_articles"].sum
    assert articles.is_monotonic
    counts = {point.attributes[0].value.string_value: point.as_int for point in articles.data_points}
    assert counts["new"] == 6
    assert {each.unit for each in metrics.values()} == {"", "s"}  # "1" would end in other names than Prometheus reads
    assert metrics["newswatch_outbox_age"].unit == "s"
    (age,) = metrics["newswatch_outbox_age"].gauge.data_points
    assert age.as_double == 0


def test_watch_sends_them_too_and_a_collector_that_is_away_holds_nobody_up(tmp_path: Path) -> None:
    async def take(_request: web.Request) -> web.Response:
        return web.Response(status=200, content_type="application/x-protobuf")

    world = offline(tmp_path)
    with serving({"/v1/metrics": take}) as collector:
        assert stopped(world, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=f"{collector}/v1/metrics") == 0
        assert "/v1/metrics" in collector.paths()
    assert stopped(world, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") == 0


def stopped(world: World, **environment: str) -> int:
    """The exit status of a `watch` that is told to stop at once."""
    process = world.start("watch", **environment)
    assert process.stderr
    assert process.stderr.readline().startswith("watching")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return process.returncode


def test_without_its_variables_nothing_of_opentelemetry_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from pipeline.observe.otlp import exporting; import pipeline.cli.watching, pipeline.web.server\n"
        "with exporting(lambda: None): print(*[name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert done.stdout.strip() == ""
