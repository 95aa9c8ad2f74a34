"""The network guard, through the whole fetcher: what is refused never gets a connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import pytest

from pipeline.collect.addresses import why_not_public
from pipeline.collect.guard import GuardedResolver, guarded_sockets
from pipeline.errors import AddressRefused, BadUrl, ExchangeTimeout, FetchError, Unreachable
from tests.collect.common import Names, content, failed
from tests.webserver import serving

SPELLINGS: dict[str, type[FetchError]] = {
    "127.0.0.1": AddressRefused,
    "127.1": AddressRefused,
    "127.0.1": AddressRefused,
    "2130706433": AddressRefused,
    "0x7f000001": AddressRefused,
    "0x7f.1": AddressRefused,
    "0177.0.0.1": AddressRefused,
    "017700000001": AddressRefused,
    "127.0.0.1.": AddressRefused,
    "0": AddressRefused,
    "１２７.0.0.1": AddressRefused,  # full-width digits
    "①②⑦.0.0.1": AddressRefused,
    "127。0。0。1": AddressRefused,  # ideographic full stops
    "[::1]": AddressRefused,
    "[::ffff:127.0.0.1]": AddressRefused,
    "[::ffff:7f00:1]": AddressRefused,
    "[0:0:0:0:0:ffff:7f00:0001]": AddressRefused,
    "[::127.0.0.1]": AddressRefused,
    "[64:ff9b::7f00:1]": AddressRefused,
    "[2002:7f00:1::]": AddressRefused,
    "[fe80::1]": AddressRefused,
    "169.254.169.254": AddressRefused,
    "2852039166": AddressRefused,
    "[fd00:ec2::254]": AddressRefused,
    "134744072": BadUrl,  # 8.8.8.8, public, but nobody writes it so in good faith
    "8.8.2056": BadUrl,
    "256.1.1.1": BadUrl,
    "1.2.3.4.5": BadUrl,
    "0x": BadUrl,
}


@pytest.mark.parametrize(("host", "kind"), SPELLINGS.items())
def test_every_spelling_of_an_address_is_refused(host: str, kind: type[FetchError]) -> None:
    with serving({"/": (200, {}, "secret")}) as base_url:
        port = base_url.rpartition(":")[2]
        outcome = failed(f"http://{host}:{port}/", allow_private=False)
    assert type(outcome.error) is kind
    assert base_url.requests == []


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("::1",), ("10.0.0.1", "192.168.0.1"), ("::ffff:127.0.0.1",), ("169.254.169.254",), ("0.0.0.0",)],
)
def test_a_name_at_private_addresses_is_refused(addresses: tuple[str, ...]) -> None:
    with serving({"/": (200, {}, "secret")}) as base_url:
        url = base_url.replace("127.0.0.1", "rebind.example.org") + "/"
        outcome = failed(url, allow_private=False, lookup=Names({"rebind.example.org": addresses}))
    assert isinstance(outcome.error, AddressRefused)
    assert outcome.error.subject == url
    assert "rebind.example.org is at no public address" in str(outcome.error)
    assert not outcome.error.transient
    assert base_url.requests == []


def test_a_name_is_looked_up_once_and_the_answer_dialled() -> None:
    names = Names({"intranet.example.org": ("127.0.0.1",)})
    with serving({"/": (200, {}, "hello")}) as base_url:
        url = base_url.replace("127.0.0.1", "intranet.example.org")
        assert content(url, lookup=names).body == b"hello"
        assert base_url.requests[0].headers["Host"].startswith("intranet.example.org")
    assert names.asked == ["intranet.example.org"]


def test_only_the_public_ones_of_mixed_addresses_are_dialled() -> None:
    names = Names({"mixed.example.org": ("10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111")})
    found = asyncio.run(GuardedResolver(names, why_not_public).resolve("mixed.example.org", 80))
    assert [(result["host"], result["family"]) for result in found] == [
        ("8.8.8.8", socket.AF_INET),
        ("2606:4700::1111", socket.AF_INET6),
    ]


def test_a_slow_name_service_is_under_the_deadline() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.sleep(30)
        return ()

    error = failed("http://slow.example.org/", allow_private=False, lookup=never, fetch_deadline=0.2).error
    assert isinstance(error, ExchangeTimeout)


def test_a_mistake_of_ours_is_a_value_too(caplog: pytest.LogCaptureFixture) -> None:
    async def mistaken(_host: str, _port: int) -> Sequence[str]:
        raise KeyError("mistake")

    error = failed("http://example.org/", allow_private=False, lookup=mistaken).error
    assert type(error) is FetchError
    assert error.message == "unexpected: KeyError: 'mistake'"
    assert "mistaken" in caplog.text  # the trace is logged, for whoever must mend it


def test_localhost_of_the_real_resolver_is_refused() -> None:
    assert isinstance(failed("http://localhost:9/", allow_private=False).error, AddressRefused)


def this_server_only(address: str) -> str | None:
    """The judge of a test whose first hop must be let through: the real one, but for 127.0.0.1."""
    return None if address == "127.0.0.1" else why_not_public(address)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/",
        "http://2852039166/",
        "//[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://127.0.0.2/",
        "http://inside.example.org/",
    ],
)
def test_each_redirect_is_judged(status: int, location: str) -> None:
    names = Names({"inside.example.org": ("10.0.0.1",)})
    routes = {"/feed": (302, {"Location": "/again"}, ""), "/again": (status, {"Location": location}, "")}
    with serving(routes) as base_url:
        outcome = failed(f"{base_url}/feed", allow_private=False, lookup=names, judge=this_server_only)
    assert isinstance(outcome.error, AddressRefused)
    assert base_url.paths() == ["/feed", "/again"]


@pytest.mark.parametrize("location", ["http://169.254.169.254/", "http://127.1/", "http://[::1]/", "http://localhost/"])
def test_redirects_are_judged_behind_a_proxy_too(location: str) -> None:
    with serving({"/feed": (302, {"Location": location}, "")}) as proxy:
        outcome = failed("http://example.org/feed", allow_private=False, proxy=proxy)
    assert isinstance(outcome.error, AddressRefused)
    assert proxy.paths() == ["/feed"]


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.org/", "http://a:b@example.org/", "http://["]
)
def test_a_redirect_to_what_is_no_good_url_fails(location: str) -> None:
    with serving({"/feed": (302, {"Location": location}, "")}) as base_url:
        assert isinstance(failed(f"{base_url}/feed").error, BadUrl)


def test_connections_of_allowed_sources_serve_no_others() -> None:
    with serving({"/": (200, {}, "hello")}) as base_url:
        content(base_url)
        assert isinstance(failed(base_url, allow_private=False).error, AddressRefused)
        assert len(base_url.requests) == 1


def test_the_socket_factory_looks_once_more() -> None:
    make = guarded_sockets(why_not_public)
    with pytest.raises(AddressRefused):
        make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 80))).close()


def test_a_name_without_addresses() -> None:
    error = failed("http://gone.example.org/", allow_private=False, lookup=Names({})).error
    assert isinstance(error, Unreachable)
    assert str(error) == "http://gone.example.org/: no address is known for host gone.example.org"


def test_behind_a_proxy_local_names_are_refused_here() -> None:
    with serving({}) as proxy:
        for name in ("localhost", "printer.local", "vault.internal", "LOCALHOST."):
            assert isinstance(failed(f"http://{name}/", allow_private=False, proxy=proxy).error, AddressRefused)
    assert proxy.requests == []


def test_proxy_variables_of_the_system_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"/": (200, {}, "direct")}) as base_url, serving({"/": (200, {}, "proxied")}) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        assert content(f"{base_url}/").body == b"direct"
        assert content(f"{base_url}/", proxy=proxy).body == b"proxied"
