"""One YAML file: its values, and the lines they stand on.

Promises that a mistake can be shown where it is. Read by libyaml: ruamel's round trip takes twenty times as long, and
does not give back every byte. What the values may be is `config_schema`'s business.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.errors import ConfigError

Where = tuple[int | str, ...]  # keys and places from the root to a value


class _Loader(yaml.CSafeLoader):
    """Reads what YAML 1.2's core schema says: Norway's NO is no boolean, and 2026-11-24 is text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?[0-9]*\.[0-9]+([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True, slots=True)
class Place:
    """`text[start:end]` is the value, beginning in `column`; `brackets`: it is written as [...] or {...}."""

    start: int
    end: int
    column: int
    brackets: bool


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its values, and its nodes, which know the lines they stand on."""

    file: str
    root: dict[object, object]
    node: yaml.Node

    def error(self, path: Where, message: str) -> ConfigError:
        """What to raise about the value at `path`."""
        return ConfigError(self.file, self.line(path), ".".join(str(part) for part in path), message)

    def place(self, path: Where) -> Place | None:
        """Where the value at `path` stands, if there is one."""
        node: yaml.Node | None = self.node
        for part in path:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == part), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
            else:
                return None
        if node is None:
            return None
        brackets = isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
        return Place(node.start_mark.index, node.end_mark.index, node.start_mark.column, brackets)

    def line(self, path: Where) -> int:
        """The line, from 1, of the value at `path`, or of what holds it."""
        node, line = self.node, self.node.start_mark.line
        for part in path:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == part), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line
            else:
                break
        return int(line) + 1


def read_text(file: Path) -> str:
    """Raises ConfigError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(file), None, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), None, "", "is not UTF-8 text") from error


def read_document(file: Path) -> Document:
    """The document in `file`. Raises ConfigError."""
    return parse_document(read_text(file), file)


def parse_document(text: str, file: Path) -> Document:
    """The document that `file` is, or would be, with this text. Raises ConfigError."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        root = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(str(file), line, "", f"cannot be read as YAML: {said}") from error
    except yaml.YAMLError as error:
        raise ConfigError(str(file), None, "", f"cannot be read as YAML: {str(error).splitlines()[0]}") from error
    if node is None or not isinstance(root, dict):
        raise ConfigError(str(file), 1, "", "must be a mapping with one key")
    _refuse_repeated_keys(str(file), node)
    return Document(str(file), root, node)


def _refuse_repeated_keys(file: str, node: yaml.Node) -> None:
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_repeated_keys(file, value)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise ConfigError(file, key.start_mark.line + 1, str(key.value), f'duplicate key "{key.value}"')
            seen.add(key.value)
            _refuse_repeated_keys(file, value)


class _Dumper(yaml.SafeDumper):
    """Lists stand two columns to the right of their key, as in our files."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def block(rows: list[dict[str, object]], *, column: int) -> str:
    """The rows as a YAML list in block style, its dashes at `column`."""
    text = yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=4096)
    return textwrap.indent(text, " " * column)
