"""What every step works with: settings, configuration, ledger, clock, and how to say what is going on.

Promises that the heavy parts (models, search index) are opened when they are first used. One context lives as long as
a command, or as an Airflow task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.clock import utc_now
from pipeline.config import Config, load_config
from pipeline.index import SearchIndex, open_facts, open_index
from pipeline.index.documents import Known, by_name
from pipeline.ledger import Ledger, open_ledger
from pipeline.settings import Settings
from pipeline.steps.progress import Progress, silent

if TYPE_CHECKING:
    from pipeline.enrich.annotator import Annotator
    from pipeline.index.facts import FactsIndex


def never() -> bool:
    return False


@dataclass(frozen=True)
class Context:
    """`stopping` is asked between units of work: once it says yes, a step finishes what it has begun and returns."""

    settings: Settings
    config: Config
    ledger: Ledger
    clock: Callable[[], datetime] = utc_now
    stopping: Callable[[], bool] = never
    progress: Callable[[Progress], None] = silent

    @cached_property
    def annotator(self) -> Annotator:
        from pipeline.enrich.annotator import Annotator  # a second, and not needed by whoever only asks

        return Annotator.load(
            self.config.topics,
            self.config.watchlist,
            own=self.settings.trained_topics,
            packages=self.settings.recognisers,
        )

    @cached_property
    def index(self) -> SearchIndex:
        return open_index(self.settings)

    @cached_property
    def facts(self) -> FactsIndex | None:
        """None for the embedded back end."""
        return open_facts(self.settings)

    @cached_property
    def known(self) -> Known:
        """The watch-list by name, for the search index."""
        return by_name(self.config.watchlist)


@contextmanager
def open_context(
    settings: Settings,
    *,
    demo: bool = False,
    clock: Callable[[], datetime] = utc_now,
    stopping: Callable[[], bool] = never,
    progress: Callable[[Progress], None] = silent,
) -> Iterator[Context]:
    """Configuration checked and ledger open. Raises ConfigError, LedgerError."""
    config = load_config(settings.config, demo=demo)
    ledger = open_ledger(settings)
    try:
        yield Context(settings, config, ledger, clock, stopping, progress)
    finally:
        ledger.close()
