"""Secrets stay secret: whatever refuses or is down, however much is logged, no password is written anywhere.

Looked for as it is, as a URL spells it, and in the forms in which it is sent.
"""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.observe.test_metrics import served
from tests.smtpserver import Behaviour
from tests.webserver import Answer, BaseUrl, Handler, serving
from tests.world import World, living

pytestmark = pytest.mark.timeout(600)  # six commands, one after the other

SECRETS = {name: f"s3cr!t-{name}-9f27c1" for name in ("mail", "wrong", "search", "kibana", "ledger", "proxy")}
USER = "me"
DEAD = "127.0.0.1:9"


class Refusing(dict[str, Answer | Handler]):
    """Routes of a server that says 401 to everybody."""

    def get(self, _path: str, _default: Any = None) -> Answer:
        body = '{"error": {"type": "security_exception", "reason": "unable to authenticate user [me]"}, "status": 401}'
        return 401, {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}, body


@dataclass
class Told:
    """What each command printed, and who was asked."""

    world: World
    refusing: BaseUrl
    said: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)
    served: list[tuple[int, str]] = field(default_factory=list)


def secrets(refusing: str) -> dict[str, str]:
    """Servers that refuse, each with a password of its own."""
    return {
        "NEWSWATCH_LOG_LEVEL": "debug",
        "NEWSWATCH_SMTP_USER": USER,
        "NEWSWATCH_SMTP_PASSWORD": SECRETS["mail"],
        "NEWSWATCH_SEARCH": "elasticsearch",
        "NEWSWATCH_ELASTICSEARCH_URL": refusing,
        "NEWSWATCH_ELASTICSEARCH_USER": USER,
        "NEWSWATCH_ELASTICSEARCH_PASSWORD": SECRETS["search"],
        "NEWSWATCH_KIBANA_URL": refusing,
        "NEWSWATCH_KIBANA_USER": USER,
        "NEWSWATCH_KIBANA_PASSWORD": SECRETS["kibana"],
    }


DOWN = {
    "NEWSWATCH_ELASTICSEARCH_URL": f"http://{DEAD}",
    "NEWSWATCH_KIBANA_URL": f"http://{DEAD}",
    "NEWSWATCH_SMTP_HOST": "127.0.0.1",
    "NEWSWATCH_SMTP_PORT": "9",
    "NEWSWATCH_PROXY": f"http://{USER}:{quote(SECRETS['proxy'])}@{DEAD}",
    "NEWSWATCH_LOG_FORMAT": "json",
}
NO_LEDGER = {"NEWSWATCH_LEDGER": f"postgresql://{USER}:{quote(SECRETS['ledger'])}@{DEAD}/news"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("secrets")
    door = Behaviour(users={USER: SECRETS["mail"]})
    with living(folder, mail=door) as world, serving(Refusing()) as refusing:
        world.environment = secrets(str(refusing))
        told = Told(world, refusing)

        def do(name: str, *arguments: str, **environment: str) -> None:
            told.said[name] = world.newswatch(*arguments, **environment)

        do("refused", "run")
        do("down", "run", **DOWN)
        do("no ledger", "run", **NO_LEDGER)
        do("doctor", "doctor", **NO_LEDGER)
        do("wrong log-in", "mail", "test", "you@example.org", NEWSWATCH_SMTP_PASSWORD=SECRETS["wrong"])
        do("kibana", "kibana", "setup", "--wait", "0")
        with served(world, **DOWN, **NO_LEDGER) as endpoint:
            answers = [endpoint.get(path) for path in ("/health", "/metrics")]
            told.served = [(status, body) for status, _, body in answers]
        yield told


def spellings(secret: str) -> set[bytes]:
    plain = secret.encode()
    sent = (plain, USER.encode() + b":" + plain, b"\0" + USER.encode() + b"\0" + plain)
    return {plain, quote(secret).encode(), *(b64encode(each).rstrip(b"=") for each in sent)}


def leaks(data: bytes) -> list[str]:
    """Names of the secrets that `data` holds."""
    return [name for name, secret in SECRETS.items() if any(each in data for each in spellings(secret))]


def test_the_servers_were_asked_and_said_no(told: Told) -> None:
    """Otherwise nothing here could leak."""
    asked = b"\n".join(request.headers.get("Authorization", "").encode() for request in told.refusing.requests)
    assert {"search", "kibana"} <= set(leaks(asked))
    assert {each.user for each in told.world.smtp.messages} == {USER}
    codes = {name: done.returncode for name, done in told.said.items()}
    assert codes == {"refused": 1, "down": 0, "no ledger": 1, "doctor": 1, "wrong log-in": 1, "kibana": 1}
    said = {name: done.stdout + done.stderr for name, done in told.said.items()}
    assert "the proxy cannot be reached" in said["down"]
    assert "refuses our credentials" in said["refused"]
    assert "the ledger cannot be opened" in said["no ledger"]
    assert "Traceback" in said["refused"], "debug shows where a step failed"


def test_no_command_prints_a_secret(told: Told) -> None:
    assert {name: leaks((done.stdout + done.stderr).encode()) for name, done in told.said.items()} == {
        name: [] for name in told.said
    }


def test_nothing_that_is_served_holds_a_secret(told: Told) -> None:
    assert [status for status, _ in told.served] == [503, 503]
    assert "the ledger cannot be opened" in told.served[1][1]
    assert [leaks(body.encode()) for _, body in told.served] == [[], []]


def test_nothing_that_is_kept_holds_a_secret(told: Told) -> None:
    """The ledger with its columns of errors, and whatever else lies in the home folder."""
    files = [file for file in told.world.home.rglob("*") if file.is_file()]
    assert any(file.name == "ledger.sqlite" for file in files)
    assert {file.name: found for file in files if (found := leaks(file.read_bytes()))} == {}


def test_no_mail_holds_a_secret(told: Told) -> None:
    assert told.world.smtp.messages
    assert [found for each in told.world.smtp.messages if (found := leaks(each.body))] == []


def test_a_leak_would_be_noticed(tmp_path: Path) -> None:
    assert leaks(b"Authorization: Basic " + b64encode(f"{USER}:{SECRETS['search']}".encode())) == ["search"]
    assert leaks(NO_LEDGER["NEWSWATCH_LEDGER"].encode()) == ["ledger"]
