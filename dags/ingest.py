"""Feeds in, findings out: on schedule one pass over what is due. Wiring only; docs/airflow.md explains it."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import chain
from wiring import ANYWAY, BY_HAND, BY_TIME, FETCH, MODELS, NOTIFICATIONS, STEP, newswatch, verdict

from pipeline.settings import load_settings
from pipeline.steps import tasks


@newswatch(
    schedule=load_settings().ingest_schedule,
    dagrun_timeout=timedelta(hours=3),
    allowed_run_types=[BY_TIME, BY_HAND],
)
def ingest() -> None:
    """### From feeds to findings

    Reads the feeds that are due, annotates what they brought, fetches the pages of articles that could matter, and
    writes what is new into the search index. Whenever a batch of articles is annotated, the DAG `alerts` mails what
    matched.

    A host that is down, an empty batch or a failed task keeps nothing else from its work; `verdict` fails the run if a
    task failed. What a run left undone the next one does, so there is nothing to catch up, clear or backfill.
    """
    planned = STEP(tasks.plan)()
    collected = STEP(tasks.collect, pool=FETCH).expand(ids=planned)
    noted = ANYWAY(tasks.note_rules)()
    shared = ANYWAY(tasks.share_out)()
    enriched = STEP(tasks.enrich, pool=MODELS, outlets=[NOTIFICATIONS]).expand(ids=shared)
    pages_planned = ANYWAY(tasks.plan_pages)()
    fetched = STEP(tasks.pages, pool=FETCH).expand(ids=pages_planned)
    shared_again = ANYWAY(tasks.share_out, task_id="share_out_again")()
    enriched_again = STEP(tasks.enrich, pool=MODELS, outlets=[NOTIFICATIONS], task_id="enrich_again").expand(
        ids=shared_again
    )
    indexed, rest = ANYWAY(tasks.index)(), ANYWAY(tasks.facts)(ends_pass=True)
    first = [planned, collected, noted, shared, enriched]
    chain(*(way := [*first, pages_planned, fetched, shared_again, enriched_again, indexed, rest]))
    way >> verdict()


ingest()
