"""A server that plays Kibana: it checks each request as the published description says, and remembers what it took.

It knows the few requests that Newswatch makes, and answers in Kibana's own forms, errors included. It draws nothing.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tests.webserver import Handler

SCHEMA = json.loads(Path(__file__).with_name("requests.schema.json").read_text(encoding="utf-8"))
VERSION = {"number": "9.5.3", "build_flavor": "traditional"}


def wrong(kind: str, value: Any) -> str:
    """What is wrong with a value of that kind, "" if nothing is."""
    error = best_match(Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{kind}"}).iter_errors(value))
    return f"[request body.{error.json_path}]: {error.message}" if error else ""


@dataclass(slots=True)
class FakeKibana:
    """`levels` are the answers of the status, one after the other; the last one stays."""

    space: str = ""
    authorization: str | None = None
    levels: list[str] = field(default_factory=lambda: ["available"])
    version: Mapping[str, Any] | None = field(default_factory=lambda: VERSION)
    objects: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    dashboards: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # ids of saved objects that are not taken
    dropped: set[str] = field(default_factory=set)  # types of panels that are left out
    imports: int = 0

    def routes(self, *dashboards: str) -> dict[str, Handler]:
        start = f"/s/{self.space}" if self.space else ""
        every = {"/api/status": self._status, "/api/saved_objects/_import": self._import}
        every |= {f"/api/dashboards/{identity}": self._dashboard for identity in dashboards}
        return {start + path: self._guarded(handler) for path, handler in every.items()}

    def _guarded(self, handler: Callable[[web.Request], Awaitable[web.Response]]) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if self.authorization and request.headers.get("authorization") != self.authorization:
                return failure(401, "unable to authenticate user for REST request [/_security/_authenticate]")
            if request.method != "GET" and "kbn-xsrf" not in request.headers:
                return failure(400, "Request must contain a kbn-xsrf header.")
            return await handler(request)

        return answer

    async def _status(self, request: web.Request) -> web.Response:
        level = self.levels.pop(0) if len(self.levels) > 1 else self.levels[0]
        if level == "starting":
            return web.Response(status=503, text="Kibana server is not ready yet")
        answer = {"status": {"overall": {"level": level}}}
        return web.json_response(answer | ({"version": self.version} if self.version else {}))

    async def _import(self, request: web.Request) -> web.Response:
        if request.query.get("overwrite") != "true":
            return failure(400, "[request query.overwrite]: every object is there already")
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        (file,) = message_from_bytes(head + await request.read(), policy=policy.default).iter_parts()
        if not (file.get_filename() or "").endswith(".ndjson"):
            return failure(400, "Invalid file extension")
        given = [json.loads(line) for line in file.get_content().splitlines()]
        for each in given:
            if said := wrong("savedObject", each):
                return failure(400, said)
        return web.json_response(self._imported(given))

    def _imported(self, given: list[Mapping[str, Any]]) -> Mapping[str, Any]:
        self.imports += 1
        known = {*self.objects, *(each["id"] for each in given)}
        errors = [
            {"id": each["id"], "type": each["type"], "error": {"type": "missing_references"}}
            for each in given
            if each["id"] in self.refused or any(one["id"] not in known for one in each["references"])
        ]
        taken = {each["id"]: each for each in given if each["id"] not in {error["id"] for error in errors}}
        self.objects |= taken
        results = [{"id": each["id"], "type": each["type"]} for each in taken.values()]
        return {"success": not errors, "successCount": len(taken), "errors": errors, "successResults": results}

    async def _dashboard(self, request: web.Request) -> web.Response:
        identity = request.path.rpartition("/")[2]
        if request.method == "GET":
            if identity not in self.dashboards:
                return failure(404, f"Saved object [dashboard/{identity}] not found")
            return web.json_response({"id": identity, "data": self.dashboards[identity], "meta": {}})
        body = await request.json()
        if said := wrong("dashboard", body):
            return failure(400, said)
        self.dashboards[identity] = body
        left_out = [panel for panel in body["panels"] if panel["type"] in self.dropped]
        warnings = [{"type": "dropped_panel", "message": f"no panel type {panel['type']}"} for panel in left_out]
        return web.json_response(
            {"id": identity, "data": body, "meta": {}} | ({"warnings": warnings} if warnings else {})
        )


def failure(status: int, message: str) -> web.Response:
    names = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
    return web.json_response({"statusCode": status, "error": names[status], "message": message}, status=status)
