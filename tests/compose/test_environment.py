"""The environment that docker-compose.yml gives: Newswatch and Airflow know every variable of it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.settings import Settings, load_settings
from tests.compose.composefile import ROOT, compose, example, services

OURS = ["airflow-api-server", "airflow-dag-processor", "airflow-scheduler", "airflow-setup"]


def environment(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in services()[name]["environment"].items()}


def airflow_options() -> set[str]:
    spec = find_spec("airflow")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(next(iter(spec.submodule_search_locations)))
    sections = YAML(typ="safe").load((folder / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    return {
        f"AIRFLOW__{section.upper()}__{option.upper()}"
        for section, content in sections.items()
        for option in content["options"]
    }


def test_newswatch_knows_every_variable() -> None:
    named = environment("airflow-scheduler") | example(commented=True)
    given = {name for name in named if name.startswith("NEWSWATCH_")}
    assert given <= {f"NEWSWATCH_{field.upper()}" for field in Settings.model_fields}
    assert len(given) >= 10


def test_airflow_knows_every_variable() -> None:
    given = {name for name in environment("airflow-scheduler") if name.startswith("AIRFLOW__")}
    assert given - airflow_options() == set()
    assert len(given) >= 10


@pytest.mark.parametrize("name", OURS)
def test_all_services_of_newswatch_have_one_environment(name: str) -> None:
    assert environment("airflow-scheduler").items() <= environment(name).items()
    assert services()[name]["image"] == services()["airflow-scheduler"]["image"]


def test_newswatch_works_on_the_servers_beside_it() -> None:
    settings = load_settings(environment("airflow-scheduler"))
    assert settings.ledger_url == "postgresql+psycopg://newswatch:change-me@postgres:5432/newswatch"
    assert settings.search == "elasticsearch"
    assert settings.elasticsearch_url == "http://elasticsearch:9200"
    assert (settings.smtp_host, settings.smtp_port) == ("mailpit", 1025)
    assert settings.smtp_user is None
    assert settings.contact is None
    assert {"postgres", "elasticsearch", "mailpit"} <= set(services())


def test_a_real_mail_server_can_be_given() -> None:
    offered = example(commented=True)
    given = compose(offered)["services"]["airflow-scheduler"]["environment"]
    settings = load_settings({key: str(value) for key, value in given.items()})
    assert (settings.smtp_host, settings.smtp_port) == ("smtp.example.org", 587)
    assert settings.smtp_security == "starttls"
    assert settings.mail_from == "Newswatch <newswatch@example.org>"


def test_airflow_and_newswatch_have_databases_of_their_own() -> None:
    given = environment("airflow-scheduler")
    assert given["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("@postgres:5432/airflow")
    assert given["NEWSWATCH_LEDGER"].endswith("@postgres:5432/newswatch")
    assert compose()["configs"]["airflow-database"]["content"] == "CREATE DATABASE airflow;"
    assert services()["postgres"]["configs"][0]["target"].startswith("/docker-entrypoint-initdb.d/")


def test_the_set_up_writes_the_password_that_was_chosen(tmp_path: Path) -> None:
    """Its own shell lines, without Airflow's."""
    lines = re.sub("(?m)^airflow .*", ":", services()["airflow-setup"]["command"][-1])
    file = tmp_path / "passwords.json"
    given = environment("airflow-setup") | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(file),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    subprocess.run(["bash", "-euc", lines], check=True, env=given)
    assert file.read_text(encoding="utf-8") == '{"admin": "change-me"}\n'
    assert file.stat().st_mode & 0o077 == 0


def test_the_image_is_made_of_what_is_tested() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    version = re.search(r"^FROM python:(3\.\d+)\.\d+-slim-\w+$", text, re.MULTILINE)
    assert version is not None
    assert f'python_version = "{version[1]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (\S+) ", text, re.MULTILINE):
        assert (ROOT / source).exists(), source


def test_the_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines.index("USER newswatch") > max(at for at, line in enumerate(lines) if line.startswith(("RUN", "COPY")))
