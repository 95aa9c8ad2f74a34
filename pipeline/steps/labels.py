"""What the operator said of articles: one JSON Lines file for each topic, his to keep, edit and copy.

Promises that an answer is on disk when it was given, that nobody is asked about one text twice, copies included, and
that a line that cannot be used is an error that names it. Texts are not kept here: they are in the ledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

from pipeline.errors import ConfigError
from pipeline.steps.topics import Found

Answer = Literal["yes", "no", "skip"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
CHANCE = 5  # each fifth text is any text, so that what the topic's words do not know is seen, too


@dataclass(frozen=True, slots=True)
class Label:
    article: str  # id
    family: str  # id of the first article with this text
    label: Answer
    language: str | None = None
    at: str | None = None  # RFC 3339


def read_labels(file: Path) -> tuple[Label, ...]:
    """What the file says, the last word on each text; nothing if there is no file. Raises ConfigError."""
    if not file.exists():
        return ()
    said = {label.family: label for _, label in numbered_labels(file)}
    return tuple(said.values())


def numbered_labels(file: Path) -> Iterator[tuple[int, Label]]:
    """(line number, label) of every line that holds an answer. Raises ConfigError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), None, "", f"cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip() and (label := _label(line, file, number)):
            yield number, label


def _label(line: str, file: Path, number: int) -> Label | None:
    try:
        row: dict[str, Any] = json.loads(line)
        answer = row["label"]
        if answer is None:
            return None
        known = {key: row[key] for key in (each.name for each in fields(Label)) if key in row}
        known = {"family": row["article"]} | known | {"label": {True: "yes", False: "no"}.get(answer, answer)}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = 'is not of the form {"article": ID, "label": "yes"}'
        raise ConfigError(str(file), number, "", message) from error
    if known["label"] not in ANSWERS or not isinstance(known["article"], str):
        raise ConfigError(str(file), number, "label", f'"{answer}" is not one of {", ".join(ANSWERS)}')
    return Label(**known)


def add_labels(file: Path, labels: Iterable[Label]) -> None:
    """Write them to the end of the file. Raises ConfigError if it cannot be written."""
    text = "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in labels)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as end:
            end.write(text)
    except OSError as error:
        raise ConfigError(str(file), None, "", f"cannot be written: {error.strerror}") from error


def take_back(file: Path) -> Label | None:
    """Remove the last answer from the file, and return it; None if there is none. Raises ConfigError."""
    found = list(numbered_labels(file)) if file.exists() else []
    if not found:
        return None
    number, label = found[-1]
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    new = file.with_suffix(".new")
    new.write_text("".join(lines[: number - 1] + lines[number:]), encoding="utf-8")
    os.replace(new, file)
    return label


def queue(found: Iterable[Found], labels: Sequence[Label], *, threshold: float) -> list[Found]:
    """Whom to ask about, the most telling first: near the threshold; and each CHANCE-th any text at all."""
    said = {label.family for label in labels}
    left = [each for each in found if each.family not in said]
    near = sorted((each for each in left if each.touched), key=lambda each: (_doubt(each, threshold), each.id))
    chance = sorted(left, key=lambda each: each.id)
    Random(len(said)).shuffle(chance)
    order: dict[str, Found] = {}
    while len(order) < len(left):
        pool = chance if len(order) % CHANCE == CHANCE - 1 or not near else near
        each = pool.pop(0)
        order.setdefault(each.id, each)
    return list(order.values())


def _doubt(each: Found, threshold: float) -> tuple[bool, float]:
    """Without evidence there is no match, whatever the label: those come last."""
    return not each.score.evidence, abs(each.score.score - threshold)
