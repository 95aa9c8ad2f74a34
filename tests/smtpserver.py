"""A real SMTP server (aiosmtpd) in a thread, for tests: it keeps what it takes and misbehaves as told.

`with smtp_server() as server` takes everything; `smtp_server(Behaviour(...))` does not. `server.host` and
`server.port` say where it is; `server.messages` holds what it answered 250 to, or dropped the connection after.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP = "drop"  # instead of an answer: the connection is cut


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server does other than saying yes. Answers are lines such as "451 4.3.0 later", or DROP."""

    hello_delay: float = 0.0  # seconds before the answer to EHLO
    sender: tuple[str, ...] = ()  # answers to MAIL, one a mail; then yes
    refuse: Mapping[str, str] = field(default_factory=dict)  # recipient -> answer to RCPT, always
    data: tuple[str, ...] = ()  # answers after the final dot, one a mail; then yes
    delay: float = 0.0  # seconds between the final dot and its answer
    one_each: bool = False  # a connection is cut when it wants to send a second mail
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    users: Mapping[str, str] = field(default_factory=dict)  # if any, log-in is required


@dataclass(frozen=True, slots=True)
class Received:
    """One mail that went over the wire whole; `answered` is False if the sender never learnt so."""

    sender: str
    recipients: tuple[str, ...]
    body: bytes
    encrypted: bool
    user: str | None
    answered: bool

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.body, policy=policy.default)


@dataclass(slots=True)
class SmtpServer:
    behaviour: Behaviour
    host: str = "localhost"
    port: int = 0
    messages: list[Received] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # answers other than yes, in order
    connections: int = 0


@contextlib.contextmanager
def smtp_server(behaviour: Behaviour = Behaviour(), *, port: int = 0) -> Iterator[SmtpServer]:
    """Runs until the context is left. `port` 0 takes any free one."""
    server = SmtpServer(behaviour)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="smtp-server", daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(_listen(server, port), loop).result(30)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_close(listening), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(server: SmtpServer, port: int) -> asyncio.Server:
    behaviour = server.behaviour
    handler = _Handler(server)
    # A host name of its own, because aiosmtpd would ask a name server for one.
    options: dict[str, Any] = {"hostname": "mail.test", "tls_context": behaviour.starttls}
    if behaviour.users:
        # That log-in is required is said at MAIL: aiosmtpd would warn of every server that asks for it without TLS.
        options |= {"authenticator": _authenticator(behaviour), "auth_require_tls": behaviour.starttls is not None}

    def session() -> SMTP:
        server.connections += 1
        return SMTP(handler, require_starttls=behaviour.starttls is not None, **options)

    loop = asyncio.get_running_loop()
    return await loop.create_server(session, "127.0.0.1", port, ssl=behaviour.tls)


async def _close(listening: asyncio.Server) -> None:
    listening.close()
    open_sessions = asyncio.all_tasks() - {asyncio.current_task()}
    for task in open_sessions:
        task.cancel()
    await asyncio.gather(*open_sessions, return_exceptions=True)


def _authenticator(behaviour: Behaviour) -> Callable[..., AuthResult]:
    def authenticate(
        smtp: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = behaviour.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False, auth_data=data if known else None)

    return authenticate


def _received(smtp: SMTP, session: Session, envelope: Envelope, *, answered: bool) -> Received:
    user = session.auth_data.login.decode() if session.auth_data else None
    body = envelope.original_content or b""
    encrypted = smtp.transport is not None and smtp.transport.get_extra_info("ssl_object") is not None
    return Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), body, encrypted, user, answered)


class _Handler:
    """The hooks that aiosmtpd calls. An answer is the line sent; None goes on as usual."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.sender = iter(server.behaviour.sender)
        self.data = iter(server.behaviour.data)

    async def handle_EHLO(
        self, smtp: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        await asyncio.sleep(self.server.behaviour.hello_delay)
        return responses

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.server.behaviour.users and not session.authenticated:
            return self._said(smtp, "530 5.7.0 Authentication required")
        answer = self._said(smtp, next(self.sender, "250 OK"))
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._said(smtp, self.server.behaviour.refuse.get(address, "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        answer = next(self.data, "250 OK")
        if answer == DROP or answer.startswith("250"):
            self.server.messages.append(_received(smtp, session, envelope, answered=answer != DROP))
        await asyncio.sleep(self.server.behaviour.delay)
        return self._said(smtp, answer)

    async def handle_RSET(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        return self._said(smtp, DROP if self.server.behaviour.one_each else "250 OK")

    def _said(self, smtp: SMTP, answer: str) -> str:
        if not answer.startswith("250"):
            self.server.refused.append(answer)
        if answer == DROP:
            assert smtp.transport is not None
            cast(asyncio.WriteTransport, smtp.transport).abort()
            return "421 the connection is gone"
        return answer
