"""Character n-grams as MinHash values, in numpy.

Promises ROWS * BANDS values of 16 bits whose share of equal ones estimates, without bias but for 1 in 65,536, the
Jaccard similarity of two texts' sets of 5-grams; the same values on every machine, for ever. It knows nothing of
articles: see `families`.

MinHash (Broder, 1997) by one-permutation hashing (Li, Owen, Zhang, 2012) with densification (Shrivastava, 2017):
ROWS permutations of BANDS bins. Four small permutations rather than one of 192 bins, because short texts then leave
fewer bins empty; plain MinHash would cost ten times as much on an article.
"""

from __future__ import annotations

import functools
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Values = npt.NDArray[np.uint16]

GRAM = 5
ROWS, BANDS = 4, 48

_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
_LOW = np.uint64(0xFFFFFFFF)  # no hash as a value either: it marks an empty bin
_32 = np.uint64(32)


def minhash(text: str) -> tuple[int, Values]:
    """The number of distinct 5-grams of `text`, and its values. Raises ValueError on a text without any."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    if len(codes) < GRAM:
        raise ValueError(f"no {GRAM}-grams in a text of {len(codes)}")
    grams = _hashes(codes)
    return 1 + int(np.count_nonzero(grams[1:] != grams[:-1])), _minima(grams).astype(np.uint16)


def band_keys(values: Values) -> list[int]:
    """One 40-bit key a band, made of one bin of each permutation."""
    rows = values.reshape(ROWS, BANDS).astype(np.uint64)
    keys = functools.reduce(lambda key, row: (key << np.uint64(16)) | row, rows)
    return [int(key) for key in _scatter(keys) >> np.uint64(24)]


def _hashes(codes: Words) -> Words:
    """64-bit hashes of the 5-grams, sorted."""
    size = len(codes) - GRAM + 1
    key = codes[:size]
    for offset in range(1, GRAM):
        key = _scatter(key) + codes[offset : offset + size]
    key.sort()
    return key


def _scatter(key: Words) -> Words:
    """splitmix64's finaliser without its last round (Steele, Lea, Flood, 2014); 64-bit arithmetic wraps."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return key ^ (key >> np.uint64(27))


def _minima(grams: Words) -> Words:
    """The least value in each bin of each permutation; empty bins are filled from others."""
    hashed = _scatter(grams[None, :] * _MIX[:, None])
    bins = ((hashed >> _32) * np.uint64(BANDS)) >> _32
    bins += np.arange(ROWS, dtype=np.uint64)[:, None] * np.uint64(BANDS)
    minima = np.full(ROWS * BANDS, _LOW)
    np.minimum.at(minima, bins.ravel().astype(np.intp), (hashed & _LOW).ravel())
    return _filled(minima.reshape(ROWS, BANDS)).ravel() & np.uint64(0xFFFF)


def _filled(minima: Words) -> Words:
    """Each empty bin takes the value of the first full one on its own fixed walk, the same for every text."""
    full = minima != _LOW
    for row, kept in zip(minima, full, strict=True):
        empty = np.flatnonzero(~kept)
        walks = _walks()[empty]
        row[empty] = row[walks[np.arange(len(empty)), kept[walks].argmax(axis=1)]]
    return minima


@functools.cache
def _walks() -> npt.NDArray[np.intp]:
    """For each bin, all bins in an order of its own."""
    orders = [sorted(range(BANDS), key=lambda to: blake2b(bytes((at, to))).digest()) for at in range(BANDS)]
    return np.array(orders, np.intp)
