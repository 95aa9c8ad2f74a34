"""An Airflow whose database was made once; each test runs on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dags.runs import Airflow


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    made = Airflow(tmp_path_factory.mktemp("airflow"))
    made.python("-m", "airflow", "db", "migrate")
    return made


@pytest.fixture
def airflow(migrated: Airflow, tmp_path: Path) -> Airflow:
    return migrated.copy(tmp_path / "airflow")
