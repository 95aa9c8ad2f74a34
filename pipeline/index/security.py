"""Who may do what in Elasticsearch and Kibana: two roles of ours, their users, and the password of Kibana's own.

Promises that a set-up can be repeated (whole replacement, same names), that it fails at the first request that is
refused and names it with the server's own reason, and that no password is in what it says. `newswatch` may do what
`months`, `facts` and `elasticsearch` ask for and no more; `newswatch-reader` may look. Both roles are files in
`mappings/security`. It needs a user who may manage security, such as `elastic`, and makes no index.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.errors import SearchUnavailable
from pipeline.index.kibana import Kibana
from pipeline.index.transport import JSON, translating
from pipeline.query.fields import MAPPINGS

FILES = MAPPINGS / "security"
PAUSE = 2.0  # seconds between two tries at a server that is not ready
_WRITTEN_FOR = "newswatch-"  # what the names of indices start with in the files


@dataclass(frozen=True, slots=True)
class Passwords:
    """What to set, in plain text: Elasticsearch takes 6 characters or more. They never show."""

    writer: str = field(repr=False)
    reader: str = field(repr=False)
    kibana: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def requests(passwords: Passwords, *, prefix: str) -> tuple[Request, ...]:
    """All that Elasticsearch is asked for: role and user of Newswatch, user of its readers, password of Kibana."""
    reader = reader_role(prefix)
    users = {prefix: passwords.writer, reader: passwords.reader}
    return (
        Request("PUT", f"/_security/role/{prefix}", _role("newswatch", prefix)),
        *(Request("PUT", f"/_security/user/{name}", _user(name, password)) for name, password in users.items()),
        Request("POST", "/_security/user/kibana_system/_password", {"password": passwords.kibana}),
    )


def reader_role(prefix: str) -> str:
    return f"{prefix}-reader"


def secure(
    client: Elasticsearch, asked: Iterable[Request], *, patience: float, pause: float = PAUSE
) -> tuple[Request, ...]:
    """Send them in order; what was done. One that the server cannot take now is sent again for `patience` seconds.

    Raises SearchUnavailable after that, SearchError at once for what is refused.
    """
    end = time.monotonic() + patience
    return tuple(_done(client, request, end=end, pause=pause) for request in asked)


def _done(client: Elasticsearch, request: Request, *, end: float, pause: float) -> Request:
    while True:
        try:
            with translating(request.name):
                client.perform_request(request.method, request.path, headers=JSON, body=request.body)
        except SearchUnavailable:
            if time.monotonic() + pause > end:
                raise
            time.sleep(pause)
        else:
            return request


def admit_readers(kibana: Kibana, *, prefix: str) -> str:
    """Put the readers' role; its name. By Kibana's API, because Elasticsearch takes any name for a part of Kibana."""
    name = reader_role(prefix)
    kibana.ask("PUT", f"/api/security/role/{name}", body=json.dumps(_role("newswatch-reader", prefix)).encode())
    return name


def _user(name: str, password: str) -> Mapping[str, Any]:
    return {"password": password, "roles": [name], "metadata": {"made_by": "newswatch security setup"}}


def _role(file: str, prefix: str) -> Mapping[str, Any]:
    text = (FILES / f"{file}.json").read_text(encoding="utf-8")
    role: dict[str, Any] = json.loads(text.replace(f'"{_WRITTEN_FOR}', f'"{prefix}-'))
    return role
