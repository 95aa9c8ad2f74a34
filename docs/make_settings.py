"""`python docs/make_settings.py`: writes docs/settings.md from pipeline/settings.py. A test compares the two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from pipeline.settings import PREFIX, ROOT, Settings

TARGET = Path(__file__).with_name("settings.md")

HEAD = """# Settings

Settings come from the environment, so that secrets need not lie in a file of the repository:

    NEWSWATCH_CONTACT=desk@example.org newswatch run

An unknown name that starts with `NEWSWATCH_`, and a value that cannot be, are errors that name the variable. An empty
value counts as none. `newswatch doctor` shows what is in force, secrets as stars. What is watched and who is mailed is
not here but in `config/`: [sources](sources.md), [topics](topics.md), [watch-list](watchlist.md), [alerts](alerts.md).
"""

TAIL = """
Tests and training read `NEWSWATCH_DATA` (where the data lies, `../shared/data` by default); tests also read what starts
with `NEWSWATCH_TEST_` ([development](development.md)).

<!-- Written by docs/make_settings.py. -->
"""

SECTIONS = {
    "home": "Places",
    "search": "Search",
    "kibana_url": "Kibana",
    "user_agent": "Fetching",
    "parse_memory": "Parsing",
    "enrich_batch": "Reading articles",
    "alert_max_age": "Alerts",
    "smtp_host": "Mail",
    "operator": "Airflow",
    "log_level": "Logs",
}
"""The heading that stands before a setting."""


def page() -> str:
    return HEAD + "".join(_lines()) + TAIL


def _lines() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            yield f"\n## {SECTIONS[name]}\n\n| setting | default | |\n|---|---|---|\n"
        yield f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {_meaning(field)} |\n"


def _default(value: object) -> str:
    match value:
        case None:
            return ""
        case Path() if value.is_relative_to(ROOT):
            return f"`{value.relative_to(ROOT)}` of the repository"
        case float() if value.is_integer():
            return f"`{int(value)}`"
        case _:
            return f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    text = (field.description or "").replace("<home>", "`NEWSWATCH_HOME`").replace("|", "\\|")
    return text + (": " + ", ".join(f"`{choice}`" for choice in choices) if choices else "")


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
