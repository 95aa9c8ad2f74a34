"""newswatch feeds list and feeds check: how every feed fares, and what to use instead."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import After
from tests.webserver import Answer, BaseUrl, serving
from tests.world import Item, World, feeds_yml, living, rss

# --- list ---------------------------------------------------------------------------------------------------


def row(done: subprocess.CompletedProcess[str], id: str) -> str:
    """The line, or folded lines, of one source."""
    assert done.returncode == 0, done.stderr
    (found,) = re.findall(rf"^{id} .*\n(?: .*\n)*", done.stdout, re.M)
    return " ".join(str(found).split())


def test_a_feed_that_was_read_and_one_that_was_not(newsroom: After) -> None:
    listed = newsroom.world.newswatch("feeds", "list")
    assert re.fullmatch(r"daily ok \d+ (s|min) ago in 1\d min", row(listed, "daily"))
    assert re.fullmatch(r"gone failed never in \d+ (min|h) the server answered 404 \(1 in a row\)", row(listed, "gone"))


def test_before_any_pass(tmp_path: Path) -> None:
    with living(tmp_path) as world:
        listed = world.newswatch("feeds", "list")
        assert row(listed, "daily") == "daily never read never now"


def test_a_feed_that_fails_after_it_was_read_and_works_again(tmp_path: Path) -> None:
    good: Answer = (200, {}, rss("Daily", [Item("daily-1", "Rice", "Rice was planted.")], ""))
    with living(tmp_path, {"/daily.xml": good}) as world:
        world.configure(feeds=feeds_yml({"daily": f"{world.web}/daily.xml"}))
        world.newswatch("run")
        world.routes["/daily.xml"] = (503, {}, "")
        world.newswatch("run")
        failed = row(world.newswatch("feeds", "list"), "daily")
        assert re.fullmatch(r"daily failed \d+ (s|min) ago in \d+ min the server answered 503 \(1 in a row\)", failed)
        world.routes["/daily.xml"] = good
        world.newswatch("run")
        assert re.fullmatch(r"daily ok \d+ s ago in 1\d min", row(world.newswatch("feeds", "list"), "daily"))


# --- check --------------------------------------------------------------------------------------------------


def routes() -> dict[str, Answer]:
    html = {"Content-Type": "text/html; charset=utf-8"}
    link = '<link rel="alternate" type="application/{0}+xml" title="{1}" href="{2}">'
    home = link.format("rss", "All news", "/all.xml") + link.format("atom", "Asia", "/asia.atom")
    return {
        "/good.xml": (200, {}, rss("Good", [Item("one", "Rice", "Planted."), Item("two", "Fish", "Caught.", 30)], "")),
        "/moved.xml": (301, {"Location": "/good.xml"}, ""),
        "/page.html": (200, html, "<html><body><p>Not found, but we say so with a smile.</p></body></html>"),
        "/home": (200, html, f"<html><head>{home}</head></html>"),
        "/bare": (200, html, "<html><body>nothing here</body></html>"),
    }


def feeds(web: BaseUrl) -> str:
    homes = {"good": "/home", "lost": "/home", "page": "/home", "bare": "/bare", "moved": "/home"}
    paths = {"good": "good.xml", "lost": "lost.xml", "page": "page.html", "bare": "none.xml", "moved": "moved.xml"}
    listed = "".join(feeds_yml({id: f"{web}/{paths[id]}"}, more=f", home: '{web}{homes[id]}'")[9:] for id in paths)
    return f"sources:\n{listed}"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], World, BaseUrl]:
    folder = tmp_path_factory.mktemp("check")
    with serving(routes()) as web, living(folder) as world:
        world.configure(feeds=feeds(web))
        return world.newswatch("feeds", "check"), world, web


def about(checked: tuple[subprocess.CompletedProcess[str], World, BaseUrl], id: str) -> list[str]:
    (found,) = re.findall(rf"^\w+ +{id}: .*\n(?: +.*\n)*", checked[0].stdout, re.M)
    return [line.strip() for line in str(found).splitlines()]


def test_a_good_feed(checked: tuple[subprocess.CompletedProcess[str], World, BaseUrl]) -> None:
    (line,) = about(checked, "good")
    assert re.fullmatch(r"ok +good: 2 entries, newest \d{4}-\d\d-\d\d, rss20", line)


@pytest.mark.parametrize(
    ("id", "why"), [("lost", "the server answered 404"), ("page", "this is a web page, not a feed")]
)
def test_a_bad_feed_and_what_its_home_page_offers_instead(
    checked: tuple[subprocess.CompletedProcess[str], World, BaseUrl], id: str, why: str
) -> None:
    said, *offers = about(checked, id)
    web = checked[2]
    assert said.startswith("failed")
    assert why in said
    assert said.endswith(f"<{web}/{'lost.xml' if id == 'lost' else 'page.html'}>")
    assert offers == [
        f"its home page offers {web}/all.xml (All news)",
        f"its home page offers {web}/asia.atom (Asia)",
    ]


def test_a_home_page_that_offers_nothing(checked: tuple[subprocess.CompletedProcess[str], World, BaseUrl]) -> None:
    assert len(about(checked, "bare")) == 1


def test_a_feed_that_has_moved(checked: tuple[subprocess.CompletedProcess[str], World, BaseUrl]) -> None:
    said, moved = about(checked, "moved")
    assert said.startswith("ok")
    assert moved == f"moved for good to {checked[2]}/good.xml"


def test_the_count_the_status_and_that_nothing_was_kept(
    checked: tuple[subprocess.CompletedProcess[str], World, BaseUrl],
) -> None:
    done, world, _ = checked
    assert done.stdout.endswith("\n2 of 5 feeds can be read\n")
    assert done.returncode == 1
    assert done.stderr == "Checking feeds: 5 of 5\n"
    assert not (world.home / "ledger.sqlite").exists()


def test_only_some_feeds(newsroom: After) -> None:
    done = newsroom.world.newswatch("feeds", "check", "daily")
    assert done.returncode == 0
    assert done.stdout.endswith("1 of 1 feeds can be read\n")
    wrong = newsroom.world.newswatch("feeds", "check", "dayly")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert 'there is no source "dayly"; did you mean "daily"?' in wrong.stderr
