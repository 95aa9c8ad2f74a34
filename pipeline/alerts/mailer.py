"""Where mails go: an SMTP server, or files in <home>/mail if none is set.

Promises that `send` either hands the message over for good or raises: MailUnavailable when it is worth another try
with the same bytes, MailRefused when it is not. A file is there whole or not at all, and sending twice leaves one.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from pipeline.alerts.smtp import SmtpMailer
from pipeline.crashpoint import reach
from pipeline.errors import MailUnavailable
from pipeline.model import Message
from pipeline.settings import Settings


class Mailer(Protocol):
    """A context manager, so that one connection can serve a whole run."""

    def send(self, message: Message) -> None:
        """Hand over `message`. Raises MailUnavailable or MailRefused."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_mailer(settings: Settings) -> Mailer:
    """The mailer that the settings ask for; it connects when the first message is sent."""
    return SmtpMailer(settings) if settings.smtp_host else FolderMailer(settings.home / "mail")


class FolderMailer:
    """Messages as .eml files named by Message-ID, for those who have no SMTP server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between messages."""

    def path(self, message: Message) -> Path:
        """The file of `message`: its Message-ID, or, if that could not be a file's name, something as unique."""
        name = re.sub(r"^\.|[^A-Za-z0-9@._-]", "_", message.id)[:150]
        if name != message.id:
            name += "-" + hashlib.sha256(message.id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self.folder / f"{name}.eml"

    def send(self, message: Message) -> None:
        reach("mail.send.before")
        path = self.path(message)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(path, message.body)
        except OSError as error:
            raise MailUnavailable(str(path), f"the mail could not be written: {error.strerror or error}") from error
        reach("mail.send.after")


def _write(path: Path, body: bytes) -> None:
    """`body` as `path`, surviving a power cut: the bytes reach the disk before the name does."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with open(part, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    reach("mail.file.written")
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
