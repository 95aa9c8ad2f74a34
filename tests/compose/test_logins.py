"""Passwords in docker-compose.yml: who sets each, who gives it, and that nobody else knows it.

The shell lines of the file are run as they are, with a stand-in for the one program that they start.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from pipeline.index.security import Passwords, requests
from tests.compose.composefile import compose, example, services, variables


def test_everybody_logs_in_to_elasticsearch_as_somebody_who_was_made() -> None:
    """With a password of its own, so that the one who knows it and the one who sets it can be compared."""
    own = {name: f"other-{name}" for name, kind in variables().items() if kind == "?"}
    made = compose({**example(), **own})["services"]
    scheduler, setup = made["airflow-scheduler"]["environment"], made["setup"]["environment"]
    with_passwords = Passwords(setup["WRITER_PASSWORD"], setup["READER_PASSWORD"], setup["KIBANA_PASSWORD"])
    bodies = {request.path.split("/")[3]: request.body for request in requests(with_passwords, prefix="newswatch")[1:]}
    users = {name: body["password"] for name, body in bodies.items()}
    assert users[scheduler["NEWSWATCH_ELASTICSEARCH_USER"]] == scheduler["NEWSWATCH_ELASTICSEARCH_PASSWORD"]
    assert users[scheduler["NEWSWATCH_KIBANA_USER"]] == scheduler["NEWSWATCH_KIBANA_PASSWORD"]
    kibana = made["kibana"]["environment"]
    assert users[kibana["ELASTICSEARCH_USERNAME"]] == kibana["ELASTICSEARCH_PASSWORD"]
    assert made["elasticsearch"]["environment"]["xpack.security.enabled"] == "true"
    elastic = made["elasticsearch"]["environment"]["ELASTIC_PASSWORD"]
    assert {elastic} == {setup["ELASTIC_PASSWORD"], made["kibana-setup"]["environment"]["NEWSWATCH_KIBANA_PASSWORD"]}
    assert made["kibana-setup"]["environment"]["NEWSWATCH_KIBANA_USER"] == "elastic"


def test_the_superusers_password_is_known_where_it_is_needed_alone() -> None:
    own = {**example(), "ELASTIC_PASSWORD": "superuser"}
    knowing = {name for name, service in compose(own)["services"].items() if "superuser" in str(service)}
    assert knowing == {"elasticsearch", "kibana-setup", "setup"}


def test_kibana_has_a_key_for_each_thing_that_it_encrypts() -> None:
    kibana = services()["kibana"]["environment"]
    keys = {name for name, value in kibana.items() if name.endswith("ENCRYPTIONKEY") and value}
    assert keys == {f"XPACK_{part}_ENCRYPTIONKEY" for part in ("SECURITY", "ENCRYPTEDSAVEDOBJECTS", "REPORTING")}


def test_workers_and_scheduler_meet_at_the_queue() -> None:
    own = compose({**example(), "REDIS_PASSWORD": "queue", "POSTGRES_PASSWORD": "ledger"})["services"]
    given = own["airflow-worker"]["environment"]
    assert given["AIRFLOW__CELERY__BROKER_URL"] == "redis://:queue@redis:6379/0"
    assert own["redis"]["environment"]["REDISCLI_AUTH"] == "queue"
    database = given["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert given["AIRFLOW__CELERY__RESULT_BACKEND"] == f"db+{database}"


def test_the_queue_starts_with_the_password_alone(tmp_path: Path) -> None:
    """Its own shell lines, with a program in place of Redis that shows how it was configured."""
    (tmp_path / "redis-server").write_text('#!/bin/sh\ncat "$1"\n', encoding="utf-8")
    (tmp_path / "redis-server").chmod(0o755)
    shell, *options, lines = services()["redis"]["command"]
    lines = lines.replace("/tmp/redis.conf", f"{tmp_path}/redis.conf")
    given = {"PATH": f"{tmp_path}:/usr/bin:/bin", "REDISCLI_AUTH": "queue"}
    done = subprocess.run([shell, *options, lines], env=given, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["requirepass queue", 'save ""']
    assert (tmp_path / "redis.conf").stat().st_mode & 0o077 == 0


def test_elasticsearchs_health_check_logs_in_and_hides_the_password(tmp_path: Path) -> None:
    (tmp_path / "curl").write_text('#!/bin/sh\necho "$@"\ncat\n', encoding="utf-8")
    (tmp_path / "curl").chmod(0o755)
    given = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ELASTIC_PASSWORD": "hunter2"}
    check = services()["elasticsearch"]["healthcheck"]["test"]
    done = subprocess.run(["sh", "-c", check], env=given, check=True, capture_output=True, text=True)
    arguments, configured = done.stdout.splitlines()
    assert configured == 'user = "elastic:hunter2"'
    assert "hunter2" not in arguments
    assert "--config -" in arguments


def test_the_set_up_writes_the_password_that_was_chosen(tmp_path: Path) -> None:
    """Its own shell lines, without Airflow's."""
    lines = re.sub("(?m)^airflow .*", ":", services()["airflow-setup"]["command"][-1])
    file = tmp_path / "passwords.json"
    given = {key: str(value) for key, value in services()["airflow-setup"]["environment"].items()} | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(file),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    subprocess.run(["bash", "-euc", lines], check=True, env=given)
    assert file.read_text(encoding="utf-8") == '{"admin": "change-me"}\n'
    assert file.stat().st_mode & 0o077 == 0
