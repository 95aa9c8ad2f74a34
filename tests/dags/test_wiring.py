"""Every DAG file as Airflow reads it: no errors, nothing heavy loaded, and each task bounded and retried."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.dags.runs import DAGS, ROOT, Airflow

HEAVY = {
    "spacy",
    "thinc",
    "numpy",
    "elasticsearch",
    "tantivy",
    "trafilatura",
    "feedparser",
    "aiohttp",
    "jieba",
    "khmernltk",
}
POOLS = json.loads((DAGS / "pools.json").read_text(encoding="utf-8"))
FILES = sorted(DAGS.glob("*.py"))
PARTS = {"wiring", "on_failure"}  # of DAGs, and no DAGs themselves
VERDICTS = {"ingest", "reprocess", "upkeep"}
ASSET = "newswatch://ledger/notifications"


@pytest.fixture(scope="module")
def found(migrated: Airflow) -> dict[str, Any]:
    said = migrated.python("-m", "tests.dags.describe", str(DAGS), json.dumps(sorted(POOLS)))
    described: dict[str, Any] = json.loads(said.strip().rpartition("\n")[2])
    return described


@pytest.fixture(scope="module")
def tasks(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{id}.{name}": task for id, dag in found["dags"].items() for name, task in dag["tasks"].items()}


def test_airflow_reads_every_file(found: dict[str, Any]) -> None:
    assert found["errors"] == {}
    assert found["warnings"] == []
    assert set(found["dags"]) == {path.stem for path in FILES} - PARTS
    assert set((DAGS / ".airflowignore").read_text(encoding="utf-8").split()) == {f"{name}.py" for name in PARTS}


def test_reading_all_of_them_is_quick(found: dict[str, Any]) -> None:
    """Of the processor's time, which does not depend on who else is at work."""
    assert 0 < found["seconds"] < len(found["dags"])


def test_reading_dags_loads_nothing_heavy(found: dict[str, Any]) -> None:
    assert "airflow" in found["modules"]
    assert HEAVY & set(found["modules"]) == set()


def test_the_steps_load_what_the_dags_do_not() -> None:
    """So that the test before this one knows what it looks for."""
    program = "import sys, pipeline.steps.passes; print(*{name.partition('.')[0] for name in sys.modules})"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"spacy", "aiohttp"} <= set(said.stdout.split())


def test_runs_do_not_overlap_or_catch_up(found: dict[str, Any]) -> None:
    for dag in found["dags"].values():
        assert (dag["max_active_runs"], dag["catchup"]) == (1, False)
        assert 0 < dag["timeout"] <= 6 * 3600
        assert dag["tags"] == ["newswatch"]
        assert "backfill" not in dag["allowed"]


def test_the_last_word_is_the_verdict_s(found: dict[str, Any]) -> None:
    for name, dag in found["dags"].items():
        assert dag["leaves"] == (["verdict"] if name in VERDICTS else list(dag["tasks"])), name


def test_when_each_runs(found: dict[str, Any]) -> None:
    assert {name: dag["schedule"] for name, dag in found["dags"].items()} == {
        "ingest": "*/15 * * * *",
        "alerts": "*/5 * * * *",
        "digests": "00 * * * *",
        "upkeep": "30 03 * * *",
        "reprocess": None,
    }


def test_alerts_run_when_articles_were_annotated(found: dict[str, Any], tasks: dict[str, dict[str, Any]]) -> None:
    assert {name: dag["assets"] for name, dag in found["dags"].items() if dag["assets"]} == {"alerts": [ASSET]}
    assert {name for name, task in tasks.items() if task["outlets"]} == {"ingest.enrich", "ingest.enrich_again"}


def test_each_dag_and_task_says_what_it_does(found: dict[str, Any], tasks: dict[str, dict[str, Any]]) -> None:
    for name, dag in found["dags"].items():
        assert dag["doc"].startswith("### "), name
        assert "\n    " not in dag["doc"], name  # which Markdown would show as a program
    assert [name for name, task in tasks.items() if not task["doc"] and not task["mapped"]] == []


def test_every_task_ends_and_is_tried_again(tasks: dict[str, dict[str, Any]]) -> None:
    for name, task in tasks.items():
        assert 0 < task["timeout"] <= 3600, name
        assert task["retries"] == (0 if name.endswith(".verdict") else 2), name
        assert 0 < task["delay"] <= 300, name
        assert task["backoff"] == (0 if name.endswith(".verdict") else 2), name
        assert task["policy"] == "UnlessPermanent", name


def test_tasks_take_their_place_in_a_pool_that_is_made(tasks: dict[str, dict[str, Any]]) -> None:
    assert {task["pool"] for task in tasks.values()} - {"default_pool"} == set(POOLS)
    fetching = {name for name, task in tasks.items() if task["pool"] == "newswatch_fetch"}
    assert fetching == {"ingest.collect", "ingest.pages"}


def test_no_step_is_skipped_because_of_one_before_it(tasks: dict[str, dict[str, Any]]) -> None:
    """A mapped task waits for its list alone; any other step begins however the one before it ended."""
    for name, task in tasks.items():
        if task["mapped"]:
            assert len(task["after"]) == 1, name
        elif task["after"] and not name.endswith(".verdict"):
            assert task["rule"] == "all_done", name


def test_the_verdict_hears_of_every_task(found: dict[str, Any]) -> None:
    for dag in (found["dags"][name] for name in VERDICTS):
        assert set(dag["tasks"]["verdict"]["after"]) == set(dag["tasks"]) - {"verdict"}
        assert dag["tasks"]["verdict"]["rule"] == "all_done"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dag_file_is_wiring(path: Any) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60


def test_airflow_finds_nothing_old_in_them() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--select", "AIR", str(DAGS)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_pools_are_in_the_form_that_airflow_imports(airflow: Airflow) -> None:
    airflow.python("-m", "airflow", "pools", "import", str(DAGS / "pools.json"))
    listed = json.loads(airflow.python("-m", "airflow", "pools", "list", "--output", "json"))
    slots = {each["pool"]: int(each["slots"]) for each in listed}
    assert {name: slots[name] for name in POOLS} == {name: pool["slots"] for name, pool in POOLS.items()}
