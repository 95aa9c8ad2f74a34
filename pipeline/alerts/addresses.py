"""Mail addresses: read strictly, written in ASCII.

Promises that what `ascii_address` returns holds one mailbox and nothing that could end a header or an SMTP command.
International domains become their ASCII form (IDNA); a part before the @ that is not ASCII would need SMTPUTF8
(RFC 6531) on every server on the way and is refused. Whether a mailbox exists is not looked at.
"""

from __future__ import annotations

import re
from email.utils import formataddr, parseaddr

from pipeline.errors import MailRefused, SettingsError

# RFC 5322 dot-atom before the @; after it a domain of letters, digits and hyphens, or an address literal.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|\[[0-9a-f:.]+\]", re.I)


def canonical_address(address: str) -> str:
    """An address with its domain in lower case (RFC 5321, section 2.4: the part before @ keeps its case)."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def ascii_address(address: str) -> str:
    """`address` as it stands on the wire. Raises MailRefused, saying what is wrong with it."""
    local, at, domain = canonical_address(address).rpartition("@")
    if not at:
        raise MailRefused(address, "this is not a mail address")
    if not local.isascii():
        raise MailRefused(address, "the part before the @ is not ASCII; such addresses (SMTPUTF8) are not supported")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise MailRefused(address, f"the domain has no ASCII form: {error}") from error
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or len(local) > 64 or len(domain) > 255:
        raise MailRefused(address, "this is not a mail address")
    return f"{local}@{domain}"


def sender_address(mail_from: str) -> str:
    """The bare address of a From setting such as `Newswatch <newswatch@example.org>`. Raises SettingsError."""
    try:
        return ascii_address(parseaddr(mail_from)[1] or mail_from)
    except MailRefused as error:
        raise SettingsError("NEWSWATCH_MAIL_FROM", f'"{mail_from}" is not a sender: {error.message}') from error


def sender_header(mail_from: str) -> str:
    """The From header: display name, encoded if it is not ASCII, and address. Raises SettingsError."""
    name, _ = parseaddr(mail_from)
    return formataddr((" ".join(name.split()), sender_address(mail_from)))


def domain_of(address: str) -> str:
    """The domain of an address, for identifiers; an address literal loses its brackets."""
    return address.rpartition("@")[2].strip("[]").replace(":", ".")
