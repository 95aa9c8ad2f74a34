"""Content codings, on bytes alone."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.decode import MAX_MEMBERS, Body
from pipeline.errors import FetchError, Unreachable

URL = "http://example.org/"


def bare_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


def two_members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:])


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "identity": ("identity", bytes),
    "none": ("", bytes),
    "gzip": ("gzip", gzip.compress),
    "GZIP": (" GZIP ", gzip.compress),
    "members": ("x-gzip", two_members),
    "padded": ("gzip", lambda data: gzip.compress(data) + bytes(20)),
    "zlib": ("deflate", zlib.compress),
    "bare": ("deflate", bare_deflate),
    "two": ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
    "three": ("gzip, identity, deflate,gzip", lambda data: gzip.compress(bare_deflate(gzip.compress(data)))),
}


def decode(coding: str, pieces: list[bytes], *, limit: int = 1_000_000) -> bytes:
    body = Body(URL, coding, limit=limit)
    for piece in pieces:
        body.feed(piece)
    return body.finish()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("name", ENCODERS)
@given(data=st.binary(max_size=2000), size=st.integers(1, 50))
def test_any_body_comes_out_however_it_is_cut(name: str, data: bytes, size: int) -> None:
    coding, encode = ENCODERS[name]
    assert decode(coding, cut(encode(data), size)) == data


@pytest.mark.parametrize("name", ["gzip", "zlib", "bare", "two"])
@given(data=st.binary(min_size=1, max_size=500), cut_at=st.integers(1, 10_000))
def test_half_a_body_is_never_taken_for_the_whole(name: str, data: bytes, cut_at: int) -> None:
    coding, encode = ENCODERS[name]
    whole = encode(data)
    with pytest.raises(Unreachable):
        decode(coding, [whole[: 1 + cut_at % (len(whole) - 1)]])


@given(coding=st.sampled_from(["gzip", "deflate", "gzip, deflate", "deflate, gzip"]), data=st.binary(max_size=500))
def test_any_bytes_are_a_body_or_an_error_of_ours(coding: str, data: bytes) -> None:
    with suppress(FetchError):
        assert isinstance(decode(coding, [data]), bytes)


def test_an_empty_body_needs_no_coding() -> None:
    assert decode("gzip", []) == b""


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip, gzip", "x" * 10_000])
def test_unknown_and_endless_codings_are_refused(coding: str) -> None:
    with pytest.raises(Unreachable) as caught:
        Body(URL, coding, limit=1000)
    assert len(caught.value.message) < 120


def test_thousands_of_members_are_refused() -> None:
    member = gzip.compress(b"")
    assert decode("gzip", [member * MAX_MEMBERS]) == b""
    with pytest.raises(Unreachable, match="members"):
        decode("gzip", [member * (MAX_MEMBERS + 1)])


@given(limit=st.integers(0, 300_000), size=st.integers(1, 300_000), coded=st.booleans())
def test_what_is_cut_at_the_cap_is_the_start_of_the_body(limit: int, size: int, coded: bool) -> None:
    data = bytes(number % 251 for number in range(size))
    body = Body(URL, "gzip" if coded else "", limit=limit)
    try:
        for piece in cut(gzip.compress(data) if coded else data, 10_000):
            body.feed(piece)
        assert body.finish() == data
        assert size <= limit
    except FetchError:
        assert data.startswith(body.gathered)
        assert len(body.gathered) <= limit
