"""newswatch topics: a third topic from nothing, by options, by file and at the keyboard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from pipeline.config import load_config
from seeds.make_practice import HERE, feed
from tests.cli.machine import offline
from tests.cli.practice import BY_OPTIONS, PRACTICE
from tests.cli.terminal import terminal
from tests.world import ROOT, World


def test_the_feed_to_practise_on_is_made_of_its_texts() -> None:
    assert (HERE / "mekong.xml").read_bytes() == feed()


def test_a_topic_by_options_is_written_and_looked_for(read: World) -> None:
    world = read
    before = (world.folder / "config" / "topics.yml").read_text(encoding="utf-8")
    done = world.newswatch("topics", "add", "mekong", *BY_OPTIONS)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Of 112 texts already read, \d+ would match it, \d+ more", done.stdout, re.MULTILINE)
    assert "newswatch reread" in done.stdout
    after = (world.folder / "config" / "topics.yml").read_text(encoding="utf-8")
    assert after.startswith(before)
    topic = load_config(world.folder / "config").topics[-1]
    assert (topic.name, list(topic.patterns)) == ("mekong", ["en", "fr", "zh", "km"])
    assert topic.patterns["en"].terms == ("Mekong River Commission", "MRC")
    assert topic.patterns["en"].pairs == ((("Mekong",), ("secretariat", "member countries", "prior consultation")),)


def test_what_was_read_before_is_tagged_when_it_is_read_again_and_nobody_is_mailed(read: World) -> None:
    added = read.newswatch("topics", "add", "mekong", *BY_OPTIONS)
    assert "0 articles" in read.newswatch("search", "topic:mekong").stdout
    mailed = sorted((read.home / "mail").glob("*"))
    again = read.newswatch("reread")
    assert again.stdout.splitlines()[0] == "112 articles were read again, 112 written to the search index"
    found = json.loads(read.newswatch("search", "topic:mekong", "--limit", "100", "--json").stdout)
    titles = {hit["title"] for hit in found["hits"]}
    assert f"Of 112 texts already read, {len(found['hits'])} would match it" in added.stdout
    assert {"River commission warns of low flows below Stung Treng", "湄公河委员会预警枯水"} <= titles
    assert "Dolphin calves counted at Kampi" not in titles
    assert sorted((read.home / "mail").glob("*")) == mailed


def test_a_part_of_the_past_is_read_again(practised: World) -> None:
    none = practised.newswatch("reread", "2020-01-01", "2020-01-02", "--source", "practice")
    assert none.stdout == "0 articles were read again, 0 written to the search index\n", none.stderr
    wrong = practised.newswatch("reread", "2020-01-02", "2020-01-01")
    assert (wrong.returncode, "did you mean 2020-01-01 to 2020-01-02" in wrong.stderr) == (2, True)


def test_new_articles_are_tagged_by_the_next_pass(tmp_path: Path) -> None:
    world = offline(tmp_path)
    world.configure(feeds=PRACTICE)
    added = world.newswatch("topics", "add", "mekong", *BY_OPTIONS)
    assert "Of 0 texts already read" in added.stdout
    assert world.newswatch("run").returncode == 0
    assert "River commission warns" in world.newswatch("search", "topic:mekong", "--limit", "100").stdout


def test_a_topic_by_file(practised: World, tmp_path: Path) -> None:
    row = {"name": "dams", "title": "Dams", "patterns": {"en": {"terms": ["hydropower"]}}}
    for number, content in enumerate((row, {"topics": [row]})):
        world = offline(tmp_path / str(number))
        (tmp_path / "dams.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        done = world.newswatch("topics", "add", "barrages", "--from", str(tmp_path / "dams.yml"))
        assert done.returncode == 0, done.stderr
        topic = load_config(world.folder / "config").topics[-1]
        assert (topic.name, topic.title, topic.threshold) == ("barrages", "Dams", 0.5)


WRONG = {
    "needs a name": ("--title", "Dams", "--term", "en:dam"),
    "needs a title": ("dams", "--term", "en:dam"),
    'there is a topic "asem" already': ("asem", "--title", "Asem", "--term", "en:dam"),
    'name: "Dams" must be small letters': ("Dams", "--title", "Dams", "--term", "en:dam"),
    'does not begin with its language, as in "en:dam"': ("dams", "--title", "Dams", "--term", "dam"),
    '"en:Mekong" has not the form': ("dams", "--title", "Dams", "--pair", "en:Mekong"),
    '"hydropower" is there among terms, too': (
        *("dams", "--title", "Dams", "--term", "en:hydropower", "--excluding", "en:hydropower"),
    ),
    "candidate: 0.12 is higher than the threshold 0.1": (
        *("dams", "--title", "Dams", "--term", "en:dam", "--threshold", "0.1"),
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named(message: str, practised: World) -> None:
    before = (practised.folder / "config" / "topics.yml").read_bytes()
    done = practised.newswatch("topics", "add", *WRONG[message])
    said = " ".join(done.stderr.replace("│", " ").split())
    assert (done.returncode, message in said) == (2, True), said
    assert (practised.folder / "config" / "topics.yml").read_bytes() == before


def test_a_topic_at_the_keyboard(read: World) -> None:
    """Each wrong answer is asked for again, with the reason."""
    world = read
    with terminal(world, "topics", "add") as screen:
        for question, answer in (
            ("Name, as in topic:NAME", "Mekong!"),
            ('"Mekong!" must be small letters', "mekong"),
            ("Title for people", "Mekong River Commission"),
            ("Languages", "english"),
            ('"english" must be a language', "en, km"),
            ("English: words that", ""),
            ("enough alone", "MRC, M"),
            ('"M" is too short', "Mekong River Commission, MRC"),
            ("neither enough alone, the left", "Mekong"),
            ("and the right", "secretariat, member countries"),
            ("neither enough alone, the left", ""),
            ("raise the score", "Vientiane"),
            ("mean something else", "MRC"),
            ("is there among terms, too", "Medical Research Council"),
            ("Khmer: words that", ""),
            ("enough alone", "គណៈកម្មការទន្លេមេគង្គ"),
            ("neither enough alone, the left", ""),
            ("raise the score", ""),
            ("mean something else", ""),
            ("This will be added", ""),
            ("[Y/n]", "y"),
        ):
            screen.expect(question)
            if question.endswith(("words that", "be added")):
                continue
            screen.type(answer + "\n")
        screen.expect("Of 112 texts already read, ")
        assert int(screen.expect(" would match it")) > 30
        assert screen.end() == 0
    topic = load_config(world.folder / "config").topics[-1]
    assert topic.patterns["en"].excluding == ("Medical Research Council",)
    assert topic.patterns["km"].terms == ("គណៈកម្មការទន្លេមេគង្គ",)


def test_giving_up_at_the_keyboard_writes_nothing(tmp_path: Path) -> None:
    world = offline(tmp_path)
    with terminal(world, "topics", "add", "mekong") as screen:
        screen.expect("Title for people")
        assert screen.interrupt() == 1
        assert "Aborted" in screen.text
    own = (world.folder / "config" / "topics.yml").read_text(encoding="utf-8")
    assert own == (ROOT / "config" / "topics.yml").read_text(encoding="utf-8")


def test_the_list(practised: World) -> None:
    done = practised.newswatch("topics", "list")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: " ".join(line.split()) for line in done.stdout.splitlines() if line[0] != " "}
    assert "model that ships 0.5 none" in rows["cambodia_china"]
    assert rows["mekong"].startswith("mekong en 9, fr 1, zh 2, km 1 words alone 0.5 none")
