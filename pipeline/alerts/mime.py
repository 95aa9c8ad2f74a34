"""The bytes of a mail (RFC 5322, 2045 to 2047): headers, a plain text part, an HTML part.

Promises the same bytes for the same arguments, only ASCII, CRLF and lines of at most 78 characters where a line can
be folded and never over 998; and that no header value can start another header. What the parts say is not its matter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email import policy
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart

_POLICY = policy.compat32.clone(linesep="\r\n")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def mail_bytes(headers: Sequence[tuple[str, str]], *, text: str, html: str, seed: str) -> bytes:
    """The whole message. `seed` decides the boundary, which random bytes would make another at every call.

    The boundary holds "=_", which neither quoted-printable nor base64 can produce (RFC 2045, section 6.7).
    """
    message = MIMEMultipart("alternative", boundary="=_" + hashlib.sha256(seed.encode()).hexdigest()[:32])
    message.attach(_part(text, "plain"))
    message.attach(_part(html, "html"))
    lines = "".join(f"{name}: {_value(name, value)}\r\n" for name, value in headers)
    return lines.encode("ascii") + message.as_bytes(policy=_POLICY)


def text_bytes(headers: Sequence[tuple[str, str]], *, text: str) -> bytes:
    """The whole message, of plain text alone."""
    part = _part(text, "plain")
    part["MIME-Version"] = "1.0"
    lines = "".join(f"{name}: {_value(name, value)}\r\n" for name, value in headers)
    return lines.encode("ascii") + part.as_bytes(policy=_POLICY)


def printable(text: str) -> str:
    """`text` on one line: white space and control characters become single spaces."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _value(name: str, value: str) -> str:
    """A header's value: ASCII folded at white space only, anything else as encoded words."""
    line = printable(value)
    if line.isascii():
        # A single long token (an address, a URL) stays beside its name: not every reader finds it on a line of its own.
        header = Header(line, "us-ascii", maxlinelen=76 if " " in line else 990, header_name=name)
    else:
        header = Header(line, "utf-8", maxlinelen=76, header_name=name)
    return header.encode(linesep="\r\n")


def _part(content: str, subtype: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part.set_payload(content, _charset(content))
    del part["MIME-Version"]  # which belongs to the message alone
    return part


def _charset(content: str) -> Charset:
    """UTF-8 in the shorter of its two 7-bit encodings: Khmer and Chinese would triple in quoted-printable."""
    charset = Charset("utf-8")
    foreign = sum(1 for char in content if not char.isascii())
    charset.body_encoding = BASE64 if foreign * 6 > len(content) else QP
    return charset
