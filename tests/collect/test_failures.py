"""Foreign exceptions become ours: the table is complete, and real failures read well."""

from __future__ import annotations

import datetime as dt
import errno
import pickle
import socket
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import client_exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.collect.failures import TABLE, translate
from pipeline.errors import ExchangeTimeout, FetchError, Unreachable
from tests.collect.common import NOON, failed
from tests.webserver import serving

URL = "http://example.org/"


def all_below(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(all_below(sub) for sub in kind.__subclasses__()))


def test_every_client_exception_of_aiohttp_is_in_the_table() -> None:
    exported = {getattr(client_exceptions, name) for name in client_exceptions.__all__}
    existing = {kind for kind in all_below(aiohttp.ClientError) if kind.__module__.startswith("aiohttp.")}
    assert (exported | existing) - set(TABLE) == set()


def test_what_is_not_in_the_table_is_not_translated() -> None:
    assert translate(KeyError("a mistake of ours"), URL) is None


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ECONNRESET, "x"), Unreachable, "the server cut the connection"),
        (OSError(errno.EHOSTUNREACH, "x"), Unreachable, "there is no way to the host"),
        (OSError(errno.EDOM, "Numerical argument out of domain"), Unreachable, "Numerical argument out of domain"),
        (OSError("Multiple exceptions: a, b"), Unreachable, "Multiple exceptions: a, b"),
        (OSError(), Unreachable, "connection failed"),
        (TimeoutError(), ExchangeTimeout, "the host does not answer"),
        (aiohttp.ServerDisconnectedError(), Unreachable, "the server closed the connection without an answer"),
        (aiohttp.ServerTimeoutError(), ExchangeTimeout, "the server stopped answering"),
    ],
)
def test_words(error: Exception, kind: type[FetchError], words: str) -> None:
    ours = translate(error, URL)
    assert type(ours) is kind
    assert ours.message == words
    assert str(pickle.loads(pickle.dumps(ours))) == f"{URL}: {words}"


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = failed(f"http://127.0.0.1:{unused.getsockname()[1]}/").error
    assert isinstance(error, Unreachable)
    assert error.message == "connection refused"


def test_a_proxy_that_is_not_there() -> None:
    error = failed(URL, allow_private=False, proxy="http://127.0.0.1:1").error
    assert error.message == "the proxy cannot be reached: connection refused"


def test_a_proxy_that_will_not_tunnel() -> None:
    with serving({}) as proxy:
        error = failed("https://example.org/", allow_private=False, proxy=proxy).error
    assert error.message == "the proxy answered 404"


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with serving({"/": (200, {}, "x")}, tls=self_signed(tmp_path)) as base_url:
        error = failed(base_url).error
    assert isinstance(error, Unreachable)
    assert error.message == "TLS certificate is not valid: self-signed certificate"
    assert base_url.requests == []


def test_tls_towards_a_server_that_speaks_none() -> None:
    with serving({"/": (200, {}, "x")}) as base_url:
        error = failed(base_url.replace("http:", "https:")).error
    assert isinstance(error, Unreachable)
    assert error.message.startswith("no TLS connection: ")


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOON - dt.timedelta(3650))
    certificate = builder.not_valid_after(NOON + dt.timedelta(36500)).sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
