"""newswatch security setup and the readers' role, against servers that play Elasticsearch and Kibana."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from pipeline.errors import SearchError, SearchUnavailable
from pipeline.index.elasticsearch import connect
from pipeline.index.kibana import open_kibana
from pipeline.index.kibana_files import contents
from pipeline.index.security import Passwords, Request, admit_readers, requests, secure
from pipeline.settings import Settings
from tests.cli.machine import offline
from tests.kibana.fake import FakeKibana, failure, wrong
from tests.security.fake import FakeSecurity
from tests.webserver import BaseUrl, Handler, serving

PASSWORDS = Passwords("writers-own", "readers-own", "kibanas-own")
ASKED = [
    "PUT /_security/role/newswatch",
    "PUT /_security/user/newswatch",
    "PUT /_security/user/newswatch-reader",
    "POST /_security/user/kibana_system/_password",
]


@pytest.fixture
def server() -> FakeSecurity:
    return FakeSecurity("hunter22")


@contextmanager
def playing(server: FakeSecurity, *, prefix: str = "newswatch") -> Iterator[BaseUrl]:
    with serving(server.routes(prefix=prefix)) as url:
        yield url


def set_up(
    url: str,
    *,
    passwords: Passwords = PASSWORDS,
    given: str = "hunter22",
    patience: float = 0,
    prefix: str = "newswatch",
) -> tuple[Request, ...]:
    settings = Settings(
        elasticsearch_url=url, elasticsearch_user="elastic", elasticsearch_password=SecretStr(given), search="embedded"
    )
    with closing(connect(settings)) as client:
        return secure(client, requests(passwords, prefix=prefix), patience=patience, pause=0.01)


def test_roles_users_and_passwords_are_put(server: FakeSecurity) -> None:
    with playing(server) as url:
        done = set_up(url)
        assert [f"{request.method} {request.path}" for request in url.requests] == ASKED
    assert [request.name for request in done] == ASKED
    assert {name: user["password"] for name, user in server.users.items()} == {
        "newswatch": "writers-own",
        "newswatch-reader": "readers-own",
        "kibana_system": "kibanas-own",
    }
    assert server.users["newswatch"]["roles"] == ["newswatch"]
    assert server.users["newswatch-reader"]["roles"] == ["newswatch-reader"]
    assert server.roles["newswatch"]["indices"][0]["names"] == ["newswatch-*"]


def test_a_second_time_sends_the_very_same(server: FakeSecurity) -> None:
    with playing(server) as url:
        set_up(url)
        before = asdict(server)
        set_up(url)
        sent = [(request.method, request.path, request.body) for request in url.requests]
    assert sent[:4] == sent[4:]
    assert asdict(server) == before


def test_another_prefix_has_a_role_and_users_of_its_own(server: FakeSecurity) -> None:
    with playing(server, prefix="desk") as url:
        set_up(url, prefix="desk")
    assert server.roles.keys() == {"desk"}
    assert server.roles["desk"]["indices"][0]["names"] == ["desk-*"]
    assert server.users.keys() == {"desk", "desk-reader", "kibana_system"}


@pytest.mark.parametrize("request_name", ASKED)
def test_the_refused_request_is_named_and_the_rest_is_not_sent(server: FakeSecurity, request_name: str) -> None:
    server.refused.add(request_name.split()[1])
    with playing(server) as url:
        with pytest.raises(SearchError) as error:
            set_up(url)
        assert len(url.requests) == ASKED.index(request_name) + 1
    assert str(error.value) == (
        f"{request_name}: the server does not allow us this: action is unauthorized for user [elastic]"
    )


def test_a_wrong_password_is_said_at_once_and_never_shown(server: FakeSecurity) -> None:
    with playing(server) as url, pytest.raises(SearchError, match="the server refuses our credentials") as error:
        set_up(url, given="hunter23", patience=60)
    assert error.value.subject == ASKED[0]
    said = repr(error.value) + repr(error.value.__cause__) + repr(requests(PASSWORDS, prefix="newswatch"))
    assert not [word for word in ("hunter", "writers-own", "readers-own", "kibanas-own") if word in said]


def test_a_password_that_is_too_short_is_refused_with_the_reason(server: FakeSecurity) -> None:
    with playing(server) as url, pytest.raises(SearchError) as error:
        set_up(url, passwords=Passwords("writers-own", "short", "kibanas-own"))
    assert str(error.value).startswith(f"{ASKED[2]}: the server answered 400: Validation Failed")


def test_a_server_that_is_starting_is_waited_for(server: FakeSecurity) -> None:
    server.starting = 5
    with playing(server) as url:
        set_up(url, patience=60)
    assert server.roles
    server.starting = 10_000
    with playing(server) as url, pytest.raises(SearchUnavailable) as error:
        set_up(url, patience=0.05)
    assert str(error.value).startswith(f"{ASKED[0]}: the server answered 503: [.security-7] primary shard")


def test_nobody_there() -> None:
    with pytest.raises(SearchUnavailable, match=f"^{ASKED[0]}: the server does not answer"):
        set_up("http://127.0.0.1:9")


def test_the_command_says_what_it_did(tmp_path: Path, server: FakeSecurity) -> None:
    passwords = {"WRITER_PASSWORD": "writers-own", "READER_PASSWORD": "readers-own", "KIBANA_PASSWORD": "kibanas-own"}
    machine = offline(tmp_path)
    with playing(server) as url:
        as_elastic = {
            "NEWSWATCH_ELASTICSEARCH_URL": url,
            "NEWSWATCH_ELASTICSEARCH_USER": "elastic",
            "NEWSWATCH_ELASTICSEARCH_PASSWORD": "hunter22",
        }
        done = machine.newswatch("security", "setup", **as_elastic, **passwords)
        assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, ASKED, "")
        server.refused.add("/_security/user/newswatch")
        failed = machine.newswatch("security", "setup", **as_elastic, **passwords)
        assert failed.returncode == 1
        assert failed.stdout.splitlines() == []
        assert failed.stderr.startswith(f"error: {ASKED[1]}: the server does not allow us this")
        lacking = machine.newswatch("security", "setup", **as_elastic, **{**passwords, "READER_PASSWORD": ""})
        assert lacking.returncode == 2
        assert "READER_PASSWORD" in lacking.stderr


def kibana(taken: dict[str, object], *, status: int = 204) -> dict[str, Handler]:
    """Kibana's part of it: 204 and no body, as its role API answers."""

    async def role(request: web.Request) -> web.StreamResponse:
        if request.method != "PUT" or "kbn-xsrf" not in request.headers:
            return failure(400, "Request must contain a kbn-xsrf header.")
        if said := wrong("role", await request.json()):
            return failure(400, said)
        taken[request.path] = await request.json()
        return web.Response(status=204) if status == 204 else failure(status, "no")

    return {f"/api/security/role/{prefix}-reader": role for prefix in ("newswatch", "desk")}


def test_the_readers_role_goes_through_kibana() -> None:
    taken: dict[str, object] = {}
    with serving(kibana(taken)) as url, closing(open_kibana(Settings(kibana_url=url))) as opened:
        assert admit_readers(opened, prefix="newswatch") == "newswatch-reader"
        assert admit_readers(opened, prefix="desk") == "desk-reader"
    ours, theirs = (json.dumps(taken[f"/api/security/role/{prefix}-reader"]) for prefix in ("newswatch", "desk"))
    assert ours.replace("newswatch-*", "desk-*") == theirs != ours


def test_the_command_puts_it_before_the_dashboards(tmp_path: Path) -> None:
    taken: dict[str, object] = {}
    dashboards = [dashboard.id for dashboard in contents(prefix="newswatch").dashboards]
    with serving(FakeKibana().routes(*dashboards) | kibana(taken)) as url:
        done = offline(tmp_path).newswatch("kibana", "setup", "--readers", NEWSWATCH_KIBANA_URL=url)
        assert url.paths()[1] == "/api/security/role/newswatch-reader"
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, 'role "newswatch-reader"')
    assert list(taken) == ["/api/security/role/newswatch-reader"]


def test_a_role_that_kibana_refuses_is_named() -> None:
    with serving(kibana({}, status=403)) as url, pytest.raises(SearchError) as error:
        admit_readers(open_kibana(Settings(kibana_url=url)), prefix="newswatch")
    assert str(error.value).startswith("PUT /api/security/role/newswatch-reader: Kibana answered 403: no")
