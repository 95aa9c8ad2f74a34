"""What follows a failure: a line that says why, and a mail to the operator. Wiring only; docs/airflow.md explains it.

A task that failed leaves its reason, one line, beside what it returns; `verdict` hands these to the operator.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from pipeline.steps import tasks

REASON = "reason"  # key of the XCom
Context = Any  # a mapping of Airflow's own, of which pipeline/ knows nothing


def note_reason(context: Context) -> None:
    """Of any task that failed."""
    context["ti"].xcom_push(key=REASON, value=tasks.reason(context.get("exception")))


def tell_operator(context: Context) -> None:
    """Of `verdict`, which comes when all others have ended, or of a task that is alone in its DAG."""
    instance = context["ti"]
    failed = failed_tasks(context) or {instance.task_id: tasks.reason(context.get("exception"))}
    _tell(instance.dag_id, instance.run_id, failed, why=f"not done: {', '.join(failed)}")


def tell_timeout(context: Context) -> None:
    """Of a run that failed; one that took too long is ended without a verdict."""
    if context.get("reason") == "timed_out":
        _tell(context["dag"].dag_id, context["run_id"], {}, why="it took too long and was ended")


def failed_tasks(context: Context) -> dict[str, str]:
    """Why, by the name of each task of the run that failed so far; mapped ones as `collect[3]`."""
    instance = context["ti"]
    states = instance.get_task_states(dag_id=instance.dag_id, run_ids=[instance.run_id])
    names = [name for name, state in states.get(instance.run_id, {}).items() if state == "failed"]
    return dict(_reason(instance, *_parts(name, context["dag"].task_ids)) for name in sorted(names))


def _parts(name: str, ids: list[str]) -> tuple[str, int]:
    """The task and its map index; -1 if it is not mapped."""
    id, _, index = name.rpartition("_")
    return (name, -1) if name in ids else (id, int(index))


def _reason(instance: Any, id: str, index: int) -> tuple[str, str]:
    shown = id if index < 0 else f"{id}[{index}]"
    return shown, instance.xcom_pull(task_ids=id, map_indexes=index, key=REASON) or "see its log"


def _tell(dag: str, run: str, failed: dict[str, str], *, why: str) -> None:
    base = os.environ.get("AIRFLOW__API__BASE_URL", "").rstrip("/")
    tasks.tell_failure(dag, run, failed, why=why, link=f"{base}/dags/{dag}/runs/{quote(run)}" if base else "")
