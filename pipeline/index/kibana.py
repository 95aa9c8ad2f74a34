"""Kibana's side of search: data views, saved searches and dashboards, put there through its documented HTTP APIs.

Promises that an installation can be repeated (same ids, whole replacement) and that it fails loudly: an error names the
request, the status and Kibana's own reason. Saved objects go through the import API, which replaces by id, dashboards
through the Dashboards API. It deletes nothing, and waits only where it is told to.
"""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from elastic_transport import HttpHeaders, TransportError, Urllib3HttpNode
from elastic_transport.client_utils import url_to_node_config

from pipeline.errors import SearchError, SearchUnavailable, SettingsError
from pipeline.index.kibana_files import Contents, Dashboard, ndjson
from pipeline.settings import Settings

TIMEOUT = 30.0  # seconds for one exchange
PAUSE = 2.0  # seconds between two looks at a Kibana that is not ready
OLDEST = (9, 4)  # the first Kibana with a Dashboards API
_BOUNDARY = "newswatch-saved-objects"
_LATER = frozenset({408, 429, 500, 502, 503, 504})
_NOT_KIBANA = "is NEWSWATCH_KIBANA_URL the address of Kibana? (For OpenSearch Dashboards: newswatch kibana export)"
_MEND: Mapping[int, str] = {
    400: "this Kibana may be of another version than docs/kibana.md names",
    401: "check NEWSWATCH_KIBANA_API_KEY, or NEWSWATCH_KIBANA_USER and NEWSWATCH_KIBANA_PASSWORD",
    403: "the user or key lacks a privilege that docs/kibana.md lists",
    404: "see that NEWSWATCH_KIBANA_URL is the address of a Kibana 9.5 or newer, and that the space exists",
    409: "something else has that id; see docs/kibana.md",
}


@dataclass(frozen=True, slots=True)
class Installed:
    """What Kibana took: the number of saved objects, and the dashboards."""

    objects: int
    dashboards: tuple[Dashboard, ...]


class Kibana:
    """One space of one Kibana. Nothing is asked before it is used."""

    def __init__(self, url: str, *, space: str | None = None, authorization: str | None = None) -> None:
        self._node = Urllib3HttpNode(url_to_node_config(url, use_default_ports_for_scheme=True))
        self._start = f"/s/{quote(space, safe='')}" if space else ""
        self._headers = {"kbn-xsrf": "newswatch"} | ({"authorization": authorization} if authorization else {})

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, kind: str = "application/json"
    ) -> dict[str, Any]:
        """The answer's JSON object. Raises SearchUnavailable if it may come later, SearchError if it is refused."""
        status, said = self._exchange(method, path, body, kind)
        if not 200 <= status < 300:
            raise _refused(f"{method} {self._start}{path}", status, said)
        if status == 204:  # done, and nothing to say
            return {}
        try:
            return dict(json.loads(said))
        except (TypeError, ValueError) as error:
            raise SearchError(
                f"{method} {self._start}{path}", f"the answer is no JSON object; {_NOT_KIBANA}"
            ) from error

    def has(self, path: str) -> bool:
        """Whether something is there. Raises as `ask` does for every answer but yes and no."""
        status, said = self._exchange("GET", path, None, "")
        if status != 404 and not 200 <= status < 300:
            raise _refused(f"GET {self._start}{path}", status, said)
        return status != 404

    def _exchange(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, bytes]:
        headers = HttpHeaders(self._headers | ({"content-type": kind} if body is not None else {}))
        target = self._start + path
        try:
            meta, said = self._node.perform_request(method, target, body=body, headers=headers, request_timeout=TIMEOUT)
        except TransportError as error:
            silent = f"Kibana does not answer ({error.message}); see that it runs at NEWSWATCH_KIBANA_URL"
            raise SearchUnavailable(f"{method} {target}", silent) from error
        return meta.status, said

    def close(self) -> None:
        self._node.close()


def open_kibana(settings: Settings, *, space: str | None = None) -> Kibana:
    """The Kibana of the settings. Raises SettingsError if none is set."""
    if settings.kibana_url is None:
        raise SettingsError("NEWSWATCH_KIBANA_URL", "is not set; it is the address of Kibana")
    return Kibana(settings.kibana_url, space=space, authorization=_authorization(settings))


def _authorization(settings: Settings) -> str | None:
    if settings.kibana_api_key is not None:
        return f"ApiKey {settings.kibana_api_key.get_secret_value()}"
    if settings.kibana_user:
        password = settings.kibana_password.get_secret_value() if settings.kibana_password else ""
        return "Basic " + b64encode(f"{settings.kibana_user}:{password}".encode()).decode()
    return None


def wait_until_ready(kibana: Kibana, *, patience: float, pause: float = PAUSE) -> str:
    """Kibana's version, or "", once it is available. Raises SearchUnavailable after `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            return _ready(kibana)
        except SearchUnavailable as error:
            if time.monotonic() + pause > end:
                raise SearchUnavailable(error.subject, f"{error.message} (waited {patience:.0f} s)") from error
        time.sleep(pause)


def _ready(kibana: Kibana) -> str:
    answer = kibana.ask("GET", "/api/status")
    try:
        level = str(answer["status"]["overall"]["level"])
    except (KeyError, TypeError) as error:
        raise SearchError("GET /api/status", f"the answer has no level; {_NOT_KIBANA}") from error
    if level not in ("available", "degraded"):
        raise SearchUnavailable("GET /api/status", f'Kibana says that it is "{level}"')
    version = str(answer.get("version", {}).get("number", ""))  # left out for those who may not monitor
    known = re.match(r"(\d+)\.(\d+)", version)
    if known and (int(known[1]), int(known[2])) < OLDEST:
        raise SearchError("GET /api/status", f"Kibana {version} has no Dashboards API; it takes 9.5 or newer")
    return version


def install(kibana: Kibana, contents: Contents) -> Installed:
    """Put everything, replacing what has the same ids. Raises SearchError at the first that is not taken whole."""
    path = "/api/saved_objects/_import?overwrite=true"
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    answer = kibana.ask("POST", path, body=_multipart(ndjson(contents.objects)), kind=kind)
    if not answer.get("success"):
        raise SearchError(f"POST {path}", "Kibana did not take " + "; ".join(map(_not_taken, answer.get("errors", ()))))
    for dashboard in contents.dashboards:
        _put(kibana, dashboard)
    return Installed(int(answer["successCount"]), contents.dashboards)


def _put(kibana: Kibana, dashboard: Dashboard) -> None:
    path = f"/api/dashboards/{dashboard.id}"
    answer = kibana.ask("PUT", path, body=json.dumps(dashboard.body, ensure_ascii=False).encode())
    if dropped := answer.get("warnings"):
        raise SearchError(f"PUT {path}", "Kibana left out: " + "; ".join(str(each.get("message")) for each in dropped))


def missing(kibana: Kibana, contents: Contents) -> tuple[str, ...]:
    """Titles of the dashboards that are not there."""
    return tuple(each.title for each in contents.dashboards if not kibana.has(f"/api/dashboards/{each.id}"))


def _refused(request: str, status: int, body: bytes) -> SearchError:
    said = f"Kibana answered {status}: {_reason(body)}"
    if status in _LATER:
        return SearchUnavailable(request, said)
    return SearchError(request, f"{said}; {_MEND[status]}" if status in _MEND else said)


def _reason(body: bytes) -> str:
    """Kibana's own words, or the start of whatever was answered instead."""
    text = body.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except ValueError:
        return text.strip()[:200] or "without a word"
    return str(answer.get("message") or answer.get("error") or answer) if isinstance(answer, dict) else text[:200]


def _not_taken(error: Mapping[str, Any]) -> str:
    return f"{error.get('type')} {error.get('id')} ({json.dumps(error.get('error'))})"


def _multipart(file: str) -> bytes:
    """A form with one file, as RFC 7578 has it; Kibana wants its name to end in .ndjson."""
    head = 'Content-Disposition: form-data; name="file"; filename="newswatch.ndjson"'
    return f"--{_BOUNDARY}\r\n{head}\r\nContent-Type: application/ndjson\r\n\r\n{file}\r\n--{_BOUNDARY}--\r\n".encode()
