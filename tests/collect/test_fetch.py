"""One fetch: conditional requests, redirects, statuses, headers and file: URLs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from pipeline.collect import Fetcher
from pipeline.errors import BadUrl, BodyTooLarge, HttpStatus, NewswatchError, TooManyRedirects, Unreachable
from pipeline.model import Content, Unchanged, Validators
from tests.collect.common import content, failed, fetch, settings
from tests.webserver import Answer, Handler, serving, talking

FEED = "<rss/>"
MODIFIED = "Sun, 01 Mar 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"abc"', "Last-Modified": MODIFIED},
        {"ETag": 'W/"a b,c"'},
        {"ETag": "not-quoted"},
        {"ETag": '"ខ្មែរ"'},
        {"Last-Modified": MODIFIED},
        {"Last-Modified": "yesterday, about noon"},
    ],
)
def test_validators_go_back_as_they_came(headers: dict[str, str]) -> None:
    routes: dict[str, Answer] = {"/feed": (200, headers, FEED)}
    with serving(routes) as base_url:
        first = content(f"{base_url}/feed")
        assert first.validators == Validators(headers.get("ETag"), headers.get("Last-Modified"))
        (second,) = fetch(f"{base_url}/feed", validators=first.validators)
        assert second == Unchanged(f"{base_url}/feed")
        routes["/feed"] = (200, {"ETag": '"new"'}, FEED + "\n")
        third = content(f"{base_url}/feed", validators=first.validators)
        assert third.body.endswith(b"\n")
    assert base_url.requests[1].headers.get("If-None-Match") == headers.get("ETag")
    assert base_url.requests[1].headers.get("If-Modified-Since") == headers.get("Last-Modified")


@pytest.mark.parametrize("etag", [b'"\xe9"', b'"' + b"x" * 2000 + b'"', b'"a\x01b"', b""])
def test_a_validator_that_cannot_be_sent_back_is_dropped(etag: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\nX-Name: caf\xe9\r\nContent-Length: 6\r\n\r\n<rss/>"
    with talking(lambda connection: connection.sendall(answer)) as base_url:
        (outcome,) = fetch(base_url)
    if isinstance(outcome, Content):
        assert outcome.validators == Validators()
        assert outcome.headers["x-name"] == "caf\ufffd"
    else:
        assert b"\x01" in etag  # aiohttp itself refuses such an answer


def test_not_modified_unasked_is_a_failure() -> None:
    with serving({"/": (304, {}, "")}) as base_url:
        error = failed(base_url).error
    assert isinstance(error, HttpStatus)
    assert error.status == 304


def test_what_we_say_of_ourselves() -> None:
    with serving({"/": (200, {}, FEED)}) as base_url:
        content(base_url, user_agent="Newswatch/0.1", contact="mailto:desk@example.org")
    sent = base_url.requests[0].headers
    assert sent["User-Agent"] == "Newswatch/0.1 +mailto:desk@example.org"
    assert sent["Accept"].startswith("application/atom+xml, application/rss+xml")
    assert sent["Accept-Encoding"] == "gzip, deflate"
    assert "Cookie" not in sent
    assert "Authorization" not in sent


def test_content_tells_where_it_came_from() -> None:
    routes: dict[str, Answer] = {
        "/old": (301, {"Location": "new?a=1#top"}, "moved"),
        "/new?a=1": (302, {"Location": "/today", "Set-Cookie": "a=1"}, ""),
        "/today": (200, {"Content-Type": "text/xml; charset=gb18030", "X-Two": "1"}, FEED),
    }
    with serving(routes) as base_url:
        got = content(f"{base_url}/old")
    assert (got.url, got.final_url) == (f"{base_url}/old", f"{base_url}/today")
    assert got.moved_to == f"{base_url}/new?a=1"
    assert got.headers["content-type"] == "text/xml; charset=gb18030"
    assert "content-length" not in got.headers
    assert "Cookie" not in base_url.requests[2].headers


def test_redirects_without_end() -> None:
    async def on(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"/?{int(request.query_string or 0) + 1}"})

    with serving({"/": on}) as base_url:
        assert isinstance(failed(base_url + "/?0").error, TooManyRedirects)
    assert len(base_url.requests) == 11


def test_a_redirect_to_itself() -> None:
    with serving({"/": (301, {"Location": "/"}, "")}) as base_url:
        assert isinstance(failed(base_url + "/").error, TooManyRedirects)
    assert len(base_url.requests) == 1


@pytest.mark.parametrize(
    ("status", "transient"),
    [(400, False), (403, False), (404, False), (410, False), (429, True), (500, True), (503, True)],
)
def test_statuses_are_failures(status: int, transient: bool) -> None:
    with serving({"/": (status, {"ETag": '"x"'}, "sorry")}) as base_url:
        error = failed(base_url).error
    assert isinstance(error, HttpStatus)
    assert (error.status, error.transient, error.retry_after) == (status, transient, None)
    assert error.message == f"the server answered {status}"


@pytest.mark.parametrize("status", [300, 305, 301])
def test_a_redirect_to_nowhere_is_a_status(status: int) -> None:
    with serving({"/": (status, {}, "")}) as base_url:
        assert isinstance(failed(base_url).error, HttpStatus)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Sun, 01 Mar 2026 12:10:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}, 600.0),
        ({"Retry-After": "Sun, 01 Mar 2026 12:10:00 GMT", "Date": "Sun, 01 Mar 2026 13:00:00 GMT"}, 0.0),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT", "Date": "no date"}, 30.0),  # our own clock says noon
        ({"Retry-After": "Sunday, 01-Mar-26 12:10:00 GMT", "Date": "Sun Mar  1 12:00:00 2026"}, 600.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Sun, 99 Mar 2026 99:10:00 GMT"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "9" * 400}, 999999999999.0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    with serving({"/": (503, headers, "")}) as base_url:
        error = failed(base_url).error
    assert isinstance(error, HttpStatus)
    assert error.retry_after == seconds


def test_connections_are_used_again() -> None:
    peers: list[object] = []

    async def on(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.append(request.transport.get_extra_info("peername"))
        return web.Response(text=FEED)

    async def run(base_url: str) -> None:
        async with Fetcher(settings()) as fetcher:
            for number in range(5):
                assert isinstance(await fetcher.fetch(f"{base_url}/{number}", allow_private=True), Content)

    routes: dict[str, Handler | Answer] = {"/0": (302, {"Location": "/5"}, ""), "/5": on}
    routes |= {f"/{number}": on for number in range(1, 5)}
    with serving(routes) as base_url:
        asyncio.run(run(base_url))
    assert len(peers) == 5
    assert len(set(peers)) == 1


def test_files_are_read_for_sources_that_are_allowed_them(tmp_path: Path) -> None:
    path = tmp_path / "a feed.xml"
    path.write_text(FEED)
    url = path.as_uri()
    assert isinstance(failed(url, allow_private=False).error, BadUrl)
    first = content(url)
    assert (first.body, first.final_url, first.moved_to) == (FEED.encode(), url, None)
    path.write_text(FEED)  # rewritten, with the same bytes
    assert fetch(url, validators=first.validators) == [Unchanged(url)]
    path.write_text(FEED + "\n")
    assert content(url, validators=first.validators).validators != first.validators


def test_relative_files_are_those_of_the_repository_or_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.xml").write_text(FEED)
    assert content("file:here.xml").body == FEED.encode()
    assert b"[project]" in content("file:pyproject.toml").body


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:", BadUrl),
        ("file:%00", BadUrl),
        ("file:%ff", BadUrl),
        ("file://host.example.org/etc/passwd", BadUrl),
        ("file://[bad/", BadUrl),
        ("file:no/such/file.xml", Unreachable),
        ("file:pipeline", Unreachable),
        ("file:///dev/zero", Unreachable),
        ("file:" + "a" * 5000, Unreachable),
    ],
)
def test_files_that_cannot_be_read(url: str, kind: type[NewswatchError]) -> None:
    assert type(failed(url).error) is kind


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    path.write_bytes(b" " * 2048)
    assert content(path.as_uri(), fetch_max_bytes=2048).body == b" " * 2048
    assert isinstance(failed(path.as_uri(), fetch_max_bytes=2047).error, BodyTooLarge)
