"""Asking the mail server whether it would take mails, without sending one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts import ping
from pipeline.errors import MailUnavailable
from pipeline.settings import Settings
from tests.alerts.certificates import make_certificate
from tests.alerts.examples import settings
from tests.smtpserver import Behaviour, SmtpServer, smtp_server

USERS = {"watch": "secret"}


def asking(server: SmtpServer, **changes: Any) -> Settings:
    return settings(**{"smtp_host": server.host, "smtp_port": server.port, "smtp_timeout": 20.0, **changes})


def test_a_server_that_answers_is_named_and_gets_no_mail() -> None:
    with smtp_server() as server:
        assert ping(asking(server)) == f"localhost:{server.port} answers, not encrypted"
    assert (server.connections, server.messages) == (1, [])


def test_the_log_in_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    log_in = {"smtp_security": "starttls", "smtp_user": "watch"}
    with smtp_server(Behaviour(starttls=context, users=USERS)) as server:
        said = ping(asking(server, **log_in, smtp_password="secret"))
        assert said == f"localhost:{server.port} answers, encrypted (STARTTLS), logged in as watch"
        with pytest.raises(MailUnavailable, match="the log-in was refused") as caught:
            ping(asking(server, **log_in, smtp_password="guess"))
    assert "guess" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_in_words() -> None:
    with smtp_server() as server:
        gone = asking(server)
    with pytest.raises(MailUnavailable, match=f"localhost:{server.port}: nothing answers there"):
        ping(gone)
