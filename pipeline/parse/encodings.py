"""Bytes as text, once, so that the gate and the parser see the same characters.

Promises a text without NUL, control characters that XML forbids, and lone surrogates, whatever the bytes; what had to
be guessed or mended is named as a problem. A codec is used only if it is on the list here: a document may not choose
UTF-7, punycode or the like. It does not look at markup beyond the encoding declaration.

Sources: XML 1.0 appendix F (detection), RFC 7303 (the header's charset), the WHATWG Encoding Standard (which labels
mean a larger set).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from charset_normalizer import from_bytes

from pipeline.model import Problem

_GUESS_FROM = 32 * 1024  # bytes that a guess looks at
_SINGLE = {"ascii", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "tis-620", "cp874", "cp866", "cp437", "cp850"}
_SINGLE |= {f"iso8859-{part}" for part in range(1, 17)} | {f"cp125{page}" for page in range(9)}
_MULTIPLE = {"gb18030", "big5hkscs", "euc_jp", "cp932", "iso2022_jp", "cp949", "johab", "hz"}
_UNICODE = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
_SAFE = _SINGLE | _MULTIPLE | _UNICODE
_LARGER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-8-sig": "utf-8",
}
_MARKS = (  # the first bytes that give the encoding away: marks of byte order, then "<?" or "<" in wide encodings
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str = field(repr=False)
    encoding: str
    problems: tuple[Problem, ...] = ()


def decode(body: bytes, *, content_type: str | None = None, html: bool = False) -> Decoded:
    """`body` as text. `content_type` is the HTTP header; with `html`, a meta element may declare the encoding."""
    labels = _labels(body, content_type, html)
    text, encoding = _marked(body) or _strict(body, labels) or _lenient(body, labels)
    problems = list(_encoding_problems(text, encoding, labels))
    if forbidden := len(_FORBIDDEN.findall(text)):
        text = _FORBIDDEN.sub("", text)
        problems.append(Problem("control_characters", f"{forbidden} control characters were removed"))
    return Decoded(text.removeprefix("\ufeff"), encoding, tuple(problems))


def scrub(text: str) -> str:
    """`text` without what UTF-8 and XML cannot carry: lone surrogates, NUL and most control characters."""
    return _FORBIDDEN.sub("", text)


def codec(label: str) -> str | None:
    """The name of the codec that is used for a declared label; None if nobody knows it or it is not to be used."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _LARGER.get(name, name)
    return name if name in _SAFE else None


def _labels(body: bytes, content_type: str | None, html: bool) -> list[str]:
    found = [match.group(1) for match in [_CHARSET.search(content_type or "")] if match]
    head = body[: 8192 if html else 1024]  # browsers look at 1,024; pages put it later all the same
    declared = _DECLARED.search(head) or (_META.search(head) if html else None)
    return [*found, *([declared.group(1).decode("ascii", "replace")] if declared else [])]


def _marked(body: bytes) -> tuple[str, str] | None:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace"), name
    return None


def _strict(body: bytes, labels: list[str]) -> tuple[str, str] | None:
    names = [name for name in map(codec, labels) if name]
    # Text that is valid UTF-8 is next to never anything else, except where a declared encoding of many bytes fits too.
    first = [] if names and "utf-8" not in names and not _SINGLE.issuperset(names) else ["utf-8"]
    for name in [*first, *names, "utf-8"]:
        try:
            return body.decode(name), name
        except UnicodeDecodeError:
            continue
    return None


def _lenient(body: bytes, labels: list[str]) -> tuple[str, str]:
    """The declared encoding or UTF-8, if most of what is not ASCII makes sense in it; else the best guess."""
    if halves := _with_surrogates(body):
        return halves, "utf-8"
    for name in [*(name for name in map(codec, labels) if name), "utf-8"]:
        text = body.decode(name, "replace")
        if name in _SINGLE or text.count("\ufffd") * 10 <= len(text) - len(text.encode("ascii", "ignore")):
            return text, name
    best = from_bytes(body[:_GUESS_FROM]).best()
    name = (codec(best.encoding) if best else None) or "cp1252"
    return body.decode(name, "replace"), name


def _with_surrogates(body: bytes) -> str | None:
    """UTF-8 of programs that encode the halves of a UTF-16 pair one by one (Unicode TR 26), if it is that."""
    try:
        halves = body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _encoding_problems(text: str, encoding: str, labels: list[str]) -> list[Problem]:
    problems = []
    declared = labels[0] if labels else None
    used = encoding.removesuffix("-sig")
    if declared and codec(declared) != used and not (codec(declared) or "-").startswith(used) and not text.isascii():
        problems.append(Problem("encoding", f"declared as {declared}, read as {encoding}"))
    elif not labels and used not in _UNICODE:
        problems.append(Problem("encoding", f"no encoding declared; guessed {encoding}"))
    if broken := text.count("\ufffd"):
        problems.append(Problem("encoding", f"{broken} characters are not valid {encoding}"))
    return problems
