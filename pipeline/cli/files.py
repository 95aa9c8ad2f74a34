"""newswatch parse, extract, annotate, families: each stage alone, on files, JSON Lines out.

Promises one JSON object a line for every file or input line, nothing else on standard output, and exit status 1 only
if an input could not be read.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from pipeline.cli.common import errors, settings
from pipeline.errors import NewswatchError

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)]
Lines = Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines; - is standard input.")]


def add_to(app: typer.Typer) -> None:
    for command in (parse, extract, annotate, families):
        app.command(rich_help_panel="Stages on files")(command)


def _address(url: str | None) -> str | None:
    if url is not None and not re.match(r"https?://[^\s/]", url):
        raise typer.BadParameter(f'"{url}" is not an http or https address')
    return url


def parse(
    files: Files,
    url: Annotated[
        str | None, typer.Option(callback=_address, help="Where the documents came from, for relative links.")
    ] = None,
) -> None:
    """Feed documents -> entries, as JSON Lines."""
    from pipeline.steps.files import parse_files

    tally: Counter[str] = Counter()
    _print(parse_files(files, url=url, settings=settings(), tally=tally))
    _finish(tally)


def extract(
    files: Files, url: Annotated[str, typer.Option(callback=_address, help="Where the pages came from.")]
) -> None:
    """HTML pages -> title and text, as JSON Lines."""
    from pipeline.steps.files import extract_files

    tally: Counter[str] = Counter()
    _print(extract_files(files, url=url, settings=settings(), tally=tally))
    _finish(tally)


def annotate(file: Lines) -> None:
    """Articles as JSON Lines -> language, topics, entities; streams, and says its rate at the end."""
    from pipeline.config import load_config
    from pipeline.enrich.annotator import Annotator
    from pipeline.steps.files import annotate_lines

    found = settings()
    config = load_config(found.config)
    annotator = Annotator.load(config.topics, config.watchlist, own=found.trained_topics, packages=found.recognisers)
    tally: Counter[str] = Counter()
    with _opened(file) as lines:
        started = time.perf_counter()
        _print(annotate_lines(lines, annotator, batch_size=found.enrich_batch, tally=tally))
    seconds = time.perf_counter() - started
    count = tally["inputs"]
    errors().print(f"{count} articles in {seconds:.1f} s, {count / seconds if seconds else 0:.0f} a second")
    _finish(tally)


def families(file: Lines) -> None:
    """Articles as JSON Lines -> which are copies of which."""
    from pipeline.steps.files import families_lines

    tally: Counter[str] = Counter()
    with _opened(file) as lines:
        _print(families_lines(lines, tally=tally))
    _finish(tally)


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        if sys.stdin is None:
            raise NewswatchError("standard input", "cannot be read: it is closed")
        yield sys.stdin.buffer
        return
    try:
        with open(file, "rb") as lines:
            yield lines
    except BrokenPipeError:
        raise  # not of the file, but of our own output
    except OSError as error:
        raise NewswatchError(file, f"cannot be read: {error.strerror or error}") from error


def _print(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _finish(tally: Counter[str]) -> None:
    if tally["unreadable"]:
        raise typer.Exit(1)
