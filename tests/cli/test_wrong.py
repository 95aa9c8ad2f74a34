"""What is asked wrongly ends with status 2 and a line that says what was meant."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.machine import CONFIG, environment, offline
from tests.world import COMMAND, World, feeds_yml


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return offline(tmp_path_factory.mktemp("wrong"))


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What was said, on one line."""
    assert (done.returncode, done.stdout) == (2, ""), done
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("command", [["run"], ["doctor"], ["alerts", "list"]])
def test_a_misspelt_setting(world: World, command: list[str]) -> None:
    said = refused(world.newswatch(*command, NEWSWATCH_SMTP_HOTS="mail.example"))
    assert said == "error: NEWSWATCH_SMTP_HOTS: there is no such setting; did you mean NEWSWATCH_SMTP_HOST?\n"


def test_a_setting_that_cannot_be(world: World) -> None:
    said = refused(world.newswatch("run", NEWSWATCH_SMTP_PORT="smtp"))
    assert said.startswith("error: NEWSWATCH_SMTP_PORT: ")
    assert '(got "smtp")' in said


MISTAKES = [
    (
        "feeds",
        feeds_yml({"post": "https://post.example/"}, more=", evry: 30m"),
        "feeds.yml:2: sources.0.evry: ",
        '"every"',
    ),
    (
        "feeds",
        feeds_yml({"post": "ftp://post.example/"}),
        "feeds.yml:2: sources.0.url: ",
        "not an http or https address",
    ),
    (
        "alerts",
        "alerts:\n  - name: x\n    recipients: [a@b.org]\n    query: 'topik:x'\n",
        "alerts.yml:4: alerts.0.query",
        '"topic"',
    ),
    ("alerts", "alerts:\n  - {name: x\n", "alerts.yml:", "cannot be read as YAML"),
]


@pytest.mark.parametrize(("name", "text", "place", "meant"), MISTAKES)
def test_a_mistake_in_the_configuration(world: World, name: str, text: str, place: str, meant: str) -> None:
    good = (world.folder / "config" / f"{name}.yml").read_text(encoding="utf-8")
    world.configure(**{name: text})
    said = refused(world.newswatch("alerts", "list"))
    world.configure(**{name: good})
    assert said.startswith(f"error: {world.folder}/config/{place}")
    assert meant in said
    assert said.count("\n") == 1


def test_nothing_is_begun_with_a_wrong_configuration(tmp_path: Path) -> None:
    world = offline(tmp_path)
    world.configure(alerts=CONFIG["alerts"].replace("[asem]", "[asme]"))
    assert 'there is no topic "asme"; did you mean "asem"?' in refused(world.newswatch("run"))
    assert not world.home.exists()


@pytest.mark.parametrize("arguments", [["serch"], ["run", "--dmeo"], ["feeds", "lst"], ["mail", "test"], ["show"]])
def test_commands_and_options_that_are_none(world: World, arguments: list[str]) -> None:
    assert "newswatch" in refused(world.newswatch(*arguments))


def test_help_is_help(world: World) -> None:
    done = world.newswatch("--help")
    assert done.returncode == 0
    for name in "run watch search show feeds alerts mail reindex doctor parse extract annotate families".split():
        assert f" {name} " in done.stdout


def test_a_reader_that_goes_away_is_no_traceback(world: World, tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text('{"id": 1, "text": "word"}\n' * 20_000, encoding="utf-8")
    command = f"'{COMMAND}' families '{lines}' | head -n 1"
    done = subprocess.run(["bash", "-c", command], env=environment(world), capture_output=True, text=True, check=False)
    assert done.stdout.startswith('{"id":1,')
    assert done.stderr == ""


def test_standard_input_that_is_closed(world: World) -> None:
    command = f"{COMMAND} annotate - <&-"
    done = subprocess.run(["bash", "-c", command], env=environment(world), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: standard input: cannot be read: it is closed\n"


def test_a_home_that_is_a_file(world: World, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.touch()
    done = world.newswatch("search", "asem", NEWSWATCH_HOME=str(home))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {home / 'search'}: the search index cannot be read: Not a directory\n"
