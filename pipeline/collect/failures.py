"""The one place where the exceptions of aiohttp and of sockets become ours.

Promises: whatever an exchange raises for an expected reason becomes a FetchError of the right kind with a sentence for
people. The table names every client exception of aiohttp, one by one; a test fails when aiohttp grows another.
Programming errors are not translated.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
from aiohttp import client_exceptions

from pipeline.errors import AddressRefused, BadUrl, ExchangeTimeout, FetchError, TooManyRedirects, Unreachable

Words = Callable[[Any], str]

_BY_ERRNO: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "the server cut the connection",
    errno.EPIPE: "the server cut the connection",
    errno.ETIMEDOUT: "the host does not answer",
    errno.EHOSTUNREACH: "there is no way to the host",
    errno.ENETUNREACH: "there is no way to the host's network",
    errno.EADDRNOTAVAIL: "this machine has no address from which to reach the host",
    errno.EMFILE: "this process has too many open files",
}
_NO_SUCH_NAME: Final = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


def _os(error: OSError) -> str:
    known = _BY_ERRNO.get(error.errno or 0)
    return known or error.strerror or (os.strerror(error.errno) if error.errno else str(error)) or "connection failed"


def _connect(error: aiohttp.ClientConnectorError) -> str:
    return _os(error.os_error)


def _name(error: aiohttp.ClientConnectorDNSError) -> str:
    if error.os_error.errno in _NO_SUCH_NAME:
        return f"no address is known for host {error.host}"
    return f"the address of host {error.host} cannot be looked up (is there a network?)"


def _certificate(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    return f"TLS certificate is not valid: {getattr(cause, 'verify_message', '') or cause}"


def _tls(error: ssl.SSLError) -> str:
    return f"no TLS connection: {(error.reason or 'handshake failed').lower().replace('_', ' ')}"


def _tls_connect(error: aiohttp.ClientConnectorSSLError) -> str:
    cause = error.os_error
    return _tls(cause) if isinstance(cause, ssl.SSLError) else f"no TLS connection: {_os(cause)}"


def _not_http(error: aiohttp.ClientResponseError) -> str:
    first = (error.message or "").strip().partition("\n")[0].rstrip(":")
    return f"the answer is not valid HTTP: {first[:200]}"


def _say(words: str) -> Words:
    return lambda _error: words


TABLE: Final[dict[type[Exception], tuple[type[FetchError], Words]]] = {
    aiohttp.ClientConnectorDNSError: (Unreachable, _name),
    aiohttp.ClientConnectorCertificateError: (Unreachable, _certificate),
    aiohttp.ClientConnectorSSLError: (Unreachable, _tls_connect),
    aiohttp.ClientSSLError: (Unreachable, _tls_connect),
    aiohttp.ClientProxyConnectionError: (Unreachable, lambda error: f"the proxy cannot be reached: {_connect(error)}"),
    client_exceptions.UnixClientConnectorError: (Unreachable, _connect),
    aiohttp.ClientConnectorError: (Unreachable, _connect),
    client_exceptions.ClientConnectionResetError: (Unreachable, _say("the server cut the connection")),
    aiohttp.ClientOSError: (Unreachable, _os),
    aiohttp.ServerDisconnectedError: (Unreachable, _say("the server closed the connection without an answer")),
    aiohttp.ConnectionTimeoutError: (ExchangeTimeout, _say("the host does not answer")),
    aiohttp.SocketTimeoutError: (ExchangeTimeout, _say("the server stopped answering")),
    aiohttp.ServerTimeoutError: (ExchangeTimeout, _say("the server stopped answering")),
    aiohttp.ServerFingerprintMismatch: (Unreachable, _say("TLS certificate is not the expected one")),
    aiohttp.ServerConnectionError: (Unreachable, _say("connection failed")),
    aiohttp.ClientConnectionError: (Unreachable, _say("connection failed")),
    aiohttp.ClientPayloadError: (Unreachable, _say("the answer broke off before its end")),
    client_exceptions.UploadAbortedError: (Unreachable, _say("the request was not taken whole")),
    aiohttp.ClientHttpProxyError: (Unreachable, lambda error: f"the proxy answered {error.status}"),
    aiohttp.TooManyRedirects: (TooManyRedirects, _say("too many redirects")),
    aiohttp.ContentTypeError: (Unreachable, _not_http),
    aiohttp.WSServerHandshakeError: (Unreachable, _not_http),
    aiohttp.ClientResponseError: (Unreachable, _not_http),
    client_exceptions.WSMessageTypeError: (Unreachable, _say("the answer is not valid HTTP")),
    aiohttp.InvalidUrlRedirectClientError: (BadUrl, _say("redirects to what is not a URL")),
    aiohttp.NonHttpUrlRedirectClientError: (BadUrl, _say("redirects to what is not http or https")),
    aiohttp.RedirectClientError: (BadUrl, _say("redirects to what is not a URL")),
    aiohttp.InvalidUrlClientError: (BadUrl, _say("not a URL")),
    aiohttp.NonHttpUrlClientError: (BadUrl, _say("only http and https are fetched")),
    aiohttp.InvalidURL: (BadUrl, _say("not a URL")),
    aiohttp.ClientError: (Unreachable, _say("the exchange failed")),
    ssl.SSLError: (Unreachable, _tls),
    TimeoutError: (ExchangeTimeout, _say("the host does not answer")),
    OSError: (Unreachable, _os),
    UnicodeError: (BadUrl, _say("the host name cannot be written in DNS")),
}


def translate(error: Exception, url: str) -> FetchError | None:
    """Our error for `error`, by the nearest class of its ancestry in TABLE; None if nothing there is near."""
    for kind in type(error).__mro__:
        if kind in TABLE:
            ours, words = TABLE[kind]
            return ours(url, words(error))
    return None


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise FetchErrors about `url` instead of what the block raises."""
    try:
        yield
    except AddressRefused as error:  # born in the resolver, which knows a name and no URL
        raise AddressRefused(url, error.message) from error
    except tuple(TABLE) as error:
        ours = translate(error, url)
        assert ours is not None
        raise ours from error
