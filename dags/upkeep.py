"""What a ledger and its index need once a day. Wiring only; docs/airflow.md explains it."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import chain
from wiring import ANYWAY, BY_HAND, BY_TIME, STEP, newswatch, verdict

from pipeline.settings import load_settings
from pipeline.steps import tasks

HOUR, _, MINUTE = load_settings().upkeep_at.partition(":")
LONG = timedelta(hours=1)


@newswatch(
    schedule=f"{MINUTE} {HOUR} * * *",
    dagrun_timeout=timedelta(hours=6),
    allowed_run_types=[BY_TIME, BY_HAND],
)
def upkeep() -> None:
    """### Once a day, at the time of `NEWSWATCH_UPKEEP_AT`

    Tells the operator which feeds fail or have fallen silent, lets months that are too old leave the search index,
    compares the index with the ledger article by article and mends what differs, has the database tidied, and backs the
    ledger up. Each of these is safe while `ingest` works, and to repeat; one that fails keeps no other from its work.
    """
    healthy, retired = STEP(tasks.feed_health)(), ANYWAY(tasks.retire)()
    verified = ANYWAY(tasks.verify, execution_timeout=LONG)()
    vacuumed = ANYWAY(tasks.vacuum, execution_timeout=LONG)()
    backed_up = ANYWAY(tasks.back_up, execution_timeout=LONG)()
    chain(*(way := [healthy, retired, verified, vacuumed, backed_up]))
    way >> verdict()


upkeep()
