"""The pages that explain config/ and the compose file name every key, and only commands and settings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from pipeline.cli.app import app
from pipeline.config_schema import CONFIG_KEYS
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["sources.md", "alerts.md", "watchlist.md", "first-start.md"]
TEXTS = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in PAGES}
SETTINGS = {f"NEWSWATCH_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize(
    ("page", "file"), [("sources.md", "feeds.yml"), ("alerts.md", "alerts.yml"), ("watchlist.md", "watchlist.yml")]
)
def test_every_key_is_explained(page: str, file: str) -> None:
    shown = set(re.findall(r"^\| `(\w+)` \|", TEXTS[page], re.MULTILINE))
    shown |= set(re.findall(r"^ {4}(?:- |  )(\w+): ", TEXTS[page], re.MULTILINE))
    assert set(CONFIG_KEYS[file]) <= shown


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    code = " ".join(re.findall(r"`[^`]+`|^ {4}.*$", TEXTS[page], re.MULTILINE))
    told = re.findall(r"(?<!\w)newswatch ((?:[a-z]+ ?)+)", code)
    assert told or page == "watchlist.md"
    for words in told:
        group: object = typer.main.get_command(app)
        for word in words.split():
            if not (commands := getattr(group, "commands", {})):
                break
            assert word in commands, words
            group = commands[word]


@pytest.mark.parametrize("page", PAGES)
def test_settings_exist(page: str) -> None:
    told = set(re.findall(r"NEWSWATCH_[A-Z_]+", TEXTS[page])) - {"NEWSWATCH_SMTP_"}
    assert told <= SETTINGS


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", TEXTS[page]):
        assert target.startswith("http") or (ROOT / "docs" / target).exists(), target


def test_the_first_start_names_every_open_port() -> None:
    ports = re.findall(r"127\.0\.0\.1:(\d+):", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert [port for port in ports if port not in TEXTS["first-start.md"]] == []
