"""The manual is complete and true: every command, option, setting and key is described, and the examples are run.

What a page says in sentences is not checked.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption

from pipeline.cli.app import app
from pipeline.config_schema import CONFIG_KEYS
from pipeline.settings import NOT_OURS, Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MODELS = ROOT / "pipeline" / "enrich" / "models"
PAGES = {page.relative_to(ROOT).as_posix(): page for page in (*ROOT.glob("*.md"), *sorted(DOCS.glob("*.md")))}
TEXTS = {name: page.read_text(encoding="utf-8") for name, page in PAGES.items()}
README = TEXTS["README.md"]
PAGE_OF = {
    "feeds.yml": "docs/sources.md",
    "topics.yml": "docs/topics.md",
    "watchlist.yml": "docs/watchlist.md",
    "alerts.yml": "docs/alerts.md",
}


def commands(group: TyperGroup, *words: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each command as it is typed, with its options."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, *words, name)
        else:
            options = [parameter for parameter in command.params if isinstance(parameter, TyperOption)]
            spellings = (spelling for option in options for spelling in (*option.opts, *option.secondary_opts))
            yield " ".join((*words, name)), tuple(spelling for spelling in spellings if spelling.startswith("--"))


def all_commands() -> dict[str, tuple[str, ...]]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(commands(group, "newswatch"))


COMMANDS = all_commands()


def section(text: str, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f'there is no section "{heading}"'
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described_and_exists(name: str) -> None:
    described = re.findall(r"^\| `(--[a-z-]+)", section(TEXTS["docs/commands.md"], name), re.MULTILINE)
    assert sorted(described) == sorted(COMMANDS[name])


def test_every_command_is_described_and_exists() -> None:
    assert sorted(re.findall(r"^## (newswatch .*)$", TEXTS["docs/commands.md"], re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("file", CONFIG_KEYS)
def test_every_key_of_the_configuration_is_described(file: str) -> None:
    described = TEXTS.get(PAGE_OF[file], "")
    shown = {word for code in re.findall(r"`([^`\n]+)`|^( {4}.*)$", described, re.MULTILINE) for word in code}
    words = {word for code in shown for word in re.findall(r"\w+", code)}
    assert [key for key in CONFIG_KEYS[file] if key not in words] == []
    assert f"]({PAGE_OF[file]})" in README


def test_the_page_of_settings_is_up_to_date() -> None:
    written = runpy.run_path(str(DOCS / "make_settings.py"))["page"]()
    assert TEXTS["docs/settings.md"] == written, "run python docs/make_settings.py"
    for name in Settings.model_fields:
        assert f"`NEWSWATCH_{name.upper()}`" in written


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", without_code(TEXTS[name]))
    for target in (first or second for first, second in targets):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        page = (PAGES[name].parent / path).resolve() if path else PAGES[name]
        assert page.exists(), f"{name} links to {target}"
        if anchor:
            assert anchor in anchors(page.read_text(encoding="utf-8")), f"{name} links to {target}"


def without_code(text: str) -> str:
    return re.sub(r"```[^`]*```|`[^`\n]*`|^ {4}.*$", "", text, flags=re.MULTILINE)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_linked_from_the_readme() -> None:
    assert [name for name in PAGES if name != "README.md" and f"]({name})" not in README] == []


@pytest.mark.parametrize("name", PAGES)
def test_settings_and_targets_that_are_told_of_exist(name: str) -> None:
    settings = {f"NEWSWATCH_{field.upper()}" for field in Settings.model_fields}
    told = {word for word in re.findall(r"NEWSWATCH_[A-Z_]+", TEXTS[name]) if not word.endswith("_")}
    assert {word for word in told if not word.startswith(NOT_OURS)} <= settings
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", TEXTS[name], re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", PAGES)
def test_modules_that_are_told_of_exist(name: str) -> None:
    for module in re.findall(r"python -m ([\w.]+)", TEXTS[name]):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module
    for script in re.findall(r"python ((?:\w+/)+\w+\.py)", TEXTS[name]):
        assert (ROOT / script).exists(), script


def test_the_changelog_begins_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    found = re.search(r"^## \[([^\]]+)\]", TEXTS["CHANGELOG.md"], re.MULTILINE)
    assert found
    assert found[1] == version


def test_the_readme_is_short_and_its_pictures_are_small() -> None:
    assert len(README.splitlines()) <= 120
    for picture in ("run.svg", "mail.png"):
        assert f"docs/pictures/{picture}" in README
        assert (DOCS / "pictures" / picture).stat().st_size < 300_000


@pytest.mark.parametrize("file", sorted(MODELS.glob("*/meta.json")), ids=lambda file: file.parent.name)
def test_the_sources_of_the_models_are_credited(file: Path) -> None:
    """By a name that begins with a capital, as in `GUM bio, interview, voyage`, or an identifier."""
    meta = json.loads(file.read_text(encoding="utf-8"))
    credits = section(README, "Models and their sources")
    assert f"`{file.parent.name}`" in credits
    assert f"under {meta['license']}" in credits
    for source in meta["sources"]:
        assert source["license"]
        assert any(word in credits for word in re.findall(r"\b(?:[A-Z][\w-]{2,}|\w+_\w+)", source["name"])), source


Example = tuple[str, list[str]]


def examples(text: str) -> Iterator[Example]:
    """Commands and what the manual says they print, from its blocks named console."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.rstrip("\n").split("\n")
            yield command, lines


EXAMPLES = list(examples(TEXTS["docs/commands.md"]))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demonstration feeds, and no others, were read."""
    folder = tmp_path_factory.mktemp("manual")
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "config" / "feeds.yml").write_text("sources: []\n", encoding="utf-8")
    (folder / "seeds").symlink_to(ROOT / "seeds")
    done = shell("newswatch run --demo", folder)
    assert re.search(r"^Feeds +6 tried: 6 changed, 0 unchanged, 0 failed", done, re.MULTILINE), done
    return folder


def shell(command: str, folder: Path) -> str:
    """What a command prints, errors after results."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWATCH_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
        "NEWSWATCH_CONFIG": str(folder / "config"),
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    return done.stdout + done.stderr


def expected(lines: list[str]) -> re.Pattern[str]:
    """A line of three dots stands for any lines, three dots in a line for any characters; spaces are not counted."""
    parts = [
        r"(?:.*\n)*?" if line == "..." else re.escape(narrow(line)).replace(r"\.\.\.", ".*") + r" ?\n" for line in lines
    ]
    return re.compile("".join(parts))


def narrow(text: str) -> str:
    """Columns of a table are as wide as what they hold, which may change with the time of day."""
    return re.sub(" +", " ", text)


@pytest.mark.parametrize(("command", "lines"), EXAMPLES, ids=[command.split(" '")[0][:40] for command, _ in EXAMPLES])
def test_examples_print_what_the_manual_says(command: str, lines: list[str], demonstration: Path) -> None:
    printed = shell(command, demonstration)
    assert expected(lines).fullmatch(narrow(printed)), f"the manual:\n{chr(10).join(lines)}\n\nthe command:\n{printed}"


def test_the_walk_through_a_new_topic_prints_what_the_manual_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    source = re.search(r"^ {4}sources:\n(?: {6}.*\n)+", TEXTS["docs/topics.md"], re.MULTILINE)
    assert source
    (tmp_path / "config" / "feeds.yml").write_text(textwrap.dedent(source[0]), encoding="utf-8")
    shell("newswatch run", tmp_path)
    walk = list(examples(TEXTS["docs/topics.md"]))
    assert {command.split()[2] for command, _ in walk if " topics " in command} == {"add", "label", "train", "list"}
    for command, lines in walk:
        printed = shell(command, tmp_path)
        assert expected(lines).fullmatch(narrow(printed)), f"the manual:\n{chr(10).join(lines)}\n\n{printed}"


def test_a_wrong_example_is_noticed() -> None:
    assert expected(["a ... c", "...", "z"]).fullmatch("a b c\nx\ny\nz\n")
    assert not expected(["a ... c", "z"]).fullmatch("a b c\nx\nz\n")
    assert not expected(["a"]).fullmatch("a\nb\n")
