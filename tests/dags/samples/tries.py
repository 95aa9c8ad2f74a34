"""A DAG made of the parts of wiring.py, with tasks that fail in each way; nothing waits between tries."""

from __future__ import annotations

import os
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from airflow.sdk import dag

from pipeline.errors import ConfigError, LedgerBusy

parts = import_module("wiring")


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


@dag(schedule=None, default_args={"retry_policy": parts.UnlessPermanent()})
def tries() -> None:
    failing = [parts.STEP(function, retry_delay=timedelta(0))() for function in (busy, wrong, odd, recovers)]
    last = parts.ANYWAY(after)()
    failing >> last
    [*failing, last] >> parts.verdict()


tries()
