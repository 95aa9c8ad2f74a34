"""Content codings: from the bytes on the wire to the body, under one cap.

Promises: no coding, no nesting of codings and no bomb makes more than the cap (plus one step) of memory or of work:
the wire, the output of each coding and the body are each counted against it. gzip (several members too), deflate with
or without its zlib wrapper, and identity are read. What ends before its end mark is an error, for half a feed would
be remembered as the whole. Does not touch the network and does not decode text.

Sources: RFC 9110, section 8.4 (Content-Encoding, applied in the order listed); RFC 1950-1952.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from pipeline.errors import BodyTooLarge, Unreachable

ACCEPT_ENCODING: Final = "gzip, deflate"
STEP: Final = 64 * 1024  # bytes that one call of zlib may put out
MAX_CODINGS: Final = 3
MAX_MEMBERS: Final = 1024  # a fresh decompressor copies what is left: many tiny members are quadratic
_GZIP_MAGIC: Final = b"\x1f\x8b"


class _Damaged(Exception):
    """What a decoder says of its data; Body makes it an error of ours."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> None: ...


class _Gzip:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)
        self._members, self._between, self._held = 1, False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._between:
                data = self._held + data
                if len(data) < len(_GZIP_MAGIC):
                    self._held = data
                    return
                if not self._next_member(data):
                    return
            yield self._inflate.decompress(data, STEP)
            self._between = self._inflate.eof
            data = self._inflate.unused_data if self._between else self._inflate.unconsumed_tail

    def _next_member(self, data: bytes) -> bool:
        """Start a further member, if there is one; padding after the last is ignored, as gzip does."""
        if not data.startswith(_GZIP_MAGIC):
            return False
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise _Damaged(f"it has more than {MAX_MEMBERS} members")
        self._inflate, self._between, self._held = zlib.decompressobj(wbits=31), False, b""
        return True

    def finish(self) -> None:
        if not self._between:
            raise _Damaged("it ends too early")


class _Deflate:
    """RFC 9110 means the zlib format; many servers send bare deflate data (browsers take both)."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None
        self._held = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        data, self._held = self._held + data, b""
        if self._inflate is None:
            if len(data) < 2:
                self._held = data
                return
            wrapped = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._inflate = zlib.decompressobj(wbits=15 if wrapped else -15)
        while data and not self._inflate.eof:
            yield self._inflate.decompress(data, STEP)
            data = self._inflate.unconsumed_tail

    def finish(self) -> None:
        if self._inflate is None or not self._inflate.eof:
            raise _Damaged("it ends too early")


CODINGS: Final[dict[str, Callable[[], _Decoder]]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


class Body:
    """Gathers one body: `feed` it the bytes of the wire, then take `finish()`.

    Raises BodyTooLarge beyond `limit` bytes, and Unreachable where the coding is unknown or the data damaged.
    """

    def __init__(self, url: str, content_encoding: str, *, limit: int) -> None:
        self._url, self._limit, self._parts = url, limit, bytearray()
        names = [name.strip().lower() for name in content_encoding.split(",")]
        coded = [name for name in names if name not in ("", "identity")]
        if len(coded) > MAX_CODINGS:
            raise self._broken(f"it has {len(coded)} codings, one in the other")
        if unknown := next((name for name in coded if name not in CODINGS), None):
            raise self._broken(f'its coding "{unknown[:40]}" is unknown and was not asked for')
        self._decoders = [CODINGS[name]() for name in reversed(coded)]
        self._sizes = [0] * (len(coded) + 1)

    def feed(self, data: bytes) -> None:
        try:
            for piece in self._through(0, data):
                self._parts += piece
        except (zlib.error, _Damaged) as error:
            raise self._broken(f"its compressed data is damaged: {error}") from error

    def _through(self, stage: int, data: bytes) -> Iterator[bytes]:
        self._sizes[stage] += len(data)
        if self._sizes[stage] > self._limit:
            if stage == len(self._decoders):
                yield data[: self._limit - self._sizes[stage]]  # what is still under the cap
            raise BodyTooLarge(self._url, f"the body is larger than {self._limit:,} bytes")
        if stage == len(self._decoders):
            yield data
            return
        for piece in self._decoders[stage].feed(data):
            yield from self._through(stage + 1, piece)

    @property
    def gathered(self) -> bytes:
        """What came so far; after BodyTooLarge exactly `limit` bytes, unless a coding or the wire was over it."""
        return bytes(self._parts)

    def finish(self) -> bytes:
        try:
            for decoder in self._decoders if self._sizes[0] else ():  # no bytes at all are an empty body
                decoder.finish()
        except _Damaged as error:
            raise self._broken(f"its compressed data is damaged: {error}") from error
        return self.gathered

    def _broken(self, how: str) -> Unreachable:
        return Unreachable(self._url, f"the body cannot be read: {how}")
