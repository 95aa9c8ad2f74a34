"""The environment that docker-compose.yml gives: Newswatch and Airflow know every variable of it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import typer.main
from ruamel.yaml import YAML

from pipeline.cli.app import app
from pipeline.settings import Settings, load_settings
from tests.compose.composefile import ROOT, compose, example, services


def command(name: str) -> str:
    """Its last part, if it has several: the lines of a shell."""
    given = services()[name]["command"]
    return str(given if isinstance(given, str) else given[-1])


def environment(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in services()[name]["environment"].items()}


AIRFLOW = [f"airflow-{name}" for name in "api-server dag-processor scheduler setup triggerer worker".split()]
NEWSWATCH = [*AIRFLOW, "kibana-setup", "newswatch-web", "setup"]
COMMANDS = sorted({found for name in NEWSWATCH for found in re.findall(r"\bnewswatch ((?:[a-z]+ ?)+)", command(name))})


def airflow_options() -> set[str]:
    spec = find_spec("airflow")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(next(iter(spec.submodule_search_locations)))
    sections = YAML(typ="safe").load((folder / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    sections |= run_path(str(folder / "providers" / "celery" / "get_provider_info.py"))["get_provider_info"]()["config"]
    return {
        f"AIRFLOW__{section.upper()}__{option.upper()}"
        for section, content in sections.items()
        for option in content["options"]
    }


@pytest.mark.parametrize("name", NEWSWATCH)
def test_newswatch_knows_every_variable(name: str) -> None:
    named = environment(name) | example(commented=True)
    given = {name for name in named if name.startswith("NEWSWATCH_")}
    assert given <= {f"NEWSWATCH_{field.upper()}" for field in Settings.model_fields}
    assert len(given) >= 10


def test_airflow_knows_every_variable() -> None:
    given = {name for name in environment("airflow-scheduler") if name.startswith("AIRFLOW__")}
    assert given - airflow_options() == set()
    assert len(given) >= 10


@pytest.mark.parametrize("name", AIRFLOW)
def test_all_services_of_airflow_have_one_environment(name: str) -> None:
    assert environment("airflow-scheduler").items() <= environment(name).items()
    assert services()[name]["volumes"] == services()["airflow-scheduler"]["volumes"]


@pytest.mark.parametrize("name", NEWSWATCH)
def test_all_services_of_newswatch_are_one_image(name: str) -> None:
    assert services()[name]["image"] == services()["airflow-scheduler"]["image"]
    assert services()[name]["pull_policy"] == "never"
    kibanas = {"NEWSWATCH_KIBANA_USER", "NEWSWATCH_KIBANA_PASSWORD"} if name == "kibana-setup" else set()
    given = {key for key in environment("airflow-scheduler") if key.startswith("NEWSWATCH_")} - kibanas
    assert all(environment(name)[key] == environment("airflow-scheduler")[key] for key in given)


@pytest.mark.parametrize("asked", COMMANDS)
def test_every_command_of_newswatch_exists(asked: str) -> None:
    group: Any = typer.main.get_command(app)
    for word in asked.split():
        assert word in group.commands, asked
        group = group.commands[word]


def test_airflow_knows_every_command() -> None:
    """By Airflow's own parser, in a process of its own."""
    wanted = [line.strip() for name in AIRFLOW for line in command(name).splitlines() if "airflow " in line]
    wanted += [services()[name]["healthcheck"]["test"] for name in ("airflow-dag-processor", "airflow-triggerer")]
    words = [shlex.split(line)[1:] for line in wanted if line.startswith("airflow ")]
    assert len(words) == 9
    code = "import json, sys; from airflow.cli.cli_parser import get_parser; parser = get_parser()"
    code += "\nfor words in json.loads(sys.argv[1]): assert parser.parse_args(words).func"
    given = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW__CORE__LOAD_EXAMPLES": "false"}
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(words)], env={**os.environ, **given}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_newswatch_works_on_the_servers_beside_it() -> None:
    settings = load_settings(environment("airflow-scheduler"))
    assert settings.ledger_url == "postgresql+psycopg://newswatch:change-me@postgres:5432/newswatch"
    assert settings.search == "elasticsearch"
    assert settings.elasticsearch_url == "http://elasticsearch:9200"
    assert settings.kibana_url == "http://kibana:5601"
    assert (settings.smtp_host, settings.smtp_port) == ("mailpit", 1025)
    assert settings.smtp_user is None
    assert settings.contact is None
    assert {"postgres", "elasticsearch", "kibana", "mailpit"} <= set(services())


def test_a_real_mail_server_can_be_given() -> None:
    offered = example(commented=True)
    given = compose(offered)["services"]["airflow-scheduler"]["environment"]
    settings = load_settings({key: str(value) for key, value in given.items()})
    assert (settings.smtp_host, settings.smtp_port) == ("smtp.example.org", 587)
    assert settings.smtp_security == "starttls"
    assert settings.mail_from == "Newswatch <newswatch@example.org>"


def test_one_variable_switches_the_executor() -> None:
    assert environment("airflow-scheduler")["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    switched = compose({**example(), "AIRFLOW_EXECUTOR": "CeleryExecutor"})["services"]
    for name in AIRFLOW:
        assert switched[name]["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_airflow_and_newswatch_have_databases_of_their_own() -> None:
    given = environment("airflow-scheduler")
    assert given["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("@postgres:5432/airflow")
    assert given["NEWSWATCH_LEDGER"].endswith("@postgres:5432/newswatch")
    assert compose()["configs"]["airflow-database"]["content"] == "CREATE DATABASE airflow;"
    assert services()["postgres"]["configs"][0]["target"].startswith("/docker-entrypoint-initdb.d/")


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
