"""Articles shown one by one, each answered by one key. Text from outside is never read as markup.

Promises that each answer is on disk before the next text is shown, and that whoever leaves, by q, Ctrl-C or a lost
connection, goes on next time with what was not answered.
"""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from pipeline.model import Topic
from pipeline.steps.labels import LEAD, Answer, Label, add_labels, take_back
from pipeline.steps.topics import Found

BAR = 40  # columns of the scale from 0 to 1
_KEYS: dict[str, Answer] = {"y": "yes", "n": "no", "s": "skip"}
_GONE = ("q", "\x04", "")


def label_one_by_one(
    console: Console,
    topic: Topic,
    queue: Sequence[Found],
    *,
    file: Path,
    before: Counter[str],
    clock: Callable[[], datetime],
) -> Counter[str]:
    """Show the queue, and write each answer to the file; all answers by kind, those of `before` included."""
    said = Counter(before)
    with _keyboard() as key_pressed, suppress(KeyboardInterrupt):
        _ask(console, topic, queue, file, said, clock, key_pressed)
    console.clear()
    return said


def _ask(
    console: Console,
    topic: Topic,
    queue: Sequence[Found],
    file: Path,
    said: Counter[str],
    clock: Callable[[], datetime],
    key_pressed: Callable[[], str],
) -> None:
    """Counts in `said`."""
    at, note = 0, ""
    while at < len(queue):
        _show(console, topic, queue[at], said, left=len(queue) - at, note=note)
        key, note = key_pressed(), ""
        if key in _KEYS:
            add_labels(file, [_label(queue[at], _KEYS[key], clock())])
            said[_KEYS[key]] += 1
            at += 1
        elif key == "u" and at and (label := take_back(file)):
            said[label.label] -= 1
            at -= 1
            note = "taken back"
        elif key in _GONE:
            break
        else:
            note = "nothing to take back" if key == "u" else "y, n, s, u or q"


@contextmanager
def _keyboard() -> Iterator[Callable[[], str]]:
    """Keys as they are pressed, not shown. One mode for all of them: who types ahead loses nothing."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def pressed() -> str:
        return os.read(terminal, 1).decode("utf-8", "replace").lower()

    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield pressed
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _label(found: Found, answer: Answer, now: datetime) -> Label:
    moment = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return Label(found.id, found.family, answer, found.known.annotation.language, moment)


def _show(console: Console, topic: Topic, found: Found, said: Counter[str], *, left: int, note: str) -> None:
    console.clear()
    counts = f"{said['yes']} yes, {said['no']} no, {said['skip']} skipped, {left} left"
    console.print(Rule(Text(f"{topic.title}: {counts}", style="bold"), align="left", style="dim"))
    title, text = _marked(found)
    console.print(Padding(title, (1, 0, 0, 0)))
    console.print(Text(_origin(found), style="dim"))
    console.print(Padding(text, (1, 0)))
    console.print(_scale(found.score.score, topic.threshold))
    console.print(Rule(style="dim"))
    line = Text.assemble(f"Is it about {topic.title}?  ")
    for key, meaning in (("y", "yes"), ("n", "no"), ("s", "skip"), ("u", "undo"), ("q", "quit")):
        line.append(key, style="bold cyan").append(f" {meaning}   ")
    console.print(line)
    console.print(Text(note, style="yellow"))


def _marked(found: Found) -> tuple[Text, Text]:
    """Title and the beginning of the text, with the evidence marked."""
    article = found.known.article
    whole = Text(f"{article.title}\n{article.text}")
    for span in found.score.evidence:
        whole.stylize("bold yellow", span.start, span.end)
    middle = len(article.title)
    title, text = whole[:middle], whole[middle + 1 : middle + 1 + LEAD]
    if len(article.text) > LEAD:
        text.append(" ...", style="dim")
    title.stylize_before("bold")
    return title, text


def _origin(found: Found) -> str:
    known = found.known
    published = known.article.published
    day = f"{published:%Y-%m-%d}" if published else "no date"
    return f"{known.source.name}, {day}, language {known.annotation.language or '?'}, id {known.article.id[:8]}"


def _scale(score: float, threshold: float) -> Text:
    filled, mark = round(score * BAR), round(threshold * BAR)
    line = Text(f"score {score:.2f}  ")
    for column in range(BAR):
        style = "green" if score >= threshold else "yellow"
        line.append("|" if column == mark else "=" if column < filled else ".", "bold" if column == mark else style)
    return line.append(f"  threshold {threshold:.2f}", style="dim")
