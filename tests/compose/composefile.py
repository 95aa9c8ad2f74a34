"""docker-compose.yml as data, with .env.example's values put in, for the tests beside this file.

Interpolation is the part of the Compose Specification that the file uses: `$$`, `${NAME:-default}` and
`${NAME:?message}`. Unknown forms raise.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+):(?P<kind>[-?])(?P<rest>[^}]*)\}|(?P<other>.))")

Service = dict[str, Any]


def compose(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole file; `environment` defaults to what .env.example sets."""
    values = example() if environment is None else environment
    loaded: dict[str, Any] = _put_in(as_written(), values)
    return loaded


@functools.cache
def as_written() -> dict[str, Any]:
    """The whole file without values. Not to be changed."""
    loaded: dict[str, Any] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return loaded


def services() -> dict[str, Service]:
    found: dict[str, Service] = compose()["services"]
    return found


def example(*, commented: bool = False) -> dict[str, str]:
    """What .env.example sets; what it offers in comments too, if asked."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    pattern = r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$" if commented else r"^([A-Z][A-Z0-9_]*)=(.*)$"
    return dict(re.findall(pattern, text, re.MULTILINE))


def variables() -> dict[str, str]:
    """Variables that the file asks for, with "?" for required and "-" for optional ones."""
    found = VARIABLE.finditer(FILE.read_text(encoding="utf-8"))
    return {match["name"]: match["kind"] for match in found if match["name"]}


def _put_in(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _put_in(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_put_in(value, values) for value in node]
    return VARIABLE.sub(lambda match: _value(match, values), node) if isinstance(node, str) else node


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    if match["dollar"]:
        return "$"
    if match["other"]:
        raise ValueError(f"an interpolation that these tests do not know: {match[0]}")
    if values.get(match["name"]):
        return values[match["name"]]
    if match["kind"] == "?":
        raise KeyError(match["name"])
    return match["rest"]
