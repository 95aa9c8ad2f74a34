"""newswatch show: one article with everything known of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from seeds.make_practice import HERE
from tests.cli.conftest import After
from tests.cli.machine import offline
from tests.cli.practice import PRACTICE

TITLE = "Cambodia-China ties ‘stronger than ever’, says Sokhonn"


@pytest.fixture(scope="module")
def seed(demo: After) -> str:
    """The id of the seed article at its first publisher."""
    query = 'source:demo-kingdom-daily AND title:"stronger than ever"'
    (hit,) = json.loads(demo.world.newswatch("search", query, "--json").stdout)["hits"]
    return str(hit["id"])


def show(demo: After, id: str) -> str:
    done = demo.world.newswatch("show", id)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_seed_with_everything_known_of_it(demo: After, seed: str) -> None:
    said = show(demo, seed)
    parts = dict(re.findall(r"^(Topics|Entities|Family|Alerts) ─+\n(.*?)(?=^\w+ ─|\Z)", said, re.M | re.S))
    assert said.startswith(TITLE)
    assert "https://kingdom-daily.example/" in said
    assert "Kingdom Daily (demonstration) (KH, independent), 2019-06-09" in said
    assert re.search(r"^yes \d\.\d\d  cambodia_china  because of .*Cambodia", parts["Topics"], re.M)
    assert re.search(r"^yes \d\.\d\d  asem  because of .*Asem", parts["Topics"], re.M)
    assert re.search(
        r"^PERSON Prak Sokhonn, Foreign Minister of Cambodia  \d+x  also Sokhonn  Q23771428$", parts["Entities"], re.M
    )
    assert re.search(r"^PERSON Wang Yi, .*also Wang\b", parts["Entities"], re.M)
    assert "first seen here; 2 other members" in parts["Family"]
    assert parts["Family"].count("Wire Mirror (demonstration): ") == 2
    assert re.search(r"cambodia-china to analyst@example.org: sent \d{4}-\d\d-\d\d", parts["Alerts"])
    assert "foreign-ministers to analyst@example.org: to be sent" in parts["Alerts"]


def test_as_much_of_an_id_as_is_unique(demo: After, seed: str) -> None:
    assert show(demo, seed[:8]) == show(demo, seed)


def test_an_id_that_is_none(demo: After) -> None:
    done = demo.world.newswatch("show", "zzzz")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "error: zzzz: there is no article with this id\n")


def test_an_id_that_is_more_than_one(demo: After) -> None:
    hits = json.loads(demo.world.newswatch("search", "*", "--json", "--limit", "100").stdout)["hits"]
    starts = [hit["id"][0] for hit in hits]
    common = max(starts, key=starts.count)
    assert starts.count(common) > 1  # 25 ids and 16 digits
    done = demo.world.newswatch("show", common)
    assert done.returncode == 1
    assert "more than one article begins so" in done.stderr


@pytest.mark.parametrize("id", ["", "%", "_"])
def test_ids_that_could_mean_something_to_a_database(demo: After, id: str) -> None:
    done = demo.world.newswatch("show", id)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_namesake_holds_no_office(tmp_path: Path) -> None:
    texts = {"Li Qiang wins the hurdles": "Li Qiang ran for Chengdu.", "Premier Li Qiang in Hanoi": "Li Qiang stays."}
    items = "".join(
        f"<item><title>{title}</title><guid>{title}</guid><pubDate>Mon, 02 Nov 2026 06:00:00 +0000</pubDate>"
        f"<description>{text}</description></item>"
        for title, text in texts.items()
    )
    (tmp_path / "li.xml").write_text(f'<rss version="2.0"><channel><title>Li</title>{items}</channel></rss>')
    world = offline(tmp_path / "own")
    world.configure(feeds=PRACTICE.replace(str(HERE / "mekong.xml"), str(tmp_path / "li.xml")))
    world.newswatch("run")
    said = {}
    for title in texts:
        (hit,) = json.loads(world.newswatch("search", f'title:"{title}"', "--json").stdout)["hits"]
        said[title] = world.newswatch("show", hit["id"]).stdout
    assert ["Li Qiang, Premier of China" in said[title] for title in texts] == [False, True]
    assert all("PERSON Li Qiang" in each for each in said.values())
