"""The steps' log lines in Airflow's own form: with their values, and naming step and feed."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.world import ROOT

TASK = """
import sys
from airflow.sdk._shared.logging.structlog import configure_logging
configure_logging(json_output=True, output=sys.stderr.buffer, log_level="INFO")
from pipeline.logs import bound, get_logger, quieten
log = get_logger("pipeline.steps.saying")
quieten()
with bound(step="enrich", feed="daily"):
    log.info("matched asem: Summit - https://daily.example/1", article="1f")
    log.debug("not at this level")
"""


def test_a_line_of_a_step_keeps_its_values() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TASK], cwd=ROOT, capture_output=True, text=True, timeout=240, check=True
    )
    said = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    (line,) = [each for each in said if each["logger"] == "pipeline.steps.saying"]
    assert line["event"] == "matched asem: Summit - https://daily.example/1"
    assert (line["level"], line["step"], line["feed"], line["article"]) == ("info", "enrich", "daily", "1f")
