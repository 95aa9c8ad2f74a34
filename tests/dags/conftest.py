"""An Airflow whose database was made once; each test runs on a copy. A ledger and an index of their own on real servers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from pipeline.settings import Settings
from tests.dags.runs import Airflow
from tests.servers.postgres import empty_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    made = Airflow(tmp_path_factory.mktemp("airflow"))
    made.python("-m", "airflow", "db", "migrate")
    return made


@pytest.fixture
def airflow(migrated: Airflow, tmp_path: Path) -> Airflow:
    return migrated.copy(tmp_path / "airflow")


@pytest.fixture(scope="module")
def team(elasticsearch_url: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A ledger on a real PostgreSQL and an index on a real Elasticsearch, both removed afterwards."""
    prefix, home = f"test-{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("home")
    with empty_database(postgres_server) as ledger:
        yield Settings(
            home=home,
            ledger=ledger,
            search="elasticsearch",
            elasticsearch_url=elasticsearch_url,
            elasticsearch_prefix=prefix,
        )
    with Elasticsearch(elasticsearch_url) as client:
        quiet = client.options(ignore_status=404)
        for name in quiet.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
            quiet.indices.delete(index=name)
        for name in [each["name"] for each in quiet.indices.get_index_template(name=f"{prefix}-*")["index_templates"]]:
            quiet.indices.delete_index_template(name=name)
        found = quiet.cluster.get_component_template(name=f"{prefix}-*")
        for name in [each["name"] for each in found["component_templates"]]:
            quiet.cluster.delete_component_template(name=name)
