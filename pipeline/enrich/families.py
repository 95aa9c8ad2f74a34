"""Families: copies of one text, however it is cut, headed or punctuated.

Promises signatures of at most 409 bytes; band keys by which copies meet in a table; an estimate of how alike two
signed texts are; and the grouping of a whole list. It compares no meaning: two reports of one event are two
families, and an extract of less than half of a text is one of its own.

Copies of Jaccard similarity s share a band with probability 1 - (1 - s**4)**48: with the last third cut (s = 0.66)
0.9999, two articles of one subject (s = 0.15) 0.024, strangers (s = 0.05) 0.0003.
"""

from __future__ import annotations

import functools
import re
import struct
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple, TypeVar

import numpy as np

from pipeline.enrich.minhash import GRAM, Values, band_keys, minhash
from pipeline.model import Membership
from pipeline.text.fold import fold
from pipeline.text.normalise import clean
from pipeline.text.scripts import HAN, HAN_WEIGHT

FEWEST = 20  # grams; a text of fewer has only identical copies
SHORT = 300  # letters; up to here a copy has no number that the longer text lacks: tomorrow's report has
BODY = 200  # letters that let a body stand without its headline; "Subscribe to read on" is shorter

# Measured (benchmarks/families.py): texts with a third cut lie at Jaccard 0.63 to 0.69 and are contained in the
# whole; different articles on one visit below 0.2; yearly notices, of which every second word is a form's, at 0.5 to
# 0.6, but no more than three quarters of either is in the other. The estimates deviate by 0.035.
SIMILARITY = 0.5
CONTAINMENT, SHORT_CONTAINMENT = 0.8, 0.9

_EXACT, _MINHASH = 1, 2  # first byte of a signature: its kind, and its version
_HEADER = struct.Struct("<BII16s")

Id = TypeVar("Id", bound=Hashable)


class _Signed(NamedTuple):
    """A signature, read: letters count Han three times; `numbers` is a Bloom filter of those in the text."""

    kind: int
    grams: int
    letters: int
    numbers: int
    rest: bytes


def family_text(title: str, text: str) -> str:
    """What of an article is compared: its body, so that a headline changes nothing; with its title if it is short."""
    return text if _letters(text) >= BODY else f"{title}\n{text}"


def signature(text: str) -> bytes:
    """A text's signature; empty for a text without letters and digits, which is nobody's copy."""
    bare = " ".join(clean(text).translate(_BARE).split())
    if not bare:
        return b""
    if len(bare) - GRAM + 1 < FEWEST:
        return _HEADER.pack(_EXACT, 0, 0, b"") + blake2b(bare.encode(), digest_size=16).digest()
    grams, values = minhash(bare)
    numbers = _numbers(bare).to_bytes(16, "little")
    return _HEADER.pack(_MINHASH, grams, _letters(bare), numbers) + values.astype("<u2").tobytes()


def bands(signature: bytes) -> tuple[str, ...]:
    """Keys of 12 letters for a table, one a band: a copy shares at least one of them, strangers hardly any."""
    if not signature:
        return ()
    signed = _read(signature)
    if signed.kind == _EXACT:
        return (f"x{signed.rest.hex()[:11]}",)
    return tuple(f"{band:02d}{key:010x}" for band, key in enumerate(band_keys(_values(signed))))


def similarity(a: bytes, b: bytes) -> float:
    """Estimated Jaccard similarity of two signed texts' 5-grams, 0..1. Tiny texts are identical or strangers."""
    if not a or not b or a[0] != b[0]:
        return 0.0
    if a[0] == _EXACT:
        return float(a == b)
    return float(np.mean(_values(_read(a)) == _values(_read(b))))


def choose_family(signature: bytes, candidates: Iterable[tuple[Id, bytes]]) -> tuple[Id, float] | None:
    """The family whose first member is most like the text, and how like; None if none is a copy of it."""
    best: tuple[Id, float] | None = None
    for family, first in candidates:
        alike = similarity(signature, first)
        if (best is None or alike > best[1]) and _copies(signature, first, alike):
            best = family, alike
    return best


def group(items: Sequence[tuple[str, str, datetime | None]]) -> tuple[Membership, ...]:
    """The families of (id, text, published), in the order given; `text` is what `family_text` says.

    The first member is the one published first (those without a date last, ties by place); the others are
    compared with it, so that a family cannot drift from copy to copy.
    """
    order = sorted(range(len(items)), key=lambda at: _moment(items[at][2]))
    firsts: list[tuple[str, bytes]] = []
    table: defaultdict[str, list[int]] = defaultdict(list)
    found: dict[int, tuple[str, float]] = {}
    for at in order:
        signed = signature(items[at][1])
        keys = bands(signed)
        near = sorted({number for key in keys for number in table.get(key, ())})
        if chosen := choose_family(signed, (firsts[number] for number in near)):
            found[at] = chosen
            continue
        found[at] = items[at][0], 1.0
        for key in keys:
            table[key].append(len(firsts))
        firsts.append((items[at][0], signed))
    return tuple(Membership(item[0], *found[at]) for at, item in enumerate(items))


def _copies(a: bytes, b: bytes, alike: float) -> bool:
    """Is half of what both say the same, and nearly all of the shorter text in the longer?"""
    if alike == 1.0:
        return True
    if alike < SIMILARITY:
        return False
    shorter, longer = sorted((_read(a), _read(b)), key=lambda signed: signed.grams)
    contained = alike / (1 + alike) * (shorter.grams + longer.grams) / shorter.grams
    if shorter.letters > SHORT:
        return contained >= CONTAINMENT
    return contained >= SHORT_CONTAINMENT and not shorter.numbers & ~longer.numbers


def _read(signature: bytes) -> _Signed:
    kind, grams, letters, numbers = _HEADER.unpack_from(signature)
    return _Signed(kind, grams, letters, int.from_bytes(numbers, "little"), signature[_HEADER.size :])


def _values(signed: _Signed) -> Values:
    return np.frombuffer(signed.rest, "<u2").astype(np.uint16, copy=False)


def _numbers(bare: str) -> int:
    """Two of 128 bits for each number."""
    digests = (blake2b(number.encode(), digest_size=2).digest() for number in set(re.findall("[0-9]+", bare)))
    return functools.reduce(lambda bits, digest: bits | 1 << digest[0] % 128 | 1 << digest[1] % 128, digests, 0)


def _letters(text: str) -> int:
    return len(text) + (HAN_WEIGHT - 1) * sum(map(len, _han().findall(text)))


def _moment(published: datetime | None) -> float:
    return published.timestamp() if published else float("inf")


class _Bare(dict[int, str]):
    """For `str.translate`: folded letters, marks and digits, all else as spaces; worked out as characters are met."""

    def __missing__(self, code: int) -> str:
        char = fold(chr(code))
        self[code] = kept = char if unicodedata.category(char)[0] in "LMN" else " "
        return kept


_BARE = _Bare()


@functools.cache
def _han() -> re.Pattern[str]:
    return re.compile(f"[{HAN}]+")
