"""What all DAGs of Newswatch share: how a step becomes a task, when a task is tried again, when a run has failed.

Promises that a permanent error fails a task at once and any other is tried twice more. Holds no DAG.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy, TriggerRule, task

from pipeline.errors import NewswatchError

FETCH, MODELS = "newswatch_fetch", "newswatch_models"  # pools, made from pools.json


class UnlessPermanent(RetryPolicy):
    """Try again as the task says, but not after an error that says of itself that this cannot help."""

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        if isinstance(exception, NewswatchError) and not exception.transient:
            return RetryDecision.fail(f"permanent error: {exception.code}")
        return RetryDecision.default()


DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_policy": UnlessPermanent(),
    "execution_timeout": timedelta(minutes=15),
}


def step(function: Callable[..., Any], **options: Any) -> Any:
    """A task that calls `function`; the XCom it leaves is what `function` returns."""
    return task(multiple_outputs=False, **options)(function)


def step_anyway(function: Callable[..., Any], **options: Any) -> Any:
    """The same, begun when all before it is done, however it ended."""
    return step(function, trigger_rule=TriggerRule.ALL_DONE, **options)


@task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
def verdict() -> None:
    """Downstream of every task: fails, and with it the run, if one of them failed; is skipped otherwise."""
    raise RuntimeError("a task of this run failed; its own log says why")
