"""Logs: one way to write a line, and one configuration of what becomes of it.

Promises events with named values: `get_logger(__name__).info("feed read", new=3)`, and `with bound(feed=...)` around a
piece of work, so that every line from within names it. `configure` writes them to standard error, for people or as JSON
Lines; before it, they go the way of the standard library's logs. Where somebody else has configured structlog
(Airflow, for its tasks), his way is used. Values of ours never hold secrets; tracebacks are without local variables.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from pipeline.settings import Settings

OURS = "pipeline"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_NOT_FOR_PEOPLE = ("owner",)

bound = structlog.contextvars.bound_contextvars
"""`with bound(feed="daily"):` names the feed in every line from within."""


def get_logger(name: str) -> FilteringBoundLogger:
    """Called when a module is imported; what is configured later holds for it all the same."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.stdlib.PositionalArgumentsFormatter(),
                structlog.stdlib.render_to_log_kwargs,
            ],
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.stdlib.LoggerFactory(),
        )
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def configure(settings: Settings) -> None:
    """Logs of this process from now on, by the settings; other libraries are heard from "warning" on."""
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_EVENT,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_json() if settings.log_format == "json" else _text(colors=sys.stderr.isatty())),
            ],
        )
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level)
    quieten()


def quieten() -> None:
    """Libraries that log what they also raise; also for a process whose logs are configured by others."""
    # It logs a traceback for every attempt that fails, and then raises what we say in a sentence.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    logging.getLogger("asyncio").setLevel(logging.WARNING)


class _StandardError(logging.StreamHandler[Any]):
    """Asks for standard error at each line: a display that draws there may stand in for it meanwhile."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


_EVENT: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.ExtraAdder(),
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _json() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        _ordered,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]


def _text(*, colors: bool) -> list[Processor]:
    renderer = structlog.dev.ConsoleRenderer(
        colors=colors, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )
    return [_for_people, renderer]


def _ordered(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    first = {name: event.pop(name) for name in ("timestamp", "level", "logger", "event")}
    return {**first, **event}


def _for_people(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A headline from a feed must not draw on the terminal, nor look like a line of its own."""
    event["event"] = _CONTROLS.sub(" ", str(event["event"]))
    event["timestamp"] = f"{event['timestamp'][:19]}Z"
    return {name: value for name, value in event.items() if name not in _NOT_FOR_PEOPLE}
