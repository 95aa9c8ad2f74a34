"""Which step a line of the log belongs to, and which process did it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.ledger import work
from pipeline.logs import bound


@contextmanager
def at_work(step: str) -> Iterator[None]:
    """`@at_work("mail")`: every line from within names the step, and the process as its leases do."""
    with bound(step=step, owner=work.owner()):
        yield
