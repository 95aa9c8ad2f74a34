"""Findings out to subscribers, as soon as there are any. Wiring only; docs/airflow.md explains it."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable

from on_failure import tell_operator
from pipeline.steps import tasks
from wiring import BY_ASSET, BY_HAND, BY_TIME, NOTIFICATIONS, STEP, newswatch


@newswatch(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"), assets=[NOTIFICATIONS]),
    dagrun_timeout=timedelta(hours=1),
    allowed_run_types=[BY_ASSET, BY_TIME, BY_HAND],
)
def alerts() -> None:
    """### Alert mails

    Runs when `ingest` has annotated a batch of articles, while that goes on with pages and the index; and every five
    minutes, for mails that the mail server put off. A mail is sent once, however often and wherever this runs.
    """
    STEP(tasks.alerts, task_id="mail", on_failure_callback=tell_operator)()


alerts()
