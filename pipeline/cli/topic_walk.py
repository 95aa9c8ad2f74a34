"""A new topic asked for question by question, or made of options or of a file.

Promises that a wrong answer is asked for again with the reason, that nothing is written, and that what is returned has
the form of a row of topics.yml. Whether the whole makes sense is `config_topics.check_topic`'s to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from pipeline.cli.common import output
from pipeline.config_file import block, parse_document, read_text
from pipeline.config_topics import Row, check_topic
from pipeline.errors import ConfigError
from pipeline.model import Topic

Check = Callable[[Row], None]

LANGUAGES = {"en": "English", "fr": "French", "zh": "Chinese", "km": "Khmer"}
DEFAULTS = {"threshold": 0.5, "candidate": 0.12}
KEYS = ("name", "title", "threshold", "candidate", "patterns")
PATTERNS = ("terms", "pairs", "context", "excluding")
_ANY = {"terms": ["any words"]}
_STAND_IN: Row = {"name": "new_topic", "title": "new", "patterns": {"en": _ANY}}  # for what is not asked yet
_QUESTIONS = {
    "terms": "enough alone",
    "left": "of the two sides of a pair, neither enough alone, the left",
    "right": "and the right",
    "context": "raise the score beside those",
    "excluding": "mean something else",
}


def in_order(row: Row) -> Row:
    """The row with its keys in the order of our files, and the usual values for what is not given."""
    row = DEFAULTS | row
    return {key: row[key] for key in (*KEYS, *(key for key in row if key not in KEYS)) if key in row}


def from_file(file: Path) -> Row:
    """A topic as a mapping of its keys, or topics.yml with one topic. Raises ConfigError."""
    root: Any = parse_document(read_text(file), file).root
    rows = root.get("topics", [root])
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
        raise ConfigError(str(file), 1, "topics", "the file must hold one topic")
    return dict(rows[0])


def from_options(given: Mapping[str, object], words: Mapping[str, Sequence[str] | None]) -> Row:
    """Raises BadParameter for what has not the form of the option."""
    for key in ("name", "title"):
        if given[key] is None:
            raise typer.BadParameter(f"a topic needs a {key}; without a terminal, options or --from must give it")
    patterns: dict[str, dict[str, list[object]]] = {}
    for key in PATTERNS:
        for value in words[key] or ():
            language, text = _split(key, value)
            sides = [_phrases(side) for side in text.split("/")]
            if key == "pairs" and (len(sides) != 2 or not all(sides)):
                raise typer.BadParameter(f'"{value}" has not the form LANG:WORDS,WORDS/WORDS,WORDS')
            patterns.setdefault(language, {}).setdefault(key, []).extend([sides] if key == "pairs" else [text])
    ordered = {language: {key: some[key] for key in PATTERNS if key in some} for language, some in patterns.items()}
    return {key: value for key, value in given.items() if value is not None} | {"patterns": ordered}


def _split(key: str, value: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s*([a-z]{2,3})\s*:\s*(\S.*?)\s*", value)
    if not found:
        option = {"terms": "term", "pairs": "pair"}.get(key, key)
        raise typer.BadParameter(f'--{option} "{value}" does not begin with its language, as in "en:{value}"')
    return found[1], found[2]


def _phrases(text: str) -> list[str]:
    return [phrase for phrase in (" ".join(each.split()) for each in re.split("[,，、;]", text)) if phrase]


def ask(given: Mapping[str, object], *, known: Iterable[Topic], file: Path) -> Row:
    """Walk an operator through a topic. Raises Abort if he gives up."""
    known = tuple(known)

    def check(row: Row) -> None:
        check_topic(_STAND_IN | row, known=known, file=file)

    row: Row = {key: value for key, value in given.items() if value is not None}
    if row:
        check(row)
    _say("A topic is a name and the words that say an article is about it. Several words or phrases in one")
    _say("answer have a comma between them; an empty answer goes on. Ctrl-C leaves without writing anything.\n")
    for key, question in (("name", "Name, as in topic:NAME"), ("title", "Title for people")):
        if key not in row:
            row[key] = _asked(question, partial(_check_one, check, key))
    chosen = _asked(
        f"Languages, of {', '.join(LANGUAGES)} or others",
        lambda text: check({"patterns": dict.fromkeys(_phrases(text), _ANY)}),
        default=", ".join(LANGUAGES),
    )
    row["patterns"] = _patterns(_phrases(chosen), check)
    check(row)
    output().print("\nThis will be added:\n")
    output().print(Text(block([in_order(row)], column=2), style="cyan"))
    typer.confirm(f"Write it to {file}?", default=True, abort=True)
    return row


def _check_one(check: Check, key: str, text: str) -> None:
    check({key: text})


def _patterns(languages: Sequence[str], check: Check) -> dict[str, Row]:
    patterns: dict[str, Row] = {}
    while True:
        for language in languages:
            output().print(f"\n[bold]{LANGUAGES.get(language, language)}[/]: words that")
            if some := _words(language, check):
                patterns[language] = some
        if any({"terms", "pairs"} & some.keys() for some in patterns.values()):
            return patterns
        _wrong("without a term or a pair in at least one language, nothing would ever match; once more:")


def _words(language: str, check: Check) -> Row:
    """What one language has, checked answer by answer together with what was said before."""
    some: dict[str, Any] = {}

    def asked(question: str, made: Callable[[list[str]], Row]) -> list[str]:
        def checked(text: str) -> None:
            check({"patterns": {language: some | made(_phrases(text))}})

        return _phrases(_asked(f"  {_QUESTIONS[question]}", checked, default=""))

    def listed(key: str) -> None:
        if words := asked(key, lambda words: {key: words}):
            some[key] = words

    listed("terms")
    while left := asked("left", lambda words: {"pairs": [[words, ["the right"]]]}):
        if right := asked("right", lambda words: {"pairs": [[left, words]]}):
            some["pairs"] = [*some.get("pairs", []), [left, right]]
    for key in ("context", "excluding") if some else ():
        listed(key)
    return some


def _asked(question: str, check: Callable[[str], None], *, default: str | None = None) -> str:
    """The answer, once `check` does not object."""
    while True:
        answer = str(typer.prompt(question, default=default, show_default=bool(default))).strip()
        if not answer and default == "":
            return answer
        try:
            check(answer)
        except ConfigError as error:
            _wrong(f"{error.key}: {error.message.partition(': ')[2]}" if error.key else error.message)
        else:
            return answer


def _say(text: str) -> None:
    output().print(text, style="dim")


def _wrong(text: str) -> None:
    output().print(Text(text, style="yellow"), soft_wrap=True)
