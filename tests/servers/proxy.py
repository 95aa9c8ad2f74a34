"""A real HTTP proxy in front of a server, which a test can make misbehave: `with proxying(url) as proxy`.

Everything is passed on, until `proxy.trouble` says otherwise for a request: it gets the path, the body, and a function
that passes the request on and gives what the server answers.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, bytes]
Forward = Callable[[bytes], Answer]
Trouble = Callable[[str, bytes, Forward], Answer | None]  # None: the connection is cut
PASSED_ON = ("Content-Type", "Accept")
PRODUCT = {"X-Elastic-Product": "Elasticsearch"}


def none(_path: str, body: bytes, forward: Forward) -> Answer:
    return forward(body)


@dataclass(slots=True)
class Proxy:
    url: str
    trouble: Trouble = none
    bulks: list[int] = field(default_factory=list)  # bytes of each


@contextmanager
def proxying(target: str) -> Iterator[Proxy]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/_bulk"):
                proxy.bulks.append(len(body))
            try:
                answered = proxy.trouble(self.path, body, self.forward)
            except OSError:  # nobody is there
                answered = None
            if answered is None:
                self.close_connection = True
                return
            with suppress(OSError):  # who asked does not wait any more
                self.give(*answered)

        def give(self, status: int, payload: bytes) -> None:
            self.send_response(status)
            media_type = self.headers.get("Accept", "application/json").replace("x-ndjson", "json")
            for name, value in (PRODUCT | {"Content-Type": media_type, "Content-Length": str(len(payload))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload if self.command != "HEAD" else b"")

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

        def forward(self, body: bytes) -> Answer:
            headers = {name: value for name in PASSED_ON if (value := self.headers.get(name))}
            asked = urllib.request.Request(target + self.path, body or None, headers, method=self.command)
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def error(status: int) -> Answer:
    return status, json.dumps({"error": {"type": "trouble", "reason": "not now"}, "status": status}).encode()


def overloaded(path: str, body: bytes, forward: Forward) -> Answer:
    """Of each bulk request only the first document is taken; the others are answered 429, item by item."""
    if not path.startswith("/_bulk"):
        return forward(body)
    lines = body.split(b"\n")
    status, payload = forward(b"\n".join([*lines[:2], b""]))
    answer = json.loads(payload)
    refused = {"type": "es_rejected_execution_exception", "reason": "queue capacity"}
    for meta in lines[2:-1:2]:
        answer["items"].append({"index": {"_id": json.loads(meta)["index"]["_id"], "status": 429, "error": refused}})
    return status, json.dumps(answer).encode()


def failing(status: int) -> Trouble:
    """Bulk requests are answered with this status."""
    return lambda path, body, forward: error(status) if path.startswith("/_bulk") else forward(body)
