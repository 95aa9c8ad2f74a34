"""Writes to topics.yml: a new topic at its end, a new threshold in its place.

Promises that every other byte of the file stays as the operator left it, comments and order included, that the file
is whole at every moment, and that what would not be read back as it was meant is not written. Checks of a new topic
are stricter than those of a file: what can never match, or contradicts itself, is refused.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.config import checked_topics
from pipeline.config_file import Document, block, parse_document, read_document, read_text
from pipeline.errors import ConfigError
from pipeline.model import Topic, TopicPatterns
from pipeline.text.fold import fold
from pipeline.text.scripts import script

Row = dict[str, object]


def check_topic(row: Row, *, known: Iterable[Topic], file: Path) -> Topic:
    """The topic that this row of topics.yml would be. Raises ConfigError that names what is wrong with it."""
    try:
        topic = checked_topics(parse_document("topics:\n" + block([row], column=2), file))[0]
    except ConfigError as error:  # its line is none of the file's
        raise _error(file, error.key.removeprefix("topics.0."), error.message.partition(": ")[2]) from error
    for other in known:
        if other.name == topic.name:
            raise _error(file, "name", f'there is a topic "{topic.name}" already: {other.title}')
    for language, patterns in topic.patterns.items():
        _check_phrases(language, patterns, file)
    if not any(patterns.terms or patterns.pairs for patterns in topic.patterns.values()):
        raise _error(file, "patterns", "a topic needs a term or a pair in at least one language, or nothing matches it")
    if topic.candidate > topic.threshold:
        raise _error(file, "candidate", f"{topic.candidate} is higher than the threshold {topic.threshold}")
    return topic


def _check_phrases(language: str, patterns: TopicPatterns, file: Path) -> None:
    seen: dict[str, list[str]] = {}
    for key, phrase in _phrases(patterns):
        where = f"patterns.{language}.{key}"
        folded = " ".join(fold(phrase).split())
        letters = sum(char.isalpha() for char in folded)
        if letters < (1 if script(folded[0]) in ("han", "khmer") else 2):
            raise _error(file, where, f'"{phrase}" is too short: it would be found everywhere')
        before = seen.setdefault(folded, [])
        if key in before:
            raise _error(file, where, f'"{phrase}" is there twice')
        if before and "excluding" in (key, *before):
            raise _error(file, where, f'"{phrase}" is there among {before[0]}, too')
        before.append(key)


def _phrases(patterns: TopicPatterns) -> Iterator[tuple[str, str]]:
    """(key, phrase) of each; both sides of a pair are one key."""
    for number, (left, right) in enumerate(patterns.pairs):
        yield from ((f"pairs.{number}", word) for word in (*left, *right))
    for key in ("terms", "context", "excluding"):
        yield from ((key, phrase) for phrase in getattr(patterns, key))


def _error(file: Path, key: str, message: str) -> ConfigError:
    return ConfigError(str(file), None, key, message)


def add_topic(file: Path, row: Row) -> Topic:
    """Write a topic to the end of the file. Raises ConfigError, and then the file is as it was."""
    document = read_document(file)
    known = checked_topics(document)
    topic = check_topic(row, known=known, file=file)
    _replace(file, _with_topic(read_text(file), document, row), meant=(*known, topic))
    return topic


def _with_topic(text: str, document: Document, row: Row) -> str:
    place = document.place(("topics",))
    assert place  # or the document had been refused
    if not place.brackets:
        gap = "\n" if text.endswith("\n") else "\n\n"
        return text + gap + block([row], column=place.column)
    if document.place(("topics", 0)):
        raise _error(Path(document.file), "topics", "is written in brackets; put each topic on lines of its own")
    return text[: place.start].rstrip() + "\n" + block([row], column=2) + text[place.end :].lstrip()


def set_threshold(file: Path, name: str, threshold: float) -> None:
    """Write another threshold for the topic `name`. Raises ConfigError, and then the file is as it was."""
    document, text = read_document(file), read_text(file)
    known = checked_topics(document)
    at = next((at for at, topic in enumerate(known) if topic.name == name), None)
    row = document.place(("topics", at)) if at is not None else None
    if at is None or row is None:
        raise _error(file, "topics", f'there is no topic "{name}"')
    if value := document.place(("topics", at, "threshold")):
        text = text[: value.start] + str(threshold) + text[value.end :]
    else:
        text = text[: row.start] + f"threshold: {threshold}\n{' ' * row.column}" + text[row.start :]
    meant = (replace(topic, threshold=threshold) if topic.name == name else topic for topic in known)
    _replace(file, text, meant=tuple(meant))


def _replace(file: Path, text: str, *, meant: tuple[Topic, ...]) -> None:
    if checked_topics(parse_document(text, file)) != meant:
        raise _error(file, "topics", "could not be written so that it reads as meant; edit the file by hand")
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(text)
        os.chmod(name, file.stat().st_mode)
        os.replace(name, file)
    except OSError as error:
        raise ConfigError(str(file), None, "", f"cannot be written: {error.strerror}") from error
