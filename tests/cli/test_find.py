"""newswatch suggest, similar and search --histogram, after a pass over the demonstration feeds."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import After

SEED = "Cambodia-China ties ‘stronger than ever’, says Sokhonn"


def test_names_that_start_so_as_a_page_and_as_json(demo: After) -> None:
    page = demo.world.newswatch("suggest", "sokh")
    assert (page.returncode, page.stdout.split()[:3]) == (0, ["Prak", "Sokhonn", "person"])
    names = json.loads(demo.world.newswatch("suggest", "王", "--json").stdout)
    assert [(each["name"], each["alias"], each["kind"]) for each in names] == [("Wang Yi", "王毅", "person")]
    assert names[0]["count"] == 7
    places = json.loads(demo.world.newswatch("suggest", "c", "--kind", "place", "--limit", "1", "--json").stdout)
    assert [(each["name"], each["kind"]) for each in places] == [("Cambodia", "place")]


def test_no_name_is_an_answer(demo: After) -> None:
    done = demo.world.newswatch("suggest", "zzyzx")
    assert (done.returncode, done.stdout) == (0, "no name starts so\n")


def test_articles_like_one(demo: After) -> None:
    found = json.loads(demo.world.newswatch("search", f'title:"{SEED}" source:demo-kingdom-daily', "--json").stdout)
    id = found["hits"][0]["id"]
    alone = json.loads(demo.world.newswatch("similar", id, "--json").stdout)
    assert {each["copy"] for each in alone} == {False}
    marked = json.loads(demo.world.newswatch("similar", id[:8], "--copies", "--json", "--limit", "3").stdout)
    assert [each["copy"] for each in marked] == [True, True, False]
    assert id not in {each["hit"]["id"] for each in (*alone, *marked)}
    page = demo.world.newswatch("similar", id, "--copies", "--limit", "1")
    assert "a copy" in page.stdout


def test_bars_by_time_and_the_same_numbers_as_json(demo: After) -> None:
    done = demo.world.newswatch("search", "topic:asem", "--limit", "1", "--histogram", "year")
    lines = [line.split() for line in done.stdout.splitlines() if "█" in line]
    assert [(year, int(count)) for year, _, count in lines] == [("2019", 6), ("2020", 4)]
    found = json.loads(demo.world.newswatch("search", "topic:asem", "--json", "--histogram", "year").stdout)
    assert found["histogram"] == [
        {"start": "2019-01-01T00:00:00Z", "count": 6},
        {"start": "2020-01-01T00:00:00Z", "count": 4},
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["suggest", "?!"], "no letter or digit"),
        (["suggest", "a", "--kind", "river"], "'river' is not one of"),
        (["search", "*", "--histogram", "decade"], "'decade' is not one of"),
    ],
)
def test_asked_wrongly(arguments: list[str], said: str, demo: After) -> None:
    done = demo.world.newswatch(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def test_an_article_that_nobody_knows(demo: After) -> None:
    done = demo.world.newswatch("similar", "ffffffff")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ffffffff" in done.stderr
