"""What subscribers want once a day. Wiring only; docs/airflow.md explains it."""

from __future__ import annotations

from datetime import timedelta

from on_failure import tell_operator
from pipeline.settings import load_settings
from pipeline.steps import tasks
from wiring import BY_HAND, BY_TIME, STEP, newswatch


@newswatch(
    schedule=f"{load_settings().digest_at.partition(':')[2]} * * * *",
    dagrun_timeout=timedelta(hours=1),
    allowed_run_types=[BY_TIME, BY_HAND],
)
def digests() -> None:
    """### Daily digests

    At the time of day of `NEWSWATCH_DIGEST_AT` one mail goes to each subscriber whose alerts are digests. The runs of the
    other hours find nothing to do, unless one was missed: then it goes out an hour late and not a day.
    """
    STEP(tasks.digests, task_id="mail", on_failure_callback=tell_operator)()


digests()
