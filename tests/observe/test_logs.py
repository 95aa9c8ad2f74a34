"""What a pass says in its log: for people or as JSON Lines, with what it is about, and never on standard output."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.observe.conftest import After
from tests.world import ROOT


@pytest.fixture(scope="module")
def lines(told: After) -> list[dict[str, Any]]:
    """Standard error without the progress of the steps."""
    return [json.loads(line) for line in told.run.stderr.splitlines() if line.startswith("{")]


def those(lines: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event]


def test_each_line_says_when_how_bad_and_where(lines: list[dict[str, Any]]) -> None:
    assert lines
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"])
        assert line["level"] in ("debug", "info", "warning", "error")
        assert line["logger"].startswith("pipeline.")
    within = [line for line in lines if line["event"] != "pass done"]
    assert {line["step"] for line in within} == {"plan", "collect", "rules", "enrich", "mail", "pages", "index"}
    assert len({line["owner"] for line in within}) == 1


def test_results_alone_are_on_standard_output(told: After) -> None:
    assert told.run.returncode == 0
    assert "feed read" not in told.run.stdout
    assert "timestamp" not in told.run.stdout


def test_what_became_of_each_feed(lines: list[dict[str, Any]]) -> None:
    read = {line["feed"]: (line["new"], line["updated"], line["known"]) for line in those(lines, "feed read")}
    assert read == {"daily": (3, 0, 0), "herald": (3, 0, 0)}
    (failed,) = those(lines, "feed failed")
    assert (failed["feed"], failed["error"], failed["reason"]) == ("gone", "http_status", "the server answered 404")
    assert failed["level"] == "info", "a feed that never answered is no news"


def test_what_became_of_each_article(lines: list[dict[str, Any]]) -> None:
    enriched = those(lines, "article enriched")
    assert len({line["article"] for line in enriched}) == 6
    assert {line["level"] for line in enriched} == {"debug"}
    assert ["cambodia_china"] in [line["topics"] for line in enriched]
    (told_of,) = {line["level"] for line in lines if line["event"].startswith("about asem: Phnom Penh gets ready")}
    assert told_of == "info"


def test_a_match_names_the_alert_the_headline_and_the_address(told: After, lines: list[dict[str, Any]]) -> None:
    matched = [line for line in lines if line["event"].startswith("matched ")]
    expected = f"matched meeting: Phnom Penh gets ready for ASEM summit - {told.world.web}/herald-2"
    (line,) = [line for line in matched if line["event"] == expected]
    assert (line["level"], line["feed"]) == ("info", "herald")
    assert line["copies"].startswith("https://kibana.example/app/discover?q=family%3A%22")
    assert len({(line["event"], line["article"]) for line in matched}) == len(matched), "each match is said once"


def test_what_became_of_each_mail(told: After, lines: list[dict[str, Any]]) -> None:
    sent = those(lines, "mail sent")
    assert len(sent) == len(told.world.smtp.messages) > 0
    arrived = {str(each.mail["Message-ID"]).strip("<>") for each in told.world.smtp.messages}
    assert {line["message_id"] for line in sent} == arrived
    refused = those(lines, "mail refused")
    assert refused
    for line in refused:
        assert (line["level"], line["recipient"]) == ("error", "desk@example.org")
        assert "nobody of that name" in line["reason"]


def test_the_pass_is_summed_up(lines: list[dict[str, Any]]) -> None:
    (done,) = those(lines, "pass done")
    assert (done["feeds"], done["failed"], done["new"], done["indexed"]) == (3, 1, 6, 6)


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )


HOSTILE = """
from pipeline.logs import bound, configure, get_logger
from pipeline.settings import load_settings
log = get_logger("pipeline.test")
configure(load_settings({"NEWSWATCH_LOG_LEVEL": "info"}))
with bound(feed="daily", owner="host:1:2"):
    log.info("matched x: Rice\\n2026-01-01T00:00:00Z [error] all is lost\\x1b[2J", url="http://a\\nb")
    log.debug("not at this level")
get_logger("another.library").info("not of ours")
"""


def test_a_headline_neither_makes_a_line_of_its_own_nor_draws() -> None:
    done = python(HOSTILE)
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[info +\] matched x: Rice 2026-01-01", line)
    assert "\x1b" not in line
    assert "feed=daily" in line
    assert "host:1:2" not in line, "the process is for machines"


CONFIGURED_BY_OTHERS = """
import sys, structlog
structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.JSONRenderer()],
                    logger_factory=structlog.PrintLoggerFactory(sys.stderr))
from pipeline.logs import bound
from pipeline.collect import fetcher
with bound(step="collect"):
    fetcher.log.info("feed read", new=3)
"""


def test_who_has_configured_structlog_gets_the_events_with_their_values() -> None:
    assert json.loads(python(CONFIGURED_BY_OTHERS).stderr) == {"event": "feed read", "new": 3, "step": "collect"}


def test_nothing_is_printed_where_nothing_is_configured(tmp_path: Path) -> None:
    done = python("from pipeline.logs import get_logger; get_logger('pipeline.test').info('quiet', n=1)")
    assert (done.stdout, done.stderr) == ("", "")
