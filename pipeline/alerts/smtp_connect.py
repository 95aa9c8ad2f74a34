"""Opening a connection to the SMTP server of the settings: greeting, encryption, log-in.

Promises a connection that is ready for mail, or MailUnavailable saying in words what is wrong and which setting to
look at. Certificates are always checked, there is no falling back to an unencrypted connection, and a password is not
sent without encryption except to this machine.
"""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Callable

from pipeline.errors import MailUnavailable
from pipeline.settings import Settings


def connect(settings: Settings) -> smtplib.SMTP:
    """A connection that has said EHLO and, if the settings say so, is encrypted and logged in."""
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with contextlib.ExitStack() as undo:
            connection = _OPEN[settings.smtp_security](settings)
            undo.callback(connection.close)
            _prepare(connection, settings)
            undo.pop_all()
    except OSError as error:
        raise MailUnavailable(server, words(error)) from error
    except UnicodeError as error:
        message = "NEWSWATCH_SMTP_USER and NEWSWATCH_SMTP_PASSWORD may hold only ASCII characters"
        raise MailUnavailable(server, message) from error
    return connection


def ping(settings: Settings) -> str:
    """Connect and log in as for a mail, and leave; who answers and how, in words. Raises MailUnavailable."""
    connection = connect(settings)
    try:
        with contextlib.suppress(OSError):  # it said all that was asked
            connection.quit()
    finally:
        connection.close()
    log_in = f", logged in as {settings.smtp_user}" if settings.smtp_user else ""
    return f"{settings.smtp_host}:{settings.smtp_port} answers, {_SECURITY[settings.smtp_security]}{log_in}"


_SECURITY = {"none": "not encrypted", "starttls": "encrypted (STARTTLS)", "tls": "encrypted (TLS)"}


def words(error: OSError) -> str:
    """What an error of the connection means, for people. The more particular classes come first."""
    for kind, say in _WORDS:
        if isinstance(error, kind):
            return say(error)
    return error.strerror or str(error) or type(error).__name__


def _plain(settings: Settings) -> smtplib.SMTP:
    return smtplib.SMTP(settings.smtp_host or "", settings.smtp_port, _own_name(), timeout=settings.smtp_timeout)


def _encrypted(settings: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    host, port, timeout = settings.smtp_host or "", settings.smtp_port, settings.smtp_timeout
    return smtplib.SMTP_SSL(host, port, _own_name(), timeout=timeout, context=context)


_OPEN: dict[str, Callable[[Settings], smtplib.SMTP]] = {"none": _plain, "starttls": _plain, "tls": _encrypted}


def _prepare(connection: smtplib.SMTP, settings: Settings) -> None:
    connection.ehlo_or_helo_if_needed()
    if settings.smtp_security == "starttls":
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo_or_helo_if_needed()
    if settings.smtp_user:
        peer = connection.sock.getpeername()[0] if connection.sock else "0.0.0.0"
        if settings.smtp_security == "none" and not is_this_machine(peer):
            message = "a password is not sent without encryption; set NEWSWATCH_SMTP_SECURITY to starttls or tls"
            raise MailUnavailable(f"{settings.smtp_host}:{settings.smtp_port}", message)
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
        connection.login(settings.smtp_user, password)


def _own_name() -> str:
    """What we call ourselves in EHLO. Not socket.getfqdn: it may ask a name server that does not answer."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def is_this_machine(address: str) -> bool:
    """Whether an IP address is a loopback one, also written as IPv6."""
    found = ipaddress.ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _answer(error: OSError) -> str:
    code, said = getattr(error, "smtp_code", -1), getattr(error, "smtp_error", b"")
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{' '.join(text.split())[:300]} ({code})"


_WORDS: tuple[tuple[type[OSError], Callable[[OSError], str]], ...] = (
    (
        smtplib.SMTPAuthenticationError,
        lambda error: (
            f"the log-in was refused: {_answer(error)}; check NEWSWATCH_SMTP_USER and NEWSWATCH_SMTP_PASSWORD"
        ),
    ),
    (smtplib.SMTPResponseException, lambda error: f"the server says: {_answer(error)}"),
    (
        smtplib.SMTPNotSupportedError,
        lambda error: f"{str(error).rstrip('.')}; check NEWSWATCH_SMTP_SECURITY and NEWSWATCH_SMTP_USER",
    ),
    (smtplib.SMTPServerDisconnected, lambda error: str(error)),
    (smtplib.SMTPException, lambda error: str(error)),
    (
        ssl.SSLCertVerificationError,
        lambda error: f"its certificate is not trusted: {getattr(error, 'verify_message', '') or error}",
    ),
    (ssl.SSLError, lambda error: f"TLS failed ({error.strerror or error}); check NEWSWATCH_SMTP_SECURITY"),
    (TimeoutError, lambda error: "no answer in time; check NEWSWATCH_SMTP_HOST and NEWSWATCH_SMTP_PORT"),
    (socket.gaierror, lambda error: f"the name cannot be resolved ({error.strerror}); check NEWSWATCH_SMTP_HOST"),
    (ConnectionRefusedError, lambda error: "nothing answers there; check NEWSWATCH_SMTP_HOST and NEWSWATCH_SMTP_PORT"),
)
