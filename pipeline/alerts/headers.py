"""The headers of an alert mail: who, what, and how to stop it.

Promises the headers that filters, mailing-list tools and auto-responders look at (RFC 2369, 2919, 3834, 8058), in a
fixed order, and a Message-ID that depends on nothing but its arguments. See `mime` for how they are written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from pipeline.alerts.addresses import ascii_address, domain_of, sender_address, sender_header
from pipeline.alerts.links import web_link
from pipeline.errors import MailRefused, SettingsError
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """How a reader stops the mails: a web page, or a mail to `address`."""

    uri: str
    link: str | None
    address: str | None


def message_id(*, recipient: str, kind: str, parts: Sequence[str], settings: Settings) -> str:
    """The Message-ID, without angle brackets; the order of `parts` does not matter."""
    text = "\x1f".join((recipient, kind, *sorted(parts)))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{digest}@{domain_of(sender_address(settings.mail_from))}"


def mail_headers(
    *, id: str, recipient: str, subject: str, settings: Settings, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Raises MailRefused if `recipient`, SettingsError if the sender or the unsubscribe setting cannot be used."""
    domain = domain_of(sender_address(settings.mail_from))
    stop = unsubscribe(settings, recipient)
    headers: tuple[tuple[str, str], ...] = (
        ("Date", format_datetime(now.astimezone(UTC))),
        ("From", sender_header(settings.mail_from)),
        ("To", ascii_address(recipient)),
        ("Subject", subject),
        ("Message-ID", f"<{id}>"),
        ("List-Id", f"Newswatch alerts <newswatch.{domain}>"),
        ("List-Unsubscribe", f"<{stop.uri}>"),
        ("Auto-Submitted", "auto-generated"),
    )
    if stop.link and stop.link.startswith("https:"):
        headers += (("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),)
    return headers


def unsubscribe(settings: Settings, recipient: str) -> Unsubscribe:
    """From the setting, `{recipient}` in it filled in; without one, a mail to the sender. Raises SettingsError."""
    given = settings.mail_unsubscribe or sender_address(settings.mail_from)
    if given.startswith(("http://", "https://")):
        link = web_link(given.replace("{recipient}", quote(recipient, safe="")))
        if link is None:
            raise _wrong(given, "not a web address")
        return Unsubscribe(link, link, None)
    address, _, query = given.removeprefix("mailto:").partition("?")
    try:
        address = ascii_address(address)
    except MailRefused as error:
        raise _wrong(given, f"neither a web address nor a mail address: {error.message}") from error
    uri = f"mailto:{quote(address, safe='@')}?{quote(query or 'subject=unsubscribe', safe='=&%')}"
    return Unsubscribe(uri, None, address)


def _wrong(given: str, why: str) -> SettingsError:
    return SettingsError("NEWSWATCH_MAIL_UNSUBSCRIBE", f'"{given}" is {why}')
