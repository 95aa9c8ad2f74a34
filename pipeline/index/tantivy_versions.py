"""Generations of the embedded index on disk: made by this version of Newswatch, or by another.

Promises that what another version made is never read as if it were ours, that what a newer one made is never replaced,
and that what is damaged says so. It writes no documents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tantivy

from pipeline.errors import IndexMismatch
from pipeline.index.base import NEWER, OTHER, REINDEX, State
from pipeline.index.tantivy_schema import schema
from pipeline.query.fields import schema as schema_version

ENGINE = 2  # raise it when documents are indexed otherwise than before
_NOTE = "newswatch.json"


def create(folder: Path) -> tantivy.Index:
    (folder / _NOTE).write_text(json.dumps(_version()), encoding="utf-8")
    return tantivy.Index(schema(), path=str(folder))


def opened(folder: Path) -> tantivy.Index:
    """Raises IndexMismatch."""
    if state(folder) != "current":
        raise IndexMismatch(str(folder), OTHER)
    try:
        return tantivy.Index(schema(), path=str(folder))
    except (OSError, ValueError) as error:
        raise damaged(folder, error) from error


def state(folder: Path | None) -> State:
    """Raises IndexMismatch if it is a newer version's, or damaged."""
    if folder is None:
        return "absent"
    try:
        made = _note(folder)
    except (OSError, ValueError) as error:
        raise damaged(folder, error) from error
    _refuse_newer(folder, made)
    return "current" if made == _version() else "older"


def check_replaceable(folder: Path | None) -> None:
    """Raises IndexMismatch if it is a newer version's; what is damaged may be replaced."""
    if folder is not None:
        with suppress(OSError, ValueError):
            _refuse_newer(folder, _note(folder))


def damaged(folder: Path, error: Exception) -> IndexMismatch:
    return IndexMismatch(str(folder), f"the search index is damaged ({error}); {REINDEX}")


def _note(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    return found


def _refuse_newer(folder: Path, made: Mapping[str, Any]) -> None:
    ours = {name: number for name, number in _version().items() if isinstance(number, int)}
    if any(made.get(name, 0) > number for name, number in ours.items()):
        raise IndexMismatch(str(folder), NEWER)


def _version() -> dict[str, int | str]:
    return {"schema": schema_version(), "engine": ENGINE, "tantivy": version("tantivy").rpartition(".")[0]}
