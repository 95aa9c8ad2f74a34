"""Feeds in, alert mails out: on schedule one pass over what is due. Wiring only; docs/airflow.md explains it.

An empty batch, a host that is down, a task that fails: none of them keeps the rest of a run from its work, because what
follows begins when what comes before is done, however it ended. `verdict` then fails the run if any task failed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy, TriggerRule, chain, dag, task

from pipeline.settings import load_settings
from pipeline.steps import tasks

FETCH, MODELS = "newswatch_fetch", "newswatch_models"  # pools, made from pools.json
STEP: Any = partial(task, multiple_outputs=False, retries=2, retry_delay=timedelta(minutes=1))
ANYWAY: Any = partial(STEP, trigger_rule=TriggerRule.ALL_DONE)


class UnlessPermanent(RetryPolicy):
    """Tries again as the task says, but not after an error that says itself that this cannot help."""

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        return RetryDecision.fail("permanent error") if tasks.permanent(exception) else RetryDecision.default()


@task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
def verdict() -> None:
    raise RuntimeError("a task of this run failed; its own log says why")


@dag(
    schedule=load_settings().ingest_schedule,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args={"execution_timeout": timedelta(minutes=15), "retry_policy": UnlessPermanent()},
    tags=["newswatch"],
)
def ingest() -> None:
    planned = STEP(tasks.plan)()
    collected = STEP(tasks.collect, pool=FETCH).expand(ids=planned)
    noted = ANYWAY(tasks.note_rules)()
    shared = ANYWAY(tasks.share_out)()
    enriched = STEP(tasks.enrich, pool=MODELS).expand(ids=shared)
    mailed_first = ANYWAY(tasks.mail, task_id="mail_first")()  # before the pages, which may take long
    fetched = ANYWAY(tasks.pages, pool=FETCH)()
    shared_again = ANYWAY(tasks.share_out, task_id="share_out_again")()
    enriched_again = STEP(tasks.enrich, pool=MODELS, task_id="enrich_again").expand(ids=shared_again)
    indexed = ANYWAY(tasks.index)()
    first = [planned, collected, noted, shared, enriched, mailed_first]
    chain(*(way := [*first, fetched, shared_again, enriched_again, indexed, ANYWAY(tasks.mail)()]))
    way >> verdict()


ingest()
