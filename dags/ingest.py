"""Feeds in, alert mails out: every 15 minutes one pass over what is due. Wiring only; docs/airflow.md explains it.

An empty batch, a host that is down, a task that fails: none of them keeps the rest of a run from its work, because what
follows begins when what comes before is done, however it ended. `verdict` then fails the run if any task failed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import chain, dag
from newswatch_dags import DEFAULTS, FETCH, MODELS, step, step_anyway, verdict

from pipeline.steps import tasks


@dag(
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args=DEFAULTS,
    tags=["newswatch"],
    doc_md=__doc__,
)
def ingest() -> None:
    planned = step(tasks.plan)()
    collected = step(tasks.collect, pool=FETCH).expand(ids=planned)
    noted = step_anyway(tasks.note_rules)()
    shared = step_anyway(tasks.share_out)()
    enriched = step(tasks.enrich, pool=MODELS).expand(ids=shared)
    fetched = step_anyway(tasks.pages, pool=FETCH)()
    shared_again = step_anyway(tasks.share_out, task_id="share_out_again")()
    enriched_again = step(tasks.enrich, task_id="enrich_again", pool=MODELS).expand(ids=shared_again)
    indexed = step_anyway(tasks.index)()
    mailed = step_anyway(tasks.mail)()
    way = [planned, collected, noted, shared, enriched, fetched, shared_again, enriched_again, indexed, mailed]
    chain(*way)
    way >> verdict()


ingest()
