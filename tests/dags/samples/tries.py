"""A DAG made of the shared parts, with tasks that fail in each way; nothing waits between tries."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from airflow.sdk import dag
from newswatch_dags import DEFAULTS, step, step_anyway, verdict

from pipeline.errors import ConfigError, LedgerBusy


def busy() -> None:
    raise LedgerBusy("ledger", "the database stayed locked by another process")


def wrong() -> None:
    raise ConfigError("feeds.yml", 3, "url", "not a URL")


def odd() -> None:
    raise ZeroDivisionError("nobody thought of this")


def recovers() -> int:
    """Fails when it is called for the first time."""
    mark = Path(os.environ["AIRFLOW_HOME"]) / "recovers.tried"
    if not mark.exists():
        mark.touch()
        raise LedgerBusy("ledger", "the database stayed locked by another process")
    return 1


def after() -> int:
    return 1


@dag(schedule=None, default_args={**DEFAULTS, "retry_delay": timedelta(0)})
def tries() -> None:
    failing = [step(function)() for function in (busy, wrong, odd, recovers)]
    last = step_anyway(after)()
    failing >> last
    [*failing, last] >> verdict()


tries()
