"""Sending to a real SMTP server that takes, refuses, stalls, drops, encrypts and asks for a password."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts import SmtpMailer, open_mailer
from pipeline.alerts.smtp_connect import is_this_machine, words
from pipeline.errors import MailError, MailRefused, MailUnavailable
from pipeline.model import Message
from pipeline.settings import Settings
from tests.alerts.certificates import make_certificate
from tests.alerts.examples import RECIPIENT, items, mail, rule, seed, settings
from tests.smtpserver import DROP, Behaviour, SmtpServer, smtp_server

OTHER = "other@example.org"


def sending(server: SmtpServer, **changes: Any) -> Settings:
    return settings(**{"smtp_host": server.host, "smtp_port": server.port, "smtp_timeout": 20.0, **changes})


def alert(recipient: str = RECIPIENT) -> Message:
    return mail(items([rule()], [seed()]), recipient=recipient)


def send(server: SmtpServer, *messages: Message, **changes: Any) -> list[MailError | None]:
    """What became of each message, over one mailer."""
    outcomes: list[MailError | None] = []
    with open_mailer(sending(server, **changes)) as mailer:
        for message in messages:
            try:
                mailer.send(message)
                outcomes.append(None)
            except MailError as error:
                outcomes.append(error)
    return outcomes


def failure(server: SmtpServer, **changes: Any) -> MailError:
    (outcome,) = send(server, alert(), **changes)
    assert outcome is not None
    return outcome


def test_a_mail_arrives_byte_for_byte() -> None:
    message = alert()
    with smtp_server() as server:
        assert send(server, message) == [None]
    (received,) = server.messages
    assert received.body == message.body
    assert (received.sender, received.recipients) == ("newswatch@example.org", (RECIPIENT,))
    assert received.mail["Message-ID"] == f"<{message.id}>"
    assert received.answered


def test_lines_of_dots_arrive_as_they_are() -> None:
    body = b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\na.\r\n.\r\n"
    with smtp_server() as server:
        assert send(server, Message("id@example.org", RECIPIENT, "dots", body)) == [None]
    assert server.messages[0].body == body


def test_one_connection_serves_a_run() -> None:
    with smtp_server() as server:
        assert send(server, alert(), alert(OTHER), alert()) == [None, None, None]
    assert server.connections == 1
    assert [received.recipients for received in server.messages] == [(RECIPIENT,), (OTHER,), (RECIPIENT,)]


def test_a_connection_that_the_server_closed_is_made_anew() -> None:
    with smtp_server(Behaviour(one_each=True)) as server:
        assert send(server, alert(), alert(OTHER)) == [None, None]
    assert server.connections == 2
    assert len(server.messages) == 2


def test_a_recipient_refused_for_good_does_not_stop_the_others() -> None:
    with smtp_server(Behaviour(refuse={OTHER: "550 5.1.1 no such user"})) as server:
        first, refused, last = send(server, alert(), alert(OTHER), alert())
    assert first is None
    assert last is None
    assert isinstance(refused, MailRefused)
    assert refused.subject == OTHER
    assert "no such user (550)" in str(refused)
    assert server.connections == 1
    assert len(server.messages) == 2


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (Behaviour(refuse={RECIPIENT: "450 4.2.1 mailbox busy"}), MailUnavailable, "mailbox busy"),
        (Behaviour(refuse={RECIPIENT: "421 4.3.2 closing"}), MailUnavailable, "closing"),
        (Behaviour(data=("451 4.3.0 disk full",)), MailUnavailable, "disk full"),
        (Behaviour(data=("554 5.7.1 looks like spam",)), MailRefused, "looks like spam"),
        (Behaviour(data=("552 5.3.4 too big",)), MailRefused, "too big"),
        (Behaviour(sender=("552 5.3.4 too big",)), MailRefused, "too big"),
        (Behaviour(sender=("451 4.7.1 try later",)), MailUnavailable, "try later"),
        (Behaviour(sender=("550 5.7.1 who are you",)), MailUnavailable, "NEWSWATCH_MAIL_FROM"),
        (Behaviour(sender=("530 5.7.0 log in first",)), MailUnavailable, "NEWSWATCH_SMTP_USER"),
        (Behaviour(refuse={RECIPIENT: "530 5.7.0 log in first"}), MailUnavailable, "NEWSWATCH_SMTP_USER"),
        (Behaviour(sender=(DROP,)), MailUnavailable, "the connection broke before the end"),
    ],
)
def test_answers_are_judged_by_whom_they_blame(behaviour: Behaviour, kind: type[MailError], words: str) -> None:
    with smtp_server(behaviour) as server:
        error, again = send(server, alert(), alert(OTHER))
    assert type(error) is kind
    assert words in str(error)
    assert not getattr(error, "maybe_sent", False)
    assert again is None, "the next message must go out"
    assert len(server.messages) == 1


def test_a_connection_lost_after_the_final_dot_leaves_a_doubt_and_sends_once() -> None:
    with smtp_server(Behaviour(data=(DROP,))) as server:
        error = failure(server)
        assert isinstance(error, MailUnavailable)
        assert error.maybe_sent
        assert "may have arrived" in str(error)
        assert len(server.messages) == 1
        assert send(server, alert()) == [None]
    assert server.messages[0].body == server.messages[1].body


def test_an_answer_that_is_not_smtp_leaves_a_doubt_and_the_connection() -> None:
    with smtp_server(Behaviour(data=("what was that?",))) as server:
        error, again = send(server, alert(), alert(OTHER))
    assert isinstance(error, MailUnavailable)
    assert error.maybe_sent
    assert again is None
    assert server.connections == 2


def test_a_server_that_is_slow_to_answer_is_waited_for_no_longer_than_set() -> None:
    with smtp_server(Behaviour(delay=5.0)) as server:
        error = failure(server, smtp_final_timeout=0.5)
    assert isinstance(error, MailUnavailable)
    assert error.maybe_sent


def test_a_server_may_take_longer_over_a_whole_message_than_over_a_command() -> None:
    with smtp_server(Behaviour(delay=1.5)) as server:
        assert send(server, alert(), smtp_timeout=0.5) == [None]
    assert len(server.messages) == 1


def test_a_server_that_stalls_at_hello_is_given_up() -> None:
    with smtp_server(Behaviour(hello_delay=5.0)) as server:
        error = failure(server, smtp_timeout=0.5)
        assert isinstance(error, MailUnavailable)
        assert "timed out" in str(error)
        assert not error.maybe_sent
    assert not server.messages


def test_a_slow_server_that_answers_in_time_is_served() -> None:
    with smtp_server(Behaviour(delay=0.3)) as server:
        assert send(server, alert()) == [None]


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = failure(SmtpServer(Behaviour(), port=port))
    assert isinstance(error, MailUnavailable)
    assert "nothing answers there; check NEWSWATCH_SMTP_HOST" in str(error)
    assert error.subject == f"localhost:{port}"


def test_a_server_that_never_greets_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(SmtpServer(Behaviour(), port=silent.getsockname()[1]), smtp_timeout=0.5)
    assert isinstance(error, MailUnavailable)


@pytest.mark.parametrize("greeting", [b"554 5.3.2 no service here\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_server_that_greets_with_anything_else_blames_no_message(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(greeting)

        thread = threading.Thread(target=greet)
        thread.start()
        error = failure(SmtpServer(Behaviour(), port=listening.getsockname()[1]))
        thread.join()
    assert isinstance(error, MailUnavailable)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a server whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return certificate[1]


def encrypting(security: str, context: ssl.SSLContext) -> Behaviour:
    return Behaviour(tls=context) if security == "tls" else Behaviour(starttls=context)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_travels_encrypted(trusted: ssl.SSLContext, security: str) -> None:
    with smtp_server(encrypting(security, trusted)) as server:
        assert send(server, alert(), smtp_security=security) == [None]
    assert server.messages[0].encrypted


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_not_trusted(
    certificate: tuple[Path, ssl.SSLContext], security: str
) -> None:
    with smtp_server(encrypting(security, certificate[1])) as server:
        error = failure(server, smtp_security=security)
    assert isinstance(error, MailUnavailable)
    assert "certificate is not trusted" in str(error)
    assert not server.messages


def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, context = make_certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with smtp_server(Behaviour(starttls=context)) as server:
        assert "certificate is not trusted" in str(failure(server, smtp_security="starttls"))


def test_there_is_no_falling_back_to_no_encryption() -> None:
    with smtp_server() as server:
        error = failure(server, smtp_security="starttls")
    assert isinstance(error, MailUnavailable)
    assert "STARTTLS" in str(error)
    assert "NEWSWATCH_SMTP_SECURITY" in str(error)
    assert not server.messages


def test_the_wrong_kind_of_encryption_is_explained() -> None:
    with smtp_server() as server:
        assert "NEWSWATCH_SMTP_SECURITY" in str(failure(server, smtp_security="tls"))


USERS = {"watch": "secret"}


def test_a_password_is_given_when_asked_for(trusted: ssl.SSLContext) -> None:
    with smtp_server(Behaviour(starttls=trusted, users=USERS)) as server:
        log_in = {"smtp_security": "starttls", "smtp_user": "watch", "smtp_password": "secret"}
        assert send(server, alert(), **log_in) == [None]
    assert server.messages[0].user == "watch"


@pytest.mark.parametrize("password", ["wrong", "пароль", None])
def test_a_wrong_password_blames_the_settings_and_loses_no_mail(password: str | None) -> None:
    with smtp_server(Behaviour(users=USERS)) as server:
        error = failure(server, smtp_user="watch", smtp_password=password)
    assert isinstance(error, MailUnavailable)
    assert "NEWSWATCH_SMTP_PASSWORD" in str(error)
    assert "wrong" not in str(error)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.5", False),
        ("0.0.0.0", False),
        ("fe80::1%eth0", False),
        ("::ffff:192.168.1.5", False),
        ("203.0.113.5", False),
    ],
)
def test_only_this_machine_is_told_a_password_unencrypted(address: str, here: bool) -> None:
    assert is_this_machine(address) is here


def test_a_server_that_wants_a_password_we_were_not_given_blames_the_settings() -> None:
    with smtp_server(Behaviour(users=USERS)) as server:
        error = failure(server)
    assert isinstance(error, MailUnavailable)
    assert "NEWSWATCH_SMTP_USER" in str(error)


def test_a_user_for_a_server_without_log_in_blames_the_settings() -> None:
    with smtp_server() as server:
        assert isinstance(failure(server, smtp_user="watch", smtp_password="secret"), MailUnavailable)


def test_a_recipient_that_is_no_address_never_reaches_the_wire() -> None:
    bad = Message("id@example.org", "x@example.org>\r\nRCPT TO:<y@example.org", "s", b"Subject: s\r\n\r\n")
    with smtp_server() as server:
        (error,) = send(server, bad)
    assert isinstance(error, MailRefused)
    assert server.connections == 0


def test_an_international_domain_is_sent_to_in_ascii() -> None:
    with smtp_server() as server:
        assert send(server, alert("desk@Bücher.example")) == [None]
    assert server.messages[0].recipients == ("desk@xn--bcher-kva.example",)


def test_a_host_that_has_no_address_is_said_to_be_so() -> None:
    error = failure(SmtpServer(Behaviour(), host="no-such-host.invalid", port=25))
    assert isinstance(error, MailUnavailable)
    assert "cannot be resolved" in str(error)


def test_leaving_without_sending_connects_to_nobody() -> None:
    with smtp_server() as server, SmtpMailer(sending(server)):
        pass
    assert server.connections == 0


def test_every_error_of_smtplib_has_words() -> None:
    """The table is looked through from the top: a class must not hide behind one it descends from."""
    answered = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPDataError, smtplib.SMTPAuthenticationError)
    for kind in answered:
        assert "no service (554)" in words(kind(554, b"no\r\n service"))
    assert "NEWSWATCH_SMTP_PASSWORD" in words(smtplib.SMTPAuthenticationError(535, b"no"))
    assert "NEWSWATCH_SMTP_SECURITY" in words(smtplib.SMTPNotSupportedError("STARTTLS extension not supported."))
    assert words(smtplib.SMTPServerDisconnected("gone")) == "gone"
    assert words(OSError()) == "OSError"
