"""config/*.yml -> checked sources, topics, watch-list and rules.

Promises that what it returns is whole and consistent, or raises ConfigError naming file, line, key and, for a
misspelling, the nearest valid one. It reads files and nothing else: whether a feed answers is `feeds check`'s
question. `demo.yml` is read only when asked for.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline.config_file import Document, Where, read_document
from pipeline.config_schema import PATTERNS, EntityModel, PatternsModel, RuleModel, SourceModel, StrictModel, TopicModel
from pipeline.model import Office, Rule, Source, Topic, TopicPatterns, WatchEntity
from pipeline.query import parse_query
from pipeline.query.tree import Exactly, leaves


@dataclass(frozen=True, slots=True)
class Config:
    sources: tuple[Source, ...]
    topics: tuple[Topic, ...]
    watchlist: tuple[WatchEntity, ...]
    rules: tuple[Rule, ...]


M = TypeVar("M", bound=StrictModel)


def load_config(folder: Path, *, demo: bool = False) -> Config:
    """All four files of `folder`, and demo.yml's sources too if `demo`. Raises ConfigError."""
    feeds = _sources(folder / "feeds.yml")
    if demo:
        document, more = _read(folder / "demo.yml", "sources", SourceModel)
        feeds += _checked_sources(document, more, taken={source.id for source in feeds})
    topics = _topics(folder / "topics.yml")
    watchlist = _watchlist(folder / "watchlist.yml")
    return Config(tuple(feeds), topics, watchlist, _rules(folder / "alerts.yml", feeds, topics))


def _sources(file: Path) -> list[Source]:
    document, models = _read(file, "sources", SourceModel)
    return _checked_sources(document, models, taken=set())


def _checked_sources(document: Document, models: list[SourceModel], *, taken: set[str]) -> list[Source]:
    _unique(document, "sources", "id", [model.id for model in models], taken)
    _unique(document, "sources", "url", [model.url for model in models], set())
    _unique(document, "sources", "name", [model.name for model in models], set())
    for at, model in enumerate(models):
        if model.url.startswith("file:") and not model.allow_private:
            raise document.error(("sources", at, "url"), "a file: address needs allow_private: true")
    return [Source(**dict(model)) for model in models]


def _topics(file: Path) -> tuple[Topic, ...]:
    return checked_topics(read_document(file))


def checked_topics(document: Document) -> tuple[Topic, ...]:
    """The topics of topics.yml, as they are used. Raises ConfigError."""
    models = _rows(document, "topics", TopicModel)
    _unique(document, "topics", "name", [model.name for model in models], set())
    return tuple(
        Topic(
            model.name,
            model.title,
            model.threshold,
            model.candidate,
            {language: TopicPatterns(**dict(patterns)) for language, patterns in model.patterns.items()},
        )
        for model in models
    )


def _watchlist(file: Path) -> tuple[WatchEntity, ...]:
    document, models = _read(file, "entities", EntityModel)
    _unique(document, "entities", "name", [model.name for model in models], set())
    return tuple(
        WatchEntity(**dict(model) | {"offices": tuple(Office(**dict(office)) for office in model.offices)})
        for model in models
    )


def _rules(file: Path, sources: Iterable[Source], topics: Iterable[Topic]) -> tuple[Rule, ...]:
    document, models = _read(file, "alerts", RuleModel)
    _unique(document, "alerts", "name", [model.name for model in models], set())
    known = {"topics": {topic.name for topic in topics}, "sources": {source.id for source in sources}}
    for at, model in enumerate(models):
        if not (model.topics or model.entities or model.query or model.sources or model.languages):
            raise document.error(("alerts", at), "an alert needs topics, entities, query, sources or languages")
        for key, names in known.items():
            for place, value in enumerate(getattr(model, key)):
                if value not in names:
                    message = f'there is no {key[:-1]} "{value}"{_suggest(value, names)}'
                    raise document.error(("alerts", at, key, place), message)
        for key, value in _queried(model):
            if value not in known[key]:
                message = f'there is no {key[:-1]} "{value}"{_suggest(value, known[key])}'
                raise document.error(("alerts", at, "query"), message)
    return tuple(Rule(**dict(model)) for model in models)


def _queried(model: RuleModel) -> Iterator[tuple[str, str]]:
    """The topics and sources that a rule's query names, each as ("topics" or "sources", name)."""
    for leaf, _ in leaves(parse_query(model.query).root) if model.query else ():
        if isinstance(leaf, Exactly) and leaf.field in ("topic", "source"):
            yield f"{leaf.field}s", leaf.value


def _read(file: Path, key: str, model: type[M]) -> tuple[Document, list[M]]:
    document = read_document(file)
    return document, _rows(document, key, model)


def _rows(document: Document, key: str, model: type[M]) -> list[M]:
    for name in document.root:
        if name != key:
            raise document.error((str(name),), f"there is no such key{_suggest(str(name), [key])}")
    rows = document.root.get(key)
    if not isinstance(rows, list):
        raise document.error((key,), f"the file must hold a list named {key}")
    return [_validated(document, (key, at), model, row) for at, row in enumerate(rows)]


def _validated(document: Document, path: Where, model: type[M], row: object) -> M:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        # A misspelt key is also a missing one: then the spelling is the thing to mend.
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        where = tuple(part for part in first["loc"] if part != "[key]")
        raise document.error((*path, *where), _words(first, model)) from error


def _words(error: Mapping[str, Any], model: type[StrictModel]) -> str:
    value = error.get("input")
    match error["type"]:
        case "extra_forbidden":
            return f"there is no such key{_suggest(str(error['loc'][-1]), _keys(model, error['loc']))}"
        case "missing":
            return "is missing"
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']+)'", error["ctx"]["expected"])
            return f'"{value}" is not one of {", ".join(choices)}{_suggest(str(value), choices)}'
        case "string_pattern_mismatch":
            return f'"{value}" must {PATTERNS[error["ctx"]["pattern"]]}'
        case "value_error":
            return str(error["ctx"]["error"])
        case kind if kind in _KINDS:
            return f"must be {_KINDS[kind]}"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}"


_KINDS = {
    "model_type": "keys with values",
    "dict_type": "keys with values",
    "tuple_type": "a list",
    "string_type": 'text; put it between "quotation marks"',
    "string_too_short": "text, and not empty",
    "too_short": "a list that is not empty",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "float_parsing": "a number",
    "float_type": "a number",
}


def _keys(model: type[StrictModel], loc: Where) -> list[str]:
    return list((PatternsModel if "patterns" in loc[:-1] else model).model_fields)


def _suggest(value: str, choices: Iterable[str]) -> str:
    folded = {choice.casefold(): choice for choice in choices}
    near = difflib.get_close_matches(value.casefold(), folded, n=1)
    return f'; did you mean "{folded[near[0]]}"?' if near else ""


def _unique(document: Document, key: str, field: str, values: list[str], taken: set[str]) -> None:
    seen: dict[str, int] = {}
    for at, value in enumerate(values):
        if value in seen or value in taken:
            before = f", first at line {document.line((key, seen[value], field))}" if value in seen else ""
            raise document.error((key, at, field), f'"{value}" is there twice{before}')
        seen[value] = at
