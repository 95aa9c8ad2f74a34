"""Compares ledger and index, and mends, at the moment given: to be killed at it."""

from __future__ import annotations

import sys
from datetime import datetime

from pipeline.settings import load_settings
from pipeline.steps.context import open_context
from pipeline.steps.verify import verify

if __name__ == "__main__":
    now = datetime.fromisoformat(sys.argv[1])
    with open_context(load_settings(), clock=lambda: now) as context:
        verify(context, repair=True)
