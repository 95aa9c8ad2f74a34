"""newswatch export: everything that a query finds, as CSV or JSON Lines.

Promises all of it, however much, with a page of articles in memory, and a file that is there only when it is whole.
CSV is RFC 4180 in UTF-8. No cell is a formula to a spreadsheet, whatever it takes for a separator: an apostrophe goes
before what starts as one.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from pipeline.cli.common import duration, errors, settings, topics_exist
from pipeline.errors import NewswatchError

COLUMNS = (
    "id", "published", "first_seen", "source", "source_name", "country", "language", "title", "url", "wire", "topic",
    "entity_name", "alerts", "family",
)  # fmt: skip
# At the start of a text, or of what a spreadsheet takes for a cell of its own where lists are parted by semicolons.
_FORMULA = re.compile(r"(?:\A\s*|(?<=[;\t\r\n])[^\S\t\r\n]*)[=+\-@＝＋－＠]")
Body = Mapping[str, Any]


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


def add_to(app: typer.Typer) -> None:
    app.command()(export)


def export(
    query: Annotated[str, typer.Argument(help="As for search; '*' is everything.")],
    format: Annotated[Format, typer.Option(help="csv, or one JSON object a line.")] = Format.JSONL,
    fields: Annotated[str | None, typer.Option(help="Only these, in this order: id,title,topics.asem.")] = None,
    since: Annotated[str | None, typer.Option(help="Only what was published in this last time: 7d, 12h.")] = None,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="Write this file, not standard output.")] = None,
) -> None:
    """Everything that a query finds, newest first, as CSV or JSON Lines."""
    from pipeline.index import open_index
    from pipeline.query import parse_query
    from pipeline.query.fields import find as known_field
    from pipeline.query.fields import shown

    names = tuple(name.strip() for name in fields.split(",")) if fields else ()
    for name in names:
        if name not in shown():
            known_field(name, "--fields")
    now = datetime.now(UTC)
    start = now - duration(since) if since else None
    configured, asked = settings(), parse_query(query)
    index = open_index(configured)
    topics_exist(asked, index, configured, now=now)
    total = index.search(asked, limit=0, since=start, now=now).total
    with _opened(out) as file:
        _WRITERS[format](file, _watched(index.walk(asked, since=start, now=now), total, bar=out is not None), names)


def write_csv(file: TextIO, articles: Iterable[Body], names: tuple[str, ...]) -> None:
    columns = names or COLUMNS
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_cell(_value(article, name)) for name in columns] for article in articles)


def write_jsonl(file: TextIO, articles: Iterable[Body], names: tuple[str, ...]) -> None:
    for article in articles:
        row = {name: _value(article, name) for name in names} if names else article
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


_WRITERS: Mapping[Format, Callable[[TextIO, Iterable[Body], tuple[str, ...]], None]] = {
    Format.CSV: write_csv,
    Format.JSONL: write_jsonl,
}


def _value(article: Body, name: str) -> Any:
    """None where the article has none; `topics.NAME` is within `topics`."""
    from pipeline.query.fields import own_name

    head, _, rest = own_name(name).partition(".")
    return article.get(head, {}).get(rest) if rest else article.get(head)


def _cell(value: Any) -> Any:
    """Numbers as they are, several values parted by semicolons, objects as JSON, and nothing that would be computed."""
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        value = "; ".join(value)
    if isinstance(value, list | tuple | dict):
        value = json.dumps(value, ensure_ascii=False)
    return _FORMULA.sub(r"'\g<0>", value) if isinstance(value, str) else value


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file beside `path` that takes its place at the end. Always UTF-8."""
    if path is None:
        with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False) as file:
            yield file
        return
    if path.is_dir():
        raise NewswatchError(str(path), "cannot be written: it is a folder")
    try:
        with _beside(path) as file:
            yield file
    except OSError as error:
        raise NewswatchError(str(path), f"cannot be written: {error.strerror or error}") from error


@contextmanager
def _beside(path: Path) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _watched(articles: Iterator[Body], total: int, *, bar: bool) -> Iterator[Body]:
    """The articles, with progress on standard error, and how many there were a second at the end."""
    from rich.progress import track

    started, count = time.perf_counter(), 0
    hidden = not (errors().is_terminal and (bar or not sys.stdout.isatty()))
    for article in track(articles, "Exporting", total=total, console=errors(), transient=True, disable=hidden):
        count += 1
        yield article
    seconds = time.perf_counter() - started
    errors().print(f"{count} articles in {seconds:.1f} s, {count / seconds if seconds else 0:.0f} a second")
