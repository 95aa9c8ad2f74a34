"""Matrix products of the models: which library multiplies, and on how many threads.

Promises what is faster on this machine, measured when it is first asked: numpy's library, or BLIS, which spaCy brings.
The models' products are small; numpy's library takes many times longer on several threads than on one.
"""

from __future__ import annotations

import functools
import timeit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from thinc.api import NumpyOps


@contextmanager
def one_thread() -> Iterator[None]:
    """While it lasts, numpy multiplies on one thread."""
    with _libraries().limit(limits=1):
        yield


@functools.cache
def fastest() -> NumpyOps:
    """The operations for spaCy's models that multiply faster, on one thread."""
    from thinc.api import NumpyOps

    with one_thread():
        return min(NumpyOps(use_blis=False), NumpyOps(use_blis=True), key=_seconds)


def _seconds(ops: NumpyOps) -> float:
    """Of products of the size that a recogniser makes of some five hundred words."""
    left, right = ops.alloc2f(512, 384), ops.alloc2f(288, 384)
    return min(timeit.repeat(lambda: ops.gemm(left, right, trans2=True), number=3, repeat=5))


@functools.cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
