"""newswatch kibana setup, against a server that plays Kibana: what it sends, that it can be repeated, how it fails."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from pipeline.errors import SearchError, SearchUnavailable, SettingsError
from pipeline.index.kibana import Installed, install, missing, open_kibana, wait_until_ready
from pipeline.index.kibana_files import Contents, contents
from pipeline.settings import Settings
from tests.kibana.fake import FakeKibana, failure
from tests.webserver import BaseUrl, Handler, serving

EVERYTHING = contents(prefix="newswatch")
IDS = tuple(dashboard.id for dashboard in EVERYTHING.dashboards)
STATUS = "GET /api/status"


@contextmanager
def playing(kibana: FakeKibana, given: Contents = EVERYTHING) -> Iterator[BaseUrl]:
    with serving(kibana.routes(*(dashboard.id for dashboard in given.dashboards))) as url:
        yield url


def set_up(url: str, *, space: str | None = None, patience: float = 5, **settings: Any) -> Installed:
    opened = open_kibana(Settings(kibana_url=url, **settings), space=space)
    wait_until_ready(opened, patience=patience, pause=0.01)
    return install(opened, EVERYTHING)


def test_everything_is_put_there_in_one_import_and_one_request_for_each_dashboard() -> None:
    kibana = FakeKibana()
    with playing(kibana) as url:
        installed = set_up(url)
        asked = [f"{request.method} {request.path}" for request in url.requests]
    puts = [f"PUT /api/dashboards/{identity}" for identity in IDS]
    assert asked == [STATUS, "POST /api/saved_objects/_import?overwrite=true", *puts]
    assert installed == Installed(len(EVERYTHING.objects), EVERYTHING.dashboards)
    assert kibana.dashboards == {dashboard.id: dashboard.body for dashboard in EVERYTHING.dashboards}
    assert set(kibana.objects) == {each["id"] for each in EVERYTHING.objects}


def test_a_second_time_sends_the_very_same() -> None:
    kibana = FakeKibana()
    with playing(kibana) as url:
        set_up(url)
        before = asdict(kibana)
        set_up(url)
        half = len(url.requests) // 2
        sent = [(request.method, request.path, request.body) for request in url.requests]
    assert sent[:half] == sent[half:]
    assert asdict(kibana) == before | {"imports": 2}


def test_another_prefix_has_ids_and_indices_of_its_own() -> None:
    ours, theirs = (json.dumps([asdict(contents(prefix=prefix)), prefix]) for prefix in ("newswatch", "asem-desk"))
    assert "newswatch-" not in theirs
    assert theirs.replace("asem-desk", "newswatch") == ours


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"kibana_api_key": SecretStr("abc=")}, "ApiKey abc="),
        (
            {"kibana_user": "desk", "kibana_password": SecretStr("s:ecret")},
            f"Basic {b64encode(b'desk:s:ecret').decode()}",
        ),
    ],
)
def test_credentials_are_sent_and_never_said(settings: dict[str, Any], sent: str) -> None:
    with playing(FakeKibana(authorization=sent)) as url:
        assert set_up(url, **settings).dashboards
        with pytest.raises(SearchError) as refused:
            set_up(url, kibana_user="desk", kibana_password=SecretStr("hunter2"))
    assert "hunter2" not in str(refused.value)
    assert str(refused.value).startswith(f"{STATUS}: Kibana answered 401: unable to authenticate user")
    assert "NEWSWATCH_KIBANA_API_KEY" in str(refused.value)


def test_a_space_stands_before_every_path() -> None:
    kibana = FakeKibana(space="press")
    with playing(kibana) as url:
        set_up(url, space="press")
        assert all(path.startswith("/s/press/api/") for path in url.paths())
        with pytest.raises(SearchError, match=r"^GET /s/sport/api/status: Kibana answered 404: .*the space exists$"):
            set_up(url, space="sport")


def test_an_address_with_a_path_is_kept() -> None:
    kibana = FakeKibana()
    routes: dict[str, Handler] = {f"/kibana{path}": handler for path, handler in kibana.routes(*IDS).items()}
    with serving(routes) as url:
        set_up(f"{url}/kibana")
    assert set(kibana.dashboards) == set(IDS)


def test_a_kibana_that_starts_is_waited_for() -> None:
    kibana = FakeKibana(levels=["starting", "unavailable", "critical", "available"])
    with playing(kibana) as url:
        set_up(url)
        assert url.paths().count("/api/status") == 4


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("starting", "Kibana answered 503: Kibana server is not ready yet (waited 0 s)"),
        ("critical", 'Kibana says that it is "critical" (waited 0 s)'),
    ],
)
def test_waiting_ends(level: str, said: str) -> None:
    with playing(FakeKibana(levels=[level])) as url, pytest.raises(SearchUnavailable) as error:
        set_up(url, patience=0.05)
    assert str(error.value) == f"{STATUS}: {said}"
    assert error.value.transient


def test_nobody_there() -> None:
    with pytest.raises(SearchUnavailable, match=r"^GET /api/status: Kibana does not answer .*NEWSWATCH_KIBANA_URL"):
        set_up("http://127.0.0.1:9", patience=0)
    with pytest.raises(SettingsError, match="NEWSWATCH_KIBANA_URL"):
        open_kibana(Settings())


def test_a_kibana_without_a_dashboards_api_is_refused_before_anything_is_sent() -> None:
    kibana = FakeKibana(version={"number": "8.19.2"})
    with playing(kibana) as url, pytest.raises(SearchError, match=r"Kibana 8\.19\.2 has no Dashboards API"):
        set_up(url)
    assert not kibana.objects


def test_one_that_keeps_its_version_to_itself_is_not() -> None:
    with playing(FakeKibana(version=None)) as url:
        assert set_up(url).dashboards


def test_saved_objects_that_are_not_taken_are_named() -> None:
    with playing(FakeKibana(refused={"newswatch-articles"})) as url, pytest.raises(SearchError) as error:
        set_up(url)
    said = str(error.value)
    assert said.startswith(
        "POST /api/saved_objects/_import?overwrite=true: Kibana did not take index-pattern newswatch-articles"
    )
    assert "missing_references" in said


def test_panels_that_are_left_out_are_named() -> None:
    with playing(FakeKibana(dropped={"markdown"})) as url, pytest.raises(SearchError) as error:
        set_up(url)
    assert str(error.value) == f"PUT /api/dashboards/{IDS[0]}: Kibana left out: no panel type markdown"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (
            lambda: failure(400, "[request body.panels.3]: no"),
            SearchError,
            "Kibana answered 400: [request body.panels.3]: no;",
        ),
        (lambda: failure(403, "not allowed"), SearchError, "Kibana answered 403: not allowed; the user or key lacks"),
        (lambda: failure(409, "another"), SearchError, "Kibana answered 409: another; something else has that id"),
        (
            lambda: web.Response(status=502, text="<html>bad gateway"),
            SearchUnavailable,
            "Kibana answered 502: <html>bad",
        ),
        (
            lambda: web.Response(status=302, headers={"location": "/login"}),
            SearchError,
            "Kibana answered 302: without a word",
        ),
        (
            lambda: web.Response(text="<html>hello"),
            SearchError,
            "the answer is no JSON object; is NEWSWATCH_KIBANA_URL",
        ),
        (lambda: web.json_response([1]), SearchError, "the answer is no JSON object; is NEWSWATCH_KIBANA_URL"),
    ],
)
def test_what_kibana_refuses_is_said_with_its_reason(
    answer: Callable[[], web.Response], error: type[SearchError], said: str
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return answer()

    path = f"/api/dashboards/{IDS[0]}"
    with serving(FakeKibana().routes(*IDS) | {path: handler}) as url, pytest.raises(SearchError) as refused:
        set_up(url)
    assert type(refused.value) is error
    assert str(refused.value).startswith(f"PUT {path}: {said}")


def test_what_is_missing_is_found() -> None:
    kibana = FakeKibana()
    titles = tuple(dashboard.title for dashboard in EVERYTHING.dashboards)
    with playing(kibana) as url:
        opened = open_kibana(Settings(kibana_url=url))
        assert missing(opened, EVERYTHING) == titles
        install(opened, EVERYTHING)
        assert missing(opened, EVERYTHING) == ()
        del kibana.dashboards[IDS[1]]
        assert missing(opened, EVERYTHING) == titles[1:2]


def test_whether_it_is_missing_cannot_be_said_without_credentials() -> None:
    with playing(FakeKibana(authorization="ApiKey abc=")) as url:
        opened = open_kibana(Settings(kibana_url=url))
        with pytest.raises(SearchError, match=f"^GET /api/dashboards/{IDS[0]}: Kibana answered 401"):
            missing(opened, EVERYTHING)
        opened.close()


@pytest.mark.parametrize("answer", [{"status": {"overall": {"state": "green"}}}, {"cluster_name": "newswatch"}])
def test_another_server_is_not_taken_for_kibana(answer: dict[str, Any]) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(answer)

    with serving({"/api/status": handler}) as url, pytest.raises(SearchError, match=r"has no level.*kibana export"):
        set_up(url)
