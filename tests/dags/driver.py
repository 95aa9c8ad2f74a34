"""Runs a DAG with `dag.test()`, in a process of its own: `python -m tests.dags.driver ORDER` (JSON, see `runs`).

Airflow reads its settings and opens its database when it is imported, so it never is in the tests' own process. What
happened goes to the file named in the order: of each run the state, of each task instance state, tries and XCom.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def main(order: dict[str, Any]) -> None:
    """Each of `runs` names a DAG file on `path` with a DAG function of its name, its environment and its form."""
    sys.path[:0] = order["path"]
    runs = []
    for each in order["runs"]:
        os.environ.update(each["environment"])
        dag = getattr(importlib.import_module(each["module"]), each["module"])()
        for name in order["tried_once"]:
            dag.get_task(name).retries = 0
        runs.append(_told(dag.test(run_conf=each["form"] or None)))
    Path(order["result"]).write_text(json.dumps(runs), encoding="utf-8")


def _told(run: Any) -> dict[str, Any]:
    return {"state": str(run.state), "tasks": [_instance(each) for each in run.get_task_instances()]}


def _instance(instance: Any) -> dict[str, Any]:
    return {
        "id": instance.task_id,
        "index": instance.map_index,
        "state": str(instance.state),
        "tries": instance.try_number,
        "returned": instance.xcom_pull(task_ids=instance.task_id, map_indexes=instance.map_index),
    }


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
