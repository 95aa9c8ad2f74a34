"""newswatch topics label and train: answers by key and by file, a model that is used, and taken back."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import load_config
from seeds.make_practice import HERE, texts
from tests.cli.terminal import Terminal, terminal
from tests.world import World

ABOUT = {each.title: each.about for each in texts("learn")}


@pytest.fixture
def world(practised: World, tmp_path: Path) -> World:
    """The topic is written, and nothing labelled; for one test alone."""
    shutil.copytree(practised.folder, tmp_path / "own")
    return replace(practised, folder=tmp_path / "own")


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def labels(world: World) -> list[dict[str, Any]]:
    return rows(world.home / "labels" / "mekong.jsonl")


# --- by key -------------------------------------------------------------------------------------------------


def asked(screen: Terminal) -> str:
    """The title of the text that is asked about now."""
    screen.expect(" left ")
    shown = screen.expect("q quit").split("\n")
    return next(line.strip() for line in shown if line.strip() in ABOUT)


def test_answers_by_key_are_saved_at_once_and_never_asked_again(world: World) -> None:
    with terminal(world, "topics", "label", "mekong") as screen:
        first = asked(screen)
        screen.type("y")
        second = asked(screen)
        assert [row["label"] for row in labels(world)] == ["yes"]
        screen.type("n")
        third = asked(screen)
        screen.type("u")
        assert asked(screen) == second
        assert [row["label"] for row in labels(world)] == ["yes"]
        screen.expect("taken back")
        screen.type("s")
        assert asked(screen) == third
        screen.type("x")
        assert asked(screen) == third
        screen.expect("y, n, s, u or q")
        screen.type("q")
        screen.expect("1 yes, 0 no, 1 skipped")
        screen.expect("at least 9 more yes and 10 more no")
        assert screen.end() == 0
    assert [(row["label"], row["language"]) for row in labels(world)] == [("yes", "en"), ("skip", "en")]
    with terminal(world, "topics", "label", "mekong") as screen:
        shown = {asked(screen)}
        screen.type("n")
        shown.add(asked(screen))
        assert shown.isdisjoint({first, second})
        assert screen.interrupt() == 0
    assert [row["label"] for row in labels(world)] == ["yes", "skip", "no"]


def test_a_terminal_that_goes_away_loses_no_answer(world: World) -> None:
    with terminal(world, "topics", "label", "mekong") as screen:
        asked(screen)
        screen.type("y")
        asked(screen)
        screen.process.kill()
    assert [row["label"] for row in labels(world)] == ["yes"]


def test_the_evidence_is_marked_and_the_score_is_shown(world: World) -> None:
    with terminal(world, "topics", "label", "mekong") as screen:
        asked(screen)
        assert re.search(r"score 0\.\d\d  [=.|]{40}  threshold 0\.50", screen.text)
        assert re.search(r"River Practice, 2026-11-02, language en, id [0-9a-f]{8}", screen.text)
        assert re.search("\x1b\\[1;33m(MRC|Mekong)", screen.raw)


# --- by file ------------------------------------------------------------------------------------------------


def exported(world: World, number: int = 200) -> list[dict[str, Any]]:
    done = world.newswatch("topics", "label", "mekong", "--export", str(number))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def questions(practised: World) -> list[dict[str, Any]]:
    return exported(practised)


def answered(questions: list[dict[str, Any]], file: Path, *, every: int = 1) -> Path:
    made = [row | {"label": "yes" if ABOUT[row["title"]] else "no"} for row in questions[::every]]
    file.write_text("".join(json.dumps(row) + "\n" for row in made), encoding="utf-8")
    return file


def test_the_most_telling_come_first_and_each_fifth_by_chance(questions: list[dict[str, Any]]) -> None:
    asked_for = questions
    assert len(asked_for) == len(ABOUT)
    doubts = [abs(row["score"] - 0.5) for at, row in enumerate(asked_for[:20]) if at % 5 != 4]
    assert doubts == sorted(doubts)
    assert doubts[-1] < 0.5
    by_chance = [abs(row["score"] - 0.5) for at, row in enumerate(asked_for[:20]) if at % 5 == 4]
    assert max(by_chance) > doubts[-1]


def test_a_file_of_answers(world: World, questions: list[dict[str, Any]], tmp_path: Path) -> None:
    file = answered(questions, tmp_path / "answers.jsonl", every=8)
    done = world.newswatch("topics", "label", "mekong", "--import", str(file))
    assert (done.returncode, "14 answers are added" in done.stdout) == (0, True), done.stderr
    assert {row["article"] for row in labels(world)} == {row["article"] for row in rows(file)}
    assert {row["article"] for row in exported(world)}.isdisjoint(row["article"] for row in rows(file))
    listed = world.newswatch("topics", "list").stdout
    said = Counter(row["label"] for row in labels(world))
    assert f"{said['yes']} yes, {said['no']} no" in " ".join(listed.split())


WRONG = {
    'answers.jsonl:2: article: there is no article "feedbeef" in the ledger': '{"article": "feedbeef", "label": true}',
    'answers.jsonl:2: label: "perhaps" is not one of yes, no, skip': '{"article": "feedbeef", "label": "perhaps"}',
    "answers.jsonl:2: is not of the form": '{"article": "feedbeef"}',
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_line_is_named_and_nothing_is_taken_in(
    message: str, world: World, questions: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "answers.jsonl").write_text(json.dumps(questions[0]) + f"\n{WRONG[message]}\n")
    done = world.newswatch("topics", "label", "mekong", "--import", str(tmp_path / "answers.jsonl"))
    assert (done.returncode, message in done.stderr.replace("\n", " ")) == (2, True), done.stderr
    assert not (world.home / "labels").exists()


def test_without_a_terminal_it_says_what_to_do(world: World) -> None:
    done = world.newswatch("topics", "label", "mekong")
    assert (done.returncode, "takes a terminal" in done.stderr) == (2, True)
    wrong = world.newswatch("topics", "label", "mekon")
    assert (wrong.returncode, 'did you mean "mekong"?' in wrong.stderr) == (2, True)


# --- training -----------------------------------------------------------------------------------------------


def test_too_few_labels_are_refused(world: World, questions: list[dict[str, Any]], tmp_path: Path) -> None:
    world.newswatch("topics", "label", "mekong", "--import", str(answered(questions, tmp_path / "few.jsonl", every=10)))
    done = world.newswatch("topics", "train", "mekong")
    assert done.returncode == 1
    assert re.search(
        r"mekong: \d texts are labelled yes and \d no, and training takes 10 of each; newswatch topics label",
        done.stderr,
    )
    undone = world.newswatch("topics", "train", "mekong", "--undo")
    assert (undone.returncode, "nothing to undo" in undone.stderr) == (1, True)


def f1_of_search(world: World) -> float:
    """Of `topic:mekong`, once everything is read again."""
    again = world.newswatch("reread")
    assert again.returncode == 0, again.stderr
    hits = json.loads(world.newswatch("search", "topic:mekong", "--limit", "200", "--json").stdout)["hits"]
    return 2 * sum(ABOUT[hit["title"]] for hit in hits) / (len(hits) + sum(ABOUT.values()))


def test_a_model_is_used_by_the_next_pass_and_taken_back(read: World, tmp_path: Path) -> None:
    """The words of seeds/practice/mekong.yml find all of a river's news; the labels say which of it is meant."""
    world = read
    world.newswatch("topics", "add", "--from", str(HERE / "mekong.yml"))
    world.newswatch("topics", "label", "mekong", "--import", str(answered(exported(world), tmp_path / "all.jsonl")))
    before = (world.folder / "config" / "topics.yml").read_text(encoding="utf-8")
    first = f1_of_search(world)
    trained = world.newswatch("topics", "train", "mekong")
    assert trained.returncode == 0, trained.stderr
    assert re.search(r"^all +112 +56 ", trained.stdout, re.MULTILINE)
    assert re.search(r"^Better, F1 0\.\d\d against 0\.\d\d: it is used from now on", trained.stdout, re.MULTILINE)
    threshold = load_config(world.folder / "config").topics[-1].threshold
    assert f"with the threshold {threshold:g}" in " ".join(trained.stdout.split())
    assert "model of 20" in " ".join(world.newswatch("topics", "list").stdout.split())

    found = world.newswatch("topics", "label", "mekong", "--export", "1")
    assert found.stdout == ""  # all are labelled
    after = f1_of_search(world)
    assert after > first + 0.05  # on the texts that it learned from, but for those that no word of it is in

    undone = world.newswatch("topics", "train", "mekong", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert (world.folder / "config" / "topics.yml").read_text(encoding="utf-8") == before
    assert "km 1 words alone" in " ".join(world.newswatch("topics", "list").stdout.split())
