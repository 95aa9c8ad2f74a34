"""docker-compose.yml as others read it: the schema of the Compose Specification, Docker Compose's library, its client.

`schema/` holds the schema as compose-go v2.16.2 has it, unchanged, with its licence. The library is asked by the
program in `load/`, where there is Go; the client where `docker compose` is installed. None needs a Docker engine.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tests.compose.composefile import FILE, ROOT, as_written, example, services

HERE = Path(__file__).resolve().parent
SCHEMA = json.loads((HERE / "schema" / "compose-spec.json").read_text(encoding="utf-8"))
SECONDS = 280  # for a first build of the program on a slow machine


def problem(document: Any) -> str:
    error = best_match(Draft202012Validator(SCHEMA).iter_errors(document))
    return f"{error.json_path}: {error.message}" if error else ""


def test_it_fits_the_schema() -> None:
    assert problem(as_written()) == ""


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"healthcheck": {"test": "true", "intervall": "5s"}}, "healthcheck"),
        ({"depends_on": {"postgres": {"condition": "healthy"}}}, "depends_on"),
        ({"deploy": {"resources": {"limits": {"ram": "1g"}}}}, "deploy"),
        ({"restarts": "no"}, "restarts"),
    ],
)
def test_the_schema_notices_mistakes(wrong: Mapping[str, Any], where: str) -> None:
    written = copy.deepcopy(as_written())
    written["services"]["kibana"] |= wrong
    assert where in problem(written)


Loader = Callable[[str], Mapping[str, Any]]


@pytest.fixture(scope="module")
def understood(tmp_path_factory: pytest.TempPathFactory) -> Loader:
    """The services as Docker Compose's library understands them, with a profile ("" for none)."""
    if not (go := shutil.which("go")):
        pytest.skip("there is no Go on this machine, so compose-go was not asked")
    fetched = subprocess.run([go, "mod", "download"], cwd=HERE / "load", capture_output=True, text=True, check=False)
    if fetched.returncode:
        pytest.skip(f"Go cannot fetch compose-go: {fetched.stderr.strip()[-200:]}")
    program = tmp_path_factory.mktemp("load") / "load"
    building = [go, "build", "-mod=readonly", "-o", str(program), "."]
    subprocess.run(building, cwd=HERE / "load", check=True, timeout=SECONDS)

    def load(profile: str) -> Mapping[str, Any]:
        asked = [str(program), str(FILE), str(ROOT / ".env.example"), *filter(None, [profile])]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        read: dict[str, Any] = json.loads(done.stdout)["services"]
        return read

    return load


def test_docker_composes_library_reads_what_the_tests_read(understood: Loader) -> None:
    ours, theirs = services(), understood("celery")
    assert set(theirs) == set(ours)
    for name, service in theirs.items():
        given = {key: str(value) for key, value in ours[name].get("environment", {}).items()}
        assert service.get("environment", {}) == given, name
        assert service["image"] == ours[name]["image"]


def test_docker_composes_library_leaves_workers_out_unless_asked(understood: Loader) -> None:
    assert set(services()) - set(understood("")) == {"airflow-worker", "redis"}


def test_docker_composes_library_sees_bounds(understood: Loader) -> None:
    for name, service in understood("celery").items():
        limits = service["deploy"]["resources"]["limits"]
        assert int(limits["memory"]) >= 256 * 2**20, name
        assert 0 < float(limits["cpus"]) <= 2, name
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}, name


def test_docker_compose_config_takes_it(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    asked = [docker or "docker", "compose", "version"]
    if docker is None or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("`docker compose` is not installed here, so `docker compose config` was not run")
    values = tmp_path / "env"
    values.write_text("".join(f"{name}={value}\n" for name, value in example().items()), encoding="utf-8")
    command = [docker, "compose", "--file", str(FILE), "--env-file", str(values)]
    environment = {name: value for name, value in os.environ.items() if name not in example()}
    for profile in ([], ["--profile", "celery"]):
        done = subprocess.run(
            [*command, *profile, "config", "--quiet"], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    values.write_text("", encoding="utf-8")
    without = subprocess.run([*command, "config", "--quiet"], env=environment, capture_output=True, check=False)
    assert without.returncode != 0
    assert b"is not set in .env; see make env" in without.stderr
