"""Measures for those who ask often: read once for all who ask within a moment.

Promises that a ledger that cannot be opened now is opened as soon as it can, and that many at once cost one reading.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.clock import utc_now
from pipeline.ledger import Ledger, open_ledger
from pipeline.ledger.measures import Measures, measures
from pipeline.settings import Settings

FRESH = timedelta(seconds=2)


class Readings:
    """Safe to use from several threads. `close` it, or use it as a context manager of `contextlib.closing`."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._ledger: Ledger | None = None
        self._last: Measures | None = None

    def read(self) -> Measures:
        """No older than FRESH. Raises LedgerError."""
        with self._lock:
            now = self._clock()
            if self._last is None or not timedelta(0) <= now - self._last.now < FRESH:
                self._ledger = self._ledger or open_ledger(self._settings)
                with self._ledger.read() as connection:
                    self._last = measures(connection, now=now)
            return self._last

    def close(self) -> None:
        with self._lock:
            if self._ledger is not None:
                self._ledger.close()
            self._ledger = None
