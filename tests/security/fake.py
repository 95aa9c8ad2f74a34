"""A server that plays Elasticsearch's security API: it checks each request as Elastic's reference says, and remembers.

Written by hand from the pages "Create or update roles", "Create or update users", "Change passwords" and "Elasticsearch
privileges" of Elastic's reference for version 9. It knows the requests that Newswatch makes, and nobody's rights.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tests.webserver import Handler

CLUSTER = "all monitor manage manage_ilm manage_index_templates manage_security read_ilm none".split()
INDEX = (
    "all auto_configure create create_doc create_index delete delete_index index maintenance manage manage_ilm monitor "
    "read view_index_metadata write none"
).split()
_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}}
PASSWORD = {"type": "string", "minLength": 6}
ROLE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "description": {"type": "string", "maxLength": 1000},
        "cluster": {"type": "array", "items": {"enum": CLUSTER}},
        "indices": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["names", "privileges"],
                "properties": {"names": _NAMES, "privileges": {"type": "array", "items": {"enum": INDEX}}},
            },
        },
    },
}
USER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["password", "roles"],
    "properties": {"password": PASSWORD, "roles": _NAMES, "metadata": {"type": "object"}},
}
NEW_PASSWORD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["password"],
    "properties": {"password": PASSWORD},
}
# Elasticsearch's own client goes on only if a server says so.
PRODUCT = {"X-Elastic-Product": "Elasticsearch"}


@dataclass(slots=True)
class FakeSecurity:
    """`starting` answers of 503 come first; `refused` are paths that this user may not ask for."""

    password: str
    starting: int = 0
    refused: set[str] = field(default_factory=set)
    roles: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    users: dict[str, Mapping[str, Any]] = field(default_factory=lambda: {"kibana_system": {}})

    def routes(self, *, prefix: str = "newswatch") -> dict[str, Handler]:
        return {
            f"/_security/role/{prefix}": self._guarded("PUT", ROLE, self._role),
            f"/_security/user/{prefix}": self._guarded("PUT", USER, self._user),
            f"/_security/user/{prefix}-reader": self._guarded("PUT", USER, self._user),
            "/_security/user/kibana_system/_password": self._guarded("POST", NEW_PASSWORD, self._new_password),
        }

    def _guarded(
        self, method: str, schema: Mapping[str, Any], act: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    ) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            expected = "Basic " + b64encode(f"elastic:{self.password}".encode()).decode()
            if self.starting:
                self.starting -= 1
                return failure(503, "unavailable_shards_exception", "[.security-7] primary shard is not active")
            if request.headers.get("authorization") != expected:
                return failure(401, "security_exception", "unable to authenticate user [elastic] for REST request")
            if request.path in self.refused:
                return failure(403, "security_exception", "action is unauthorized for user [elastic]")
            if request.method != method:
                return failure(405, "illegal_argument_exception", f"Incorrect HTTP method for uri [{request.path}]")
            body = await request.json()
            if error := best_match(Draft202012Validator(schema).iter_errors(body)):
                return failure(400, "action_request_validation_exception", f"Validation Failed: {error.json_path}")
            return web.json_response(act(request.path.split("/")[3], body), headers=PRODUCT)

        return answer

    def _role(self, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        created, self.roles[name] = name not in self.roles, body
        return {"role": {"created": created}}

    def _user(self, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        created, self.users[name] = name not in self.users, body
        return {"created": created}

    def _new_password(self, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.users[name] = {**self.users[name], **body}
        return {}


def failure(status: int, kind: str, reason: str) -> web.Response:
    error = {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}
    return web.json_response({"error": error, "status": status}, status=status, headers=PRODUCT)
