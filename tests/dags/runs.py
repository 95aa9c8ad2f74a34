"""Airflow for the tests: a home with a database, and DAG runs in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"
PATIENCE = 540.0  # seconds for one process, on a busy machine
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")  # nothing of the machine's Airflow or Newswatch comes in


@dataclass(frozen=True, slots=True)
class Instance:
    """How one task instance ended; `index` is -1 if it is not mapped."""

    id: str
    index: int
    state: str
    tries: int
    returned: Any


@dataclass(frozen=True, slots=True)
class Run:
    state: str
    tasks: tuple[Instance, ...]

    def of(self, id: str) -> tuple[Instance, ...]:
        """The instances of one task, by map index."""
        return tuple(sorted((each for each in self.tasks if each.id == id), key=lambda each: each.index))

    def states(self, id: str) -> list[str]:
        return [each.state for each in self.of(id)]

    def returned(self, id: str) -> Any:
        """What an unmapped task returned."""
        (only,) = self.of(id)
        return only.returned


@dataclass(frozen=True, slots=True)
class Order:
    """A DAG file to run, by its name; what is added to the environment, from then on; what fills the form."""

    module: str
    environment: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Airflow:
    """An AIRFLOW_HOME whose database has its tables, and a folder of DAGs."""

    home: Path
    dags: Path = DAGS

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | {
            "AIRFLOW_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            **(extra or {}),
        }

    def python(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        """Standard output of a Python process; fails with its log if it does."""
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home,
            env=self.environment(extra),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        (self.home / "said.txt").write_text(ended.stdout + ended.stderr, encoding="utf-8")
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    def copy(self, home: Path, *, dags: Path | None = None) -> Airflow:
        """The same with a database of its own."""
        shutil.copytree(self.home, home)
        return Airflow(home, dags or self.dags)

    def run(
        self,
        module: str,
        *environments: Mapping[str, str],
        extra: Mapping[str, str] | None = None,
        tried_once: Sequence[str] = (),
    ) -> tuple[Run, ...]:
        """One `dag.test()` for each of `environments`, one after the other; `extra` holds for all."""
        return self.runs(*(Order(module, each) for each in environments), extra=extra, tried_once=tried_once)

    def runs(
        self, *orders: Order, extra: Mapping[str, str] | None = None, tried_once: Sequence[str] = ()
    ) -> tuple[Run, ...]:
        """One `dag.test()` for each of `orders`, one after the other in one process."""
        result = self.home / "result.json"
        path = [str(self.dags), str(DAGS)]
        runs = [asdict(each) for each in orders]
        order = {"path": path, "tried_once": tried_once, "runs": runs, "result": str(result)}
        self.python("-m", "tests.dags.driver", json.dumps(order), extra=extra)
        told = json.loads(result.read_text(encoding="utf-8"))
        return tuple(Run(run["state"], tuple(Instance(**each) for each in run["tasks"])) for run in told)
