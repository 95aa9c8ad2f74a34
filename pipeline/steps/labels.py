"""What the operator said of articles: one JSON Lines file for each topic, his to keep, edit and copy.

Promises that an answer is on disk when it was given, that nobody is asked about one text twice, copies included, and
that a line that cannot be used is an error that names it. Texts are not kept here: they are in the ledger.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal, get_args

from pipeline.errors import ConfigError
from pipeline.ledger import findings
from pipeline.model import Annotated
from pipeline.settings import Settings

if TYPE_CHECKING:  # they load the models, which who only counts does without
    from pipeline.steps.context import Context
    from pipeline.steps.topics import Found

Answer = Literal["yes", "no", "skip"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
LEAD = 700  # code points of a text that are shown
_CHUNK = 500
CHANCE = 5  # each fifth text is any text, so that what the topic's words do not know is seen, too


@dataclass(frozen=True, slots=True)
class Label:
    article: str  # id
    family: str  # id of the first article with this text
    label: Answer
    language: str | None = None
    at: str | None = None  # RFC 3339


def label_file(settings: Settings, topic: str) -> Path:
    return settings.labels / f"{topic}.jsonl"


def read_labels(file: Path) -> tuple[Label, ...]:
    """What the file says, the last word on each text; nothing if there is no file. Raises ConfigError."""
    if not file.exists():
        return ()
    said = {label.family: label for _, label in numbered_labels(file)}
    return tuple(said.values())


def tally(file: Path) -> Counter[str]:
    """Answers by kind. Raises ConfigError."""
    return Counter(label.label for label in read_labels(file))


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


def take_in(context: Context, file: Path, *, into: Path) -> int:
    """Add the answers of a file of the same form to those of a topic; how many. Raises ConfigError."""
    given = list(numbered_labels(file))
    with context.ledger.read() as connection:
        ids = [label.article for _, label in given]
        known = {
            each.article.id: each
            for at in range(0, len(ids), _CHUNK)
            for each in findings.annotated(connection, ids[at : at + _CHUNK])
        }
    for number, label in given:
        if label.article not in known:
            message = f'there is no article "{label.article}" in the ledger, or it was not read yet'
            raise ConfigError(str(file), number, "article", message)
    labels = [_known(label, known[label.article]) for _, label in given]
    add_labels(into, labels)
    return len(labels)


def _known(label: Label, known: Annotated) -> Label:
    return replace(label, family=known.membership.family, language=known.annotation.language)


def question(found: Found) -> dict[str, object]:
    """What is asked about one text, as a line to be answered in a file and taken in again."""
    article = found.known.article
    return {
        "article": found.id,
        "label": None,
        "score": found.score.score,
        "evidence": [span.text for span in found.score.evidence],
        "language": found.known.annotation.language,
        "source": article.source,
        "title": article.title,
        "text": article.text[:LEAD],
    }


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
