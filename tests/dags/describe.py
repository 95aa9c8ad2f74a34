"""What Airflow finds in a folder of DAGs, as JSON on the last line: `python -m tests.dags.describe FOLDER POOLS`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def describe(folder: Path, pools: set[str]) -> dict[str, Any]:
    sys.path.append(str(folder))  # as Airflow does
    began = time.process_time()
    bag = DagBag(folder, known_pools={"default_pool", *pools})
    seconds = time.process_time() - began
    return {
        "errors": bag.import_errors,
        "warnings": [str(each) for each in [*bag.dag_warnings, *bag.captured_warnings.values()]],
        "dags": {id: _dag(each) for id, each in bag.dags.items()},
        "seconds": seconds,  # of the processor, for all files together
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    }


def _dag(dag: Any) -> dict[str, Any]:
    return {
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "timeout": dag.dagrun_timeout.total_seconds(),
        "schedule": getattr(getattr(dag.timetable, "timetable", dag.timetable), "expression", None),
        "assets": _assets(dag.timetable.asset_condition),
        "allowed": sorted(dag.allowed_run_types),
        "doc": dag.doc_md,
        "leaves": [each.task_id for each in dag.leaves],
        "tasks": {each.task_id: _task(each) for each in dag.tasks},
    }


def _assets(condition: Any) -> list[str]:
    return sorted(each.uri for each in condition.objects) if condition else []


def _task(task: Any) -> dict[str, Any]:
    return {
        "pool": task.pool,
        "retries": task.retries,
        "delay": task.retry_delay.total_seconds(),
        "policy": type(task.retry_policy).__name__,
        "timeout": task.execution_timeout.total_seconds(),
        "rule": task.trigger_rule.value,
        "after": sorted(task.upstream_task_ids),
        "mapped": task.is_mapped,
        "backoff": task.retry_exponential_backoff,
        "outlets": [each.uri for each in task.outlets],
        "doc": task.doc_md,
    }


if __name__ == "__main__":
    print("\n" + json.dumps(describe(Path(sys.argv[1]), set(json.loads(sys.argv[2])))))
