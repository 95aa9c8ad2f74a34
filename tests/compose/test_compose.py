"""docker-compose.yml: what can be known of it without Docker."""

from __future__ import annotations

import re

import pytest

from tests.compose.composefile import ROOT, Service, compose, example, services, variables

SERVICES = sorted(services())
ONCE = {"setup", "kibana-setup", "airflow-setup"}
AIRFLOW = {f"airflow-{name}" for name in ("api-server", "scheduler", "dag-processor", "triggerer", "worker")}
CELERY = {"airflow-worker", "redis"}
PORTS = {"elasticsearch": 9200, "kibana": 5601, "mailpit": 8025, "airflow-api-server": 8080, "newswatch-web": 9464}
SECRET = re.compile(r"(?i)password|secret|key$|^redis|sql_alchemy|broker_url|result_backend|ledger")


def one_shots() -> set[str]:
    """Services that run once: nobody restarts them."""
    return {name for name, service in services().items() if service.get("restart", "no") == "no"}


def needed(service: Service) -> dict[str, str]:
    return {name: entry["condition"] for name, entry in service.get("depends_on", {}).items()}


def test_has_every_part_of_the_team_set_up() -> None:
    servers = {"postgres", "elasticsearch", "kibana", "mailpit", "redis"}
    assert set(SERVICES) == servers | {"newswatch-web"} | AIRFLOW | ONCE
    assert one_shots() == ONCE


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
    tags = {services()[name]["image"].rpartition(":")[2] for name in ("elasticsearch", "kibana")}
    tested = (ROOT / "tests/servers/elasticsearch/pom.xml").read_text(encoding="utf-8")
    assert tags == set(re.findall(r"<artifactId>elasticsearch</artifactId><version>([\d.]+)<", tested))


def test_servers_and_their_pinned_clients_are_of_one_minor_version() -> None:
    """Patches of the client and of the server are counted apart."""
    _, _, tag = services()["elasticsearch"]["image"].rpartition(":")
    assert minor(tag) == minor(pinned("elasticsearch"))
    assert minor(pinned("apache-airflow")) == "3.3"
    assert pinned("apache-airflow") == pinned("apache-airflow-core")
    server = re.match(r"postgres:(\d+)\.", services()["postgres"]["image"])
    assert server is not None
    assert f"postgresql-client-{server[1]} " in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def pinned(package: str) -> str:
    """Its version in the requirements that the image installs."""
    assert "pip install --requirement requirements/airflow.txt" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = (ROOT / "requirements" / "airflow.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{package}==(\S+)$", text, re.MULTILINE)
    assert found is not None, package
    return found[1]


def minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def test_the_image_carries_the_version_of_the_package() -> None:
    version = re.search(r'^version = "([^"]+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert services()["airflow-scheduler"]["image"] == f"newswatch:{version[1]}"


def test_the_database_is_postgresql_17() -> None:
    assert services()["postgres"]["image"].startswith("postgres:17.")


def test_ports_are_open_on_this_machine_only() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert published == {name: [f"127.0.0.1:{port}:{port}"] for name, port in PORTS.items()}
    assert all(service.get("network_mode") is None for service in services().values())


@pytest.mark.parametrize("name", [name for name in PORTS if name != "mailpit"])
def test_a_port_is_that_of_the_health_check(name: str) -> None:
    assert f"localhost:{PORTS[name]}" in services()[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded(name: str) -> None:
    """No more than two processors: Docker refuses to start what is given more than the machine has."""
    service = services()[name]
    limits = service["deploy"]["resources"]["limits"]
    assert re.fullmatch(r"\d+[gm]", limits["memory"])
    assert 0 < float(limits["cpus"]) <= 2
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


def test_elasticsearchs_heap_is_half_of_its_memory() -> None:
    elasticsearch = services()["elasticsearch"]
    assert elasticsearch["environment"]["ES_JAVA_OPTS"] == "-Xms1g -Xmx1g"
    assert elasticsearch["deploy"]["resources"]["limits"]["memory"] == "2g"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = services()[name]
    assert not service.get("privileged")
    assert "cap_add" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert (service.get("cap_drop") == ["ALL"]) != (name == "postgres")


def test_what_writes_nothing_cannot() -> None:
    fixed = {name for name, service in services().items() if service.get("read_only")}
    assert fixed == ONCE | {"mailpit", "newswatch-web", "redis"}
    assert all("/tmp" in services()[name]["tmpfs"] for name in fixed)


def test_workers_and_their_queue_come_with_the_profile_celery_alone() -> None:
    profiles = {name: service["profiles"] for name, service in services().items() if "profiles" in service}
    assert profiles == {name: ["celery"] for name in CELERY}
    assert not [name for name in set(SERVICES) - CELERY if set(needed(services()[name])) & CELERY]
    assert "COMPOSE_PROFILES=celery" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_analysts_and_alerts_do_not_wait_for_kibana() -> None:
    waiting = {name for name, service in services().items() if set(needed(service)) & {"kibana", "kibana-setup"}}
    assert waiting == {"kibana-setup"}


def test_named_volumes_are_declared_and_used() -> None:
    mounted = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert {name for name in mounted if not name.startswith(".")} == set(compose()["volumes"])


def test_mounted_and_built_files_exist() -> None:
    mounted = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    sources = {name for name in mounted if name.startswith(".")} | {"Dockerfile", ".dockerignore"}
    assert [name for name in sorted(sources) if not (ROOT / name).exists()] == []


def test_one_service_builds_the_image_and_the_others_have_it_after() -> None:
    """Docker builds the services' images at the same time, and refuses to make one image twice."""
    assert {name: service["build"] for name, service in services().items() if "build" in service} == {"setup": "."}


def test_configuration_and_dags_are_mounted_where_newswatch_looks() -> None:
    volumes = services()["airflow-scheduler"]["volumes"]
    assert "./config:/opt/newswatch/config:ro" in volumes
    assert "./dags:/opt/newswatch/dags:ro" in volumes
    assert "WORKDIR /opt/newswatch\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_example_names_every_variable_and_no_other() -> None:
    required = {name for name, kind in variables().items() if kind == "?"}
    assert required <= set(example())
    assert set(example(commented=True)) - {"COMPOSE_PROFILES"} == set(variables())


@pytest.mark.parametrize("name", sorted(name for name, kind in variables().items() if kind == "?"))
def test_a_missing_secret_stops_the_start(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        compose({**example(), name: ""})


def test_secrets_are_not_committed() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert ".env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_comes_from_env_and_has_no_default(name: str) -> None:
    """With another value in .env for each variable, nothing that is a secret stays as it was."""
    other = {key: f"other-{key.lower()}" for key, kind in variables().items() if kind == "?"}
    before = services()[name].get("environment", {})
    after = compose({**example(), **other})["services"][name].get("environment", {})
    for key, value in before.items():
        if SECRET.search(key) and not key.endswith("PASSWORDS_FILE") and key != "NEWSWATCH_SMTP_PASSWORD":
            assert value, key
            assert after[key] != value, key
