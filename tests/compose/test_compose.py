"""docker-compose.yml: what can be known of it without Docker."""

from __future__ import annotations

import re

import pytest

from tests.compose.composefile import ROOT, Service, compose, example, services, variables

SERVICES = sorted(services())


def one_shots() -> set[str]:
    """Services that run once: nobody restarts them."""
    return {name for name, service in services().items() if service.get("restart", "no") == "no"}


def needed(service: Service) -> dict[str, str]:
    return {name: entry["condition"] for name, entry in service.get("depends_on", {}).items()}


def test_has_every_part_of_the_team_set_up() -> None:
    assert {"postgres", "elasticsearch", "kibana", "kibana-setup", "mailpit"} <= set(SERVICES)
    assert {"airflow-setup", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor"} <= set(SERVICES)
    assert one_shots() == {"kibana-setup", "airflow-setup"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_whether_it_is_well_or_runs_once(name: str) -> None:
    service = services()[name]
    assert ("healthcheck" in service) != (name in one_shots())
    if "healthcheck" in service:
        assert service["healthcheck"]["test"]
        assert {"interval", "timeout", "retries"} <= set(service["healthcheck"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_it_needs(name: str) -> None:
    for other, condition in needed(services()[name]).items():
        wanted = "service_completed_successfully" if other in one_shots() else "service_healthy"
        assert condition == wanted, other


def test_no_service_waits_for_itself() -> None:
    waiting = {name: set(needed(service)) for name, service in services().items()}
    while free := {name for name, others in waiting.items() if not others}:
        waiting = {name: others - free for name, others in waiting.items() if name not in free}
    assert waiting == {}


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    _, _, tag = services()[name]["image"].rpartition(":")
    assert re.match(r"v?\d+\.\d+", tag), services()[name]["image"]


def test_kibana_and_the_tested_elasticsearch_are_of_one_version() -> None:
    tags = {services()[name]["image"].rpartition(":")[2] for name in ("elasticsearch", "kibana", "kibana-setup")}
    tested = (ROOT / "tests/servers/elasticsearch/pom.xml").read_text(encoding="utf-8")
    assert tags == set(re.findall(r"<artifactId>elasticsearch</artifactId><version>([\d.]+)<", tested))


def test_the_image_carries_the_version_of_the_package() -> None:
    version = re.search(r'^version = "([^"]+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert services()["airflow-scheduler"]["image"] == f"newswatch:{version[1]}"


def test_the_database_is_postgresql_17() -> None:
    assert services()["postgres"]["image"].startswith("postgres:17.")


def test_ports_are_open_on_this_machine_only() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_named_volumes_are_declared_and_used() -> None:
    mounted = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert {name for name in mounted if not name.startswith(".")} == set(compose()["volumes"])


def test_mounted_and_built_files_exist() -> None:
    mounted = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    sources = {name for name in mounted if name.startswith(".")} | {"Dockerfile", ".dockerignore"}
    assert [name for name in sorted(sources) if not (ROOT / name).exists()] == []
    assert services()["airflow-scheduler"]["build"] == "."


def test_configuration_and_dags_are_mounted_where_newswatch_looks() -> None:
    volumes = services()["airflow-scheduler"]["volumes"]
    assert "./config:/opt/newswatch/config:ro" in volumes
    assert "./dags:/opt/newswatch/dags:ro" in volumes
    assert "WORKDIR /opt/newswatch\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_example_names_every_variable_and_no_other() -> None:
    required = {name for name, kind in variables().items() if kind == "?"}
    assert required <= set(example())
    assert set(example(commented=True)) == set(variables())


@pytest.mark.parametrize("name", sorted(name for name, kind in variables().items() if kind == "?"))
def test_a_missing_secret_stops_the_start(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        compose({**example(), name: ""})


def test_secrets_are_not_committed() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert ".env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert re.findall(r"(?i)^ *\S*(?:password|secret)\w*: (?!\$\{)(?!/opt/)(.+)$", text, re.MULTILINE) == []
