"""What every group of commands shares: consoles, settings, logs, options."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipeline.durations import parse_duration
from pipeline.logs import configure
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.index import SearchIndex
    from pipeline.query import Query


@functools.cache
def output() -> Console:
    """Standard output; as wide as the terminal, 100 columns where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=100)


@functools.cache
def errors() -> Console:
    return Console(stderr=True, highlight=False)


def settings() -> Settings:
    """The settings in force; logs are set up by them. Raises SettingsError."""
    found = load_settings()
    configure(found)
    return found


def duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def plain(value: object) -> str:
    """What JSON has no form for: a moment as RFC 3339 in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def known_as(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raises BadParameter with the nearest spelling for the first of `names` that is not among the known ones."""
    choices = list(known)
    for name in names:
        if name not in choices:
            near = difflib.get_close_matches(name, choices, n=1)
            raise typer.BadParameter(f'there is no {kind} "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""))


def topics_exist(asked: Query, index: SearchIndex, found: Settings, *, now: datetime) -> None:
    """Raises QueryError for a topic that does not exist; who asks for none needs no configuration."""
    from pipeline.config import load_config
    from pipeline.index import check_topics, named_topics

    if named_topics(asked):
        known = [topic.name for topic in load_config(found.config).topics]
        check_topics(index, asked, known=known, now=now)


Demo = Annotated[bool, typer.Option("--demo", help="Also read the demonstration feeds of config/demo.yml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a page for people.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many to show.")]
