"""What every group of commands shares: consoles, settings, logs, options."""

from __future__ import annotations

import functools
import logging
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from pipeline.durations import parse_duration
from pipeline.settings import Settings, load_settings


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
    logging.basicConfig(level=found.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    return found


def duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Demo = Annotated[bool, typer.Option("--demo", help="Also read the demonstration feeds of config/demo.yml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a page for people.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many to show.")]
