"""What all DAGs have in common: how often a task is tried, what waits for what, who hears of a failure.

An empty batch, a host that is down, a task that fails: none of them keeps the rest of a run from its work, because what
follows begins when what comes before is done, however it ended. `verdict` then fails the run if any task failed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from inspect import cleandoc
from typing import Any

from airflow.sdk import Asset, RetryDecision, RetryPolicy, TriggerRule, dag, task

from on_failure import failed_tasks, note_reason, tell_operator, tell_timeout
from pipeline.steps import tasks

FETCH, MODELS = "newswatch_fetch", "newswatch_models"  # pools, made from pools.json
NOTIFICATIONS = Asset("newswatch_notifications", uri="newswatch://ledger/notifications")
BY_HAND, BY_TIME, BY_ASSET = "manual", "scheduled", "asset_triggered"

STEP: Any = partial(
    task, multiple_outputs=False, retries=2, retry_delay=timedelta(minutes=1), retry_exponential_backoff=2.0
)
ANYWAY: Any = partial(STEP, trigger_rule=TriggerRule.ALL_DONE)


class UnlessPermanent(RetryPolicy):
    """Tries again as the task says, but not after an error that says itself that this cannot help."""

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        return RetryDecision.fail("permanent error") if tasks.permanent(exception) else RetryDecision.default()


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0, on_failure_callback=tell_operator)
def verdict(**context: Any) -> None:
    """Fails if any other task of the run failed."""
    if failed := failed_tasks(context):
        raise RuntimeError(f"these tasks failed, their own logs say why: {', '.join(failed)}")


ALL: Any = {
    "start_date": datetime(2026, 1, 1, tzinfo=UTC),
    "catchup": False,  # the queue in the ledger knows what was missed
    "max_active_runs": 1,
    "default_args": {
        "execution_timeout": timedelta(minutes=15),
        "retry_policy": UnlessPermanent(),
        "on_failure_callback": note_reason,
    },
    "on_failure_callback": tell_timeout,
    "tags": ["newswatch"],
}


def newswatch(**own: Any) -> Any:
    """A DAG whose page in Airflow shows the docstring of its function."""
    return lambda function: dag(**ALL, **own, doc_md=cleandoc(function.__doc__))(function)
