"""Texts and their copies, feeds and mails in the small indices of a real server: after every step, and after death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.ledger import work
from pipeline.ledger.facts import KINDS
from pipeline.steps.facts import facts
from pipeline.steps.index import reindex
from tests.index.conftest import on_server, remove
from tests.smtpserver import Behaviour
from tests.steps.house import House, furnish
from tests.world import RICE, VISIT, Item, feeds_yml, living

HOUR = timedelta(hours=1)
VISIT_ITEM = Item("daily-1", "Sokhonn in Beijing", VISIT)
COPY = Item("herald-1", "Minister off to China", VISIT, hours=2)
NOWHERE = {"NEWSWATCH_ELASTICSEARCH_URL": "http://127.0.0.1:9"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the small indices of one house hold."""

    client: Elasticsearch
    prefix: str

    def all(self, name: str) -> list[dict[str, Any]]:
        self.client.indices.refresh(index=f"{self.prefix}-{name}")
        hits = self.client.search(index=f"{self.prefix}-{name}", size=100, sort=["id"])["hits"]["hits"]
        return [hit["_source"] for hit in hits]

    def one(self, name: str) -> dict[str, Any]:
        (found,) = self.all(name)
        return found

    def feed(self, id: str) -> dict[str, Any]:
        return next(found for found in self.all("feeds") if found["id"] == id)


@pytest.fixture
def shelf(elasticsearch_url: str) -> Iterator[Shelf]:
    settings = on_server("elasticsearch", elasticsearch_url)
    with Elasticsearch(elasticsearch_url) as client:
        yield Shelf(client, settings.elasticsearch_prefix)
    remove(settings)


@pytest.fixture
def server(elasticsearch_url: str, shelf: Shelf) -> Mapping[str, str]:
    """Settings of a house that has a search server."""
    return {
        "NEWSWATCH_SEARCH": "elasticsearch",
        "NEWSWATCH_ELASTICSEARCH_URL": elasticsearch_url,
        "NEWSWATCH_ELASTICSEARCH_PREFIX": shelf.prefix,
    }


@pytest.fixture
def house(tmp_path: Path, server: Mapping[str, str]) -> Iterator[House]:
    with living(tmp_path, {}) as world:
        world.environment |= server
        yield furnish(world)


def noted(house: House) -> int:
    """How much waits to be written, or was given up."""
    with house.ledger() as ledger, ledger.read() as connection:
        return sum(len(work.due_times(connection, kind)) for kind in KINDS)


def test_a_text_and_its_copy_are_one_family(house: House, shelf: Shelf) -> None:
    house.publish(VISIT_ITEM)
    report = house.run()
    assert report.facts.written == 4
    alone = shelf.one("families")
    assert (alone["size"], alone["outlets"], alone["title"]) == (1, 1, "Sokhonn in Beijing")
    house.publish(COPY, feed="herald")
    house.run(later=HOUR)
    both = shelf.one("families")
    assert both["id"] == alone["id"]
    assert (both["size"], both["outlets"], both["sources"]) == (2, 2, ["daily", "herald"])
    assert (both["title"], both["url"]["full"], both["source"]) == (COPY.title, f"{house.world.web}/herald-1", "herald")
    assert both["@timestamp"] == both["first_published"] < both["last_published"]
    assert (both["countries"], both["languages"]) == (["KH"], ["en"])
    assert (both["topics"], both["alerts"]) == (["cambodia_china"], ["kingdom"])
    assert noted(house) == 0


def test_a_family_that_joins_another_is_no_more(house: House, shelf: Shelf) -> None:
    house.publish(VISIT_ITEM)
    house.publish(Item("herald-9", "Off to China", "Cambodia and China will talk."), feed="herald")
    house.run()
    assert [found["size"] for found in shelf.all("families")] == [1, 1]
    house.publish(replace(COPY, id="herald-9"), feed="herald")
    house.run(later=HOUR)
    assert shelf.one("families")["size"] == 2
    told = [found["families"] for found in shelf.all("deliveries")]
    assert {family for families in told for family in families} == {shelf.one("families")["id"]}


def test_a_feed_is_new_then_answers_then_fails_then_has_left(house: House, shelf: Shelf) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    answering = shelf.feed("daily")
    assert (answering["state"], answering["event"]["outcome"], answering["articles"]) == ("answering", "success", 1)
    assert answering["last_success"] == answering["last_article"] == answering["@timestamp"]
    assert "error" not in answering
    assert "last_article" not in shelf.feed("herald")

    house.world.routes["/daily.xml"] = (503, {}, b"")
    for _ in range(2):
        house.run(later=HOUR)
    failing = shelf.feed("daily")
    assert (failing["state"], failing["failures"], failing["error"]["code"]) == ("failing", 2, "http_status")
    assert failing["last_success"] == answering["last_success"] < failing["last_attempt"]

    house.world.configure(feeds=feeds_yml({"herald": f"{house.world.web}/herald.xml"}))
    house.run(later=HOUR)
    assert shelf.feed("daily")["state"] == "left"
    assert shelf.feed("daily")["articles"] == 1


def test_a_mail_is_put_off_then_sent(tmp_path: Path, server: Mapping[str, str], shelf: Shelf) -> None:
    with living(tmp_path, {}, mail=Behaviour(data=("451 4.3.0 come again",))) as world:
        world.environment |= server
        house = furnish(world)
        house.publish(VISIT_ITEM)
        house.run()
        waiting = shelf.one("deliveries")
        assert (waiting["state"], waiting["event"]["outcome"], waiting["attempts"]) == ("waiting", "unknown", 1)
        assert "451" in waiting["error"]["message"]
        house.run(later=HOUR)
        sent = shelf.one("deliveries")
        assert (sent["id"], sent["state"], sent["event"]["outcome"]) == (waiting["id"], "sent", "success")
        assert (sent["attempts"], sent["retransmissions"], sent["@timestamp"]) == (2, 0, sent["sent"])
        assert sent["rule"]["name"] == ["kingdom"]
        assert sent["email"]["to"]["address"] == "analyst@example.org"
        assert "Sokhonn in Beijing" in sent["email"]["subject"]
        assert sent["families"] == [shelf.one("families")["id"]]
        assert "error" not in sent
        assert "@" not in sent["id"]


def test_a_mail_is_refused(tmp_path: Path, server: Mapping[str, str], shelf: Shelf) -> None:
    refusal = {"analyst@example.org": "550 5.1.1 no such analyst"}
    with living(tmp_path, {}, mail=Behaviour(refuse=refusal)) as world:
        world.environment |= server
        house = furnish(world)
        house.publish(VISIT_ITEM)
        house.run()
        refused = shelf.one("deliveries")
        assert (refused["state"], refused["event"]["outcome"]) == ("refused", "failure")
        assert "no such analyst" in refused["error"]["message"]


def test_a_lost_server_is_filled_again(house: House, shelf: Shelf) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    before = {name: shelf.all(name) for name in ("families", "feeds", "deliveries")}
    for index in shelf.client.indices.get(index=f"{shelf.prefix}-*"):
        shelf.client.indices.delete(index=index)
    with house.context() as context:
        facts(context)
    assert {name: shelf.all(name) for name in before} == before


def test_a_rebuild_leaves_only_what_the_ledger_knows(house: House, shelf: Shelf) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    before = shelf.all("families")
    shelf.client.index(index=f"{shelf.prefix}-families", id="ghost", document={"id": "ghost"}, refresh=True)
    with house.context() as context:
        reindex(context)
    assert shelf.all("families") == before
    assert noted(house) == 0


def test_what_could_not_be_written_is_written_later(house: House, shelf: Shelf, server: Mapping[str, str]) -> None:
    house.world.environment |= NOWHERE
    house.publish(VISIT_ITEM)
    report = house.run()
    assert (report.facts.written, report.facts.waiting) == (0, 4)
    assert noted(house) == 4
    house.world.environment |= server
    house.run(later=HOUR)
    assert shelf.one("families")["size"] == 1
    assert noted(house) == 0


def test_a_worker_whose_clock_is_behind_leaves_nothing_old(house: House, shelf: Shelf, postgres_url: str) -> None:
    house.world.environment["NEWSWATCH_LEDGER"] = postgres_url
    house.publish(VISIT_ITEM)
    house.run(later=HOUR)
    house.publish(COPY, feed="herald")
    house.run(later=-HOUR)
    assert shelf.one("families")["size"] == 2
    assert noted(house) == 0


def test_nothing_is_noted_for_the_embedded_back_end(house: House) -> None:
    house.world.environment |= NOWHERE
    house.publish(VISIT_ITEM)
    house.run()
    assert noted(house) == 4
    house.world.environment["NEWSWATCH_SEARCH"] = "embedded"
    house.publish(Item("daily-2", "Rice", RICE))
    house.run(later=HOUR)
    assert noted(house) == 0


def test_an_alert_shows_on_old_articles_once_it_exists(house: House, shelf: Shelf) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    article = shelf.client.search(index=f"{shelf.prefix}-articles")["hits"]["hits"][0]["_source"]
    assert article["alerts"] == ["kingdom"]
    rules = "  - {name: kingdom, recipients: [analyst@example.org], topics: [asem]}\n"
    rules += "  - {name: minister, recipients: [analyst@example.org], entities: [Prak Sokhonn]}\n"
    house.world.configure(alerts=f"alerts:\n{rules}")
    report = house.run(later=HOUR)
    assert report.index.written == 1
    shelf.client.indices.refresh(index=f"{shelf.prefix}-articles")
    (hit,) = shelf.client.search(index=f"{shelf.prefix}-articles", version=True)["hits"]["hits"]
    assert (hit["_source"]["alerts"], hit["_source"]["revision"]) == (["minister"], article["revision"])
    assert shelf.one("families")["alerts"] == ["minister"]


SCRIPT = """
from pipeline.ledger import work
from pipeline.settings import load_settings
from pipeline.steps.context import open_context
from pipeline.steps.facts import facts
with open_context(load_settings()) as context:
    with context.ledger.transaction("tasks.free") as connection:
        work.free_dead_owners(connection)
    facts(context)
"""
POINTS = """
facts.fill.commit.before facts.fill.commit.after facts.claim.commit.before facts.claim.commit.after
facts.write.before facts.write.after facts.commit.before facts.commit.after
""".split()  # in the order in which a step comes by


def test_killed_anywhere_the_facts_come_out_the_same(house: House, shelf: Shelf, server: Mapping[str, str]) -> None:
    house.world.environment |= NOWHERE
    house.publish(VISIT_ITEM)
    house.publish(COPY, feed="herald")
    house.run()
    house.world.environment |= server
    with house.ledger() as ledger, ledger.transaction("test") as connection:
        for kind in KINDS:
            work.renew(connection, kind, work.due_times(connection, kind), due=house.now)
    environment = dict(os.environ) | house.world.settings()
    step = partial(subprocess.run, [sys.executable, "-c", SCRIPT], check=False)
    for point in POINTS:
        assert step(env=environment | {"NEWSWATCH_TEST_CRASH": point}).returncode == -signal.SIGKILL, point
    assert step(env=environment).returncode == 0
    assert shelf.one("families")["size"] == 2
    assert [found["articles"] for found in shelf.all("feeds")] == [1, 1]
    assert shelf.one("deliveries")["event"]["outcome"] == "success"
    assert noted(house) == 0
