"""newswatch doctor and newswatch reindex: what is wrong is named with how to mend it, and secrets are never shown."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import After
from tests.cli.machine import CONFIG, offline
from tests.cli.test_search import found, ids
from tests.world import Item, World, feeds_yml, living, rss

SECRET = "hunter2"


def marks(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """By check, "ok" or what is said to be wrong and how to mend it."""
    said: dict[str, str] = {}
    name = ""
    for line in done.stdout.splitlines():
        mark, _, rest = line.partition(" ")
        if mark in ("ok", "!"):
            name, _, detail = rest.strip().partition(": ")
            said[name] = "ok" if mark == "ok" else detail
        elif name and line.startswith("    "):
            said[name] += f" | {line.strip()}"
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return said


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> World:
    """After a pass in which every feed answered."""
    folder = tmp_path_factory.mktemp("healthy")
    with living(folder) as world:
        world.configure(feeds=feeds_yml({"daily": f"{world.web}/daily.xml"}))
        assert world.newswatch("run").returncode == 0
        done = world.newswatch("doctor", NEWSWATCH_SMTP_PASSWORD=SECRET, NEWSWATCH_CONTACT="me@example.org")
    assert set(marks(done).values()) == {"ok"}
    assert done.returncode == 0
    assert list(marks(done)) == [
        *("home", "config", "ledger", "queue", "last pass", "feeds", "mails"),
        *("models", "search", "index", "mail server"),
    ]
    assert "mail server: localhost:" in done.stdout
    settings = [line.split() for line in done.stdout.splitlines() if line.startswith("NEWSWATCH_")]
    assert ["NEWSWATCH_SMTP_PASSWORD", "**********", "set"] in settings
    assert ["NEWSWATCH_CONTACT", "me@example.org", "set"] in settings
    assert ["NEWSWATCH_DIGEST_AT", "06:00"] in settings
    world.environment = {"NEWSWATCH_SMTP_HOST": "", "NEWSWATCH_SMTP_PORT": ""}
    return world


def test_everything_is_fine(healthy: World) -> None:
    assert healthy.environment


def test_servers_that_do_not_answer_are_named_with_how_to_mend_it(healthy: World) -> None:
    broken = {
        "NEWSWATCH_SMTP_HOST": "127.0.0.1",
        "NEWSWATCH_SMTP_PORT": "9",
        "NEWSWATCH_SMTP_USER": "me",
        "NEWSWATCH_SMTP_PASSWORD": SECRET,
        "NEWSWATCH_SEARCH": "elasticsearch",
        "NEWSWATCH_ELASTICSEARCH_URL": "http://127.0.0.1:9",
        "NEWSWATCH_ELASTICSEARCH_PASSWORD": SECRET,
        "NEWSWATCH_ELASTICSEARCH_USER": "me",
        "NEWSWATCH_LEDGER": f"postgresql://me:{SECRET}@127.0.0.1:9/news",
        "NEWSWATCH_PROXY": f"http://me:{SECRET}@proxy.example:3128",
    }
    done = healthy.newswatch("doctor", **broken)
    said = marks(done)
    assert done.returncode == 1
    assert [name for name, detail in said.items() if detail != "ok"] == ["ledger", "search", "mail server"]
    assert "postgresql://me:***@127.0.0.1:9/news" in said["ledger"]
    assert said["ledger"].endswith("| set NEWSWATCH_LEDGER, or see that the database runs")
    assert "the server does not answer" in said["search"]
    assert "NEWSWATCH_ELASTICSEARCH_URL" in said["search"]
    assert "127.0.0.1:9: nothing answers there; check NEWSWATCH_SMTP_HOST" in said["mail server"]
    assert "NEWSWATCH_PROXY                   http://***@proxy.example:3128" in done.stdout


@pytest.mark.parametrize(
    "ledger", [f"nonsense:{SECRET}", f"postgresql://me:{SECRET}@host:port/news", f"mysql://me:{SECRET}@127.0.0.1/news"]
)
def test_a_ledger_address_that_is_none(healthy: World, ledger: str) -> None:
    done = healthy.newswatch("doctor", NEWSWATCH_LEDGER=ledger)
    assert done.returncode == 1
    assert [name for name, detail in marks(done).items() if detail != "ok"] == ["ledger"]


def test_a_broken_configuration(healthy: World) -> None:
    healthy.configure(alerts="alerts:\n  - {name: x, recipients: [a@example.org], topics: [asme]}\n")
    done = healthy.newswatch("doctor", NEWSWATCH_MAIL_FROM="nonsense")
    healthy.configure(alerts=CONFIG["alerts"])
    said = marks(done)
    assert done.returncode == 1
    assert [name for name, detail in said.items() if detail != "ok"] == ["config", "mail server"]
    assert 'alerts.yml:2: alerts.0.topics.0: there is no topic "asme"; did you mean "asem"?' in said["config"]
    assert "| correct the file" in said["config"]
    assert 'NEWSWATCH_MAIL_FROM: "nonsense" is not a sender' in said["mail server"]


def test_an_alert_on_a_name_that_is_not_on_the_watch_list(healthy: World) -> None:
    healthy.configure(alerts="alerts:\n  - {name: x, recipients: [a@example.org], entities: [Prak Sokon, Wang Yi]}\n")
    done = healthy.newswatch("doctor")
    healthy.configure(alerts=CONFIG["alerts"])
    said = marks(done)
    assert done.returncode == 1
    assert [name for name, detail in said.items() if detail != "ok"] == ["alerts"]
    assert "Prak Sokon" in said["alerts"]
    assert "Wang Yi" not in said["alerts"]


def test_a_newcomers_machine(tmp_path: Path) -> None:
    done = offline(tmp_path).newswatch("doctor")
    said = marks(done)
    assert done.returncode == 1
    assert [name for name, detail in said.items() if detail != "ok"] == ["search"]
    assert "run newswatch run" in said["search"]


def test_one_feed_in_trouble_is_no_trouble_of_ours(newsroom: After) -> None:
    done = newsroom.world.newswatch("doctor")
    assert marks(done)["feeds"] == "ok"
    assert "2 of 3 feeds answered at their last poll; see newswatch feeds list" in done.stdout


def test_no_feed_that_answers_is(tmp_path: Path) -> None:
    with living(tmp_path, {}) as world:
        assert world.newswatch("run").returncode == 0
        said = marks(world.newswatch("doctor"))
        assert said["feeds"].startswith("0 of 3 feeds answered at their last poll")


# --- reindex ------------------------------------------------------------------------------------------------


def test_the_index_can_be_made_again(tmp_path: Path) -> None:
    with living(tmp_path) as world:
        assert world.newswatch("run").returncode == 0
        before = ids(found(world, "*"))
        assert len(before) == 6
        shutil.rmtree(world.home / "search")
        assert world.newswatch("search", "*").returncode == 1

        world.routes["/daily.xml"] = (200, {}, rss("Daily", [Item("daily-9", "Rice", "Rice was planted.")], ""))
        world.newswatch("run")  # makes an index of what is new
        said = marks(world.newswatch("doctor"))
        assert said["index"] == "6 articles of the ledger are not in it | run newswatch index verify --repair"

        done = world.newswatch("reindex")
        assert (done.returncode, done.stdout) == (0, "7 articles indexed\n")
        assert before < ids(found(world, "*"))
