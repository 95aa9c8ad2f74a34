"""newswatch kibana setup and the doctor's word on Kibana, as a user sees them, with a server that plays Kibana."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.index.kibana_files import contents
from tests.cli.machine import offline
from tests.cli.test_doctor import marks
from tests.kibana.fake import FakeKibana
from tests.webserver import BaseUrl, serving

SECRET = "hunter2"
IDS = [dashboard.id for dashboard in contents(prefix="newswatch").dashboards]


@pytest.fixture
def kibana() -> FakeKibana:
    return FakeKibana(space="press", authorization=f"ApiKey {SECRET}")


@pytest.fixture
def url(kibana: FakeKibana) -> Iterator[BaseUrl]:
    with serving(kibana.routes(*IDS)) as url:
        yield url


def test_it_says_what_it_put_where(tmp_path: Path, kibana: FakeKibana, url: str) -> None:
    environment = {"NEWSWATCH_KIBANA_URL": url, "NEWSWATCH_KIBANA_API_KEY": SECRET}
    done = offline(tmp_path).newswatch("kibana", "setup", "--space", "press", **environment)
    assert (done.returncode, done.stderr) == (0, "Kibana 9.5.3\n")
    first, *lines = done.stdout.splitlines()
    assert first == f"{len(kibana.objects)} data views and saved searches"
    assert [line.rpartition(": ")[2] for line in lines] == [
        f"{url}/s/press/app/dashboards#/view/{identity}" for identity in IDS
    ]
    assert set(kibana.dashboards) == set(IDS)


def test_a_refusal_is_one_line_and_has_no_secret(tmp_path: Path, url: str) -> None:
    environment = {"NEWSWATCH_KIBANA_URL": url, "NEWSWATCH_KIBANA_USER": "me", "NEWSWATCH_KIBANA_PASSWORD": SECRET}
    done = offline(tmp_path).newswatch("kibana", "setup", "--space", "press", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: GET /s/press/api/status: Kibana answered 401: unable to authenticate user")
    assert len(done.stderr.splitlines()) == 1
    assert SECRET not in done.stderr


def test_without_an_address_it_was_asked_wrongly(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("kibana", "setup")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: NEWSWATCH_KIBANA_URL: is not set; it is the address of Kibana\n"


def test_the_doctor_looks_for_the_dashboards(tmp_path: Path) -> None:
    machine, kibana = offline(tmp_path), FakeKibana()
    with serving(kibana.routes(*IDS)) as url:
        before = marks(machine.newswatch("doctor", NEWSWATCH_KIBANA_URL=url))["kibana"]
        assert machine.newswatch("kibana", "setup", NEWSWATCH_KIBANA_URL=url).returncode == 0
        after = machine.newswatch("doctor", NEWSWATCH_KIBANA_URL=url)
    assert before.startswith("no dashboard Newswatch: ")
    assert before.endswith("| run newswatch kibana setup")
    assert marks(after)["kibana"] == "ok"
    gone = marks(
        machine.newswatch("doctor", NEWSWATCH_KIBANA_URL="http://127.0.0.1:9", NEWSWATCH_KIBANA_API_KEY=SECRET)
    )
    assert "GET /api/status: Kibana does not answer" in gone["kibana"]
    assert "NEWSWATCH_KIBANA_URL" in gone["kibana"]


def test_the_file_for_opensearch_dashboards_goes_to_standard_output(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("kibana", "export", NEWSWATCH_ELASTICSEARCH_PREFIX="press")
    assert (done.returncode, done.stderr) == (0, "")
    ids = [json.loads(line)["id"] for line in done.stdout.splitlines()]
    assert "press-newsroom" in ids
    assert all(identity.startswith("press-") for identity in ids)
