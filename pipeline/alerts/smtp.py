"""Sending through an SMTP server (RFC 5321), one message at a time over one connection for a run.

Promises: a message counts as sent when the server said 250 to its final dot, and one call of `send` transmits it at
most once. What is wrong with the server or the settings (no connection, TLS, log-in, sender) raises MailUnavailable,
so that no message is given up for it; only what the server says of this message or recipient for good (5xx) raises
MailRefused. It does not decide when to try again. How the connection is made: `smtp_connect`.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from pipeline.alerts.addresses import ascii_address, sender_address
from pipeline.alerts.smtp_connect import connect, words
from pipeline.crashpoint import reach
from pipeline.errors import MailError, MailRefused, MailUnavailable
from pipeline.model import Message
from pipeline.settings import Settings

# 5xx answers that blame the session and not the message, at whatever command they come (RFC 4954, RFC 3207; 503 is a
# server that lost its state, or that wants a log-in first).
_SESSION_CODES = frozenset({503, 530, 534, 535, 538})
_FINAL = "the final dot"
_TOO_BIG = 552  # the one permanent answer to MAIL that is about the message (RFC 1870)

_HINTS = {
    "MAIL": "; check NEWSWATCH_MAIL_FROM",
    "log-in": "; check NEWSWATCH_SMTP_USER, NEWSWATCH_SMTP_PASSWORD and NEWSWATCH_SMTP_SECURITY",
}


class SmtpMailer:
    """Connects at the first message and keeps the connection until the context is left."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = f"{settings.smtp_host}:{settings.smtp_port}"
        self._sender = sender_address(settings.mail_from)
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):  # whatever QUIT answers, every message has had its answer
                self._connection.quit()
        self._drop()

    def send(self, message: Message) -> None:
        """Raises MailUnavailable or MailRefused."""
        recipient = ascii_address(message.recipient)
        reach("mail.send.before")
        connection = self._ready()
        with self._translated():
            size = [f"size={len(message.body)}"] if connection.has_extn("size") else []
            self._check("MAIL", connection.mail(self._sender, size), message)
            self._check("RCPT", connection.rcpt(recipient), message)
            self._check("DATA", connection.docmd("DATA"), message)
            connection.send(_transparent(message.body))
        reach("mail.dot.after")
        with self._translated(maybe_sent=True):
            if connection.sock:
                connection.sock.settimeout(self._settings.smtp_final_timeout)
            answer = connection.getreply()
            if connection.sock:
                connection.sock.settimeout(self._settings.smtp_timeout)
        self._check(_FINAL, answer, message)
        reach("mail.send.after")

    def _ready(self) -> smtplib.SMTP:
        """A connection in its first state; one that the server closed meanwhile is replaced."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                if self._connection.rset()[0] == 250:
                    return self._connection
            self._drop()
        self._connection = connect(self._settings)
        return self._connection

    @contextlib.contextmanager
    def _translated(self, *, maybe_sent: bool = False) -> Iterator[None]:
        """Errors of the connection as ours. smtplib's own are OSErrors too."""
        try:
            yield
        except OSError as error:
            self._drop()
            doubt = "after the whole message was sent, which may have arrived" if maybe_sent else "before the end"
            message = f"the connection broke {doubt}: {words(error)}"
            raise MailUnavailable(self._server, message, maybe_sent=maybe_sent) from error

    def _check(self, command: str, answer: tuple[int, bytes], message: Message) -> None:
        """Nothing if `answer` lets us go on; raises what it means if not."""
        code, said = answer
        if code == 354 if command == "DATA" else 200 <= code < 300:
            return
        if not 400 <= code < 600:
            self._drop()  # not SMTP any more: what is read next could answer something else
        raise _fault(command, code, said.decode("utf-8", "replace"), server=self._server, recipient=message.recipient)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _fault(command: str, code: int, said: str, *, server: str, recipient: str) -> MailError:
    """What `code` in answer to `command` means: the message's fault for good, or not."""
    answer = f"{' '.join(said.split())[:300]} ({code})"
    if code in _SESSION_CODES:
        return MailUnavailable(server, f"the server says: {answer}{_HINTS['log-in']}")
    if not 500 <= code < 600:
        lost = command == _FINAL and not 400 <= code < 500
        return MailUnavailable(recipient, f"{server} does not take {_what(command)} now: {answer}", maybe_sent=lost)
    if command == "MAIL" and code != _TOO_BIG:
        return MailUnavailable(server, f"the server does not take mail from this sender: {answer}{_HINTS['MAIL']}")
    return MailRefused(recipient, f"{server} refused {_what(command)}: {answer}")


def _what(command: str) -> str:
    return "the recipient" if command == "RCPT" else "the message"


def _transparent(body: bytes) -> bytes:
    """`body` as it travels after DATA: dots at line starts doubled, the final dot added (RFC 5321, section 4.5.2)."""
    ended = body if body.endswith(b"\r\n") else body + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"
