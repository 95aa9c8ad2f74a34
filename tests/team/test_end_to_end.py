"""The whole team, started as `make team` does, under sudden death: what the feeds say is indexed once and mailed once.

Airflow runs `ingest` every minute by itself, while its outlets go on publishing. In mid-run the process of the task
that sends mails is killed, and later the scheduler with all of its workers and tasks while articles are annotated.
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.team.crew import Crew, crew, lives, stop, wait_for
from tests.team.outlets import Article, Newsroom, publishing, write_config

FIRST = 12  # articles of each outlet when the team begins
SETTINGS = {
    "NEWSWATCH_INGEST_SCHEDULE": "* * * * *",
    "NEWSWATCH_POLL_INTERVAL": "1",
    "NEWSWATCH_HOST_INTERVAL": "0",
    "NEWSWATCH_FIRST_PASS_ALERTS": "100",
}


class Ledger:
    """Questions to the team's PostgreSQL, on one connection, since some of them are asked very often."""

    def __init__(self, made: Crew) -> None:
        password = json.loads((made.folder / "secrets.json").read_text())["postgres"]
        url = f"postgresql://newswatch:{password}@127.0.0.1:{made.ports.postgres}/newswatch"
        self.connection = psycopg.connect(url, autocommit=True)

    def wait(self, made: Crew) -> None:
        """Until the first task has made the tables."""
        wait_for(lambda: self.number("SELECT count(to_regclass('work'))"), made.said)

    def number(self, question: str, *values: object) -> int:
        """The only number of the answer; 0 for the sum of nothing."""
        row = self.connection.execute(question.encode(), values).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def in_hand(self, kind: str) -> int:
        return self.number("SELECT count(*) FROM work WHERE kind = %s AND token IS NOT NULL", kind)

    def waiting(self) -> int:
        """Work that is not about polling feeds again."""
        return self.number("SELECT count(*) FROM work WHERE kind IN ('enrich', 'index', 'compose', 'mail', 'page')")


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with publishing(FIRST) as made:
        yield made


@pytest.mark.timeout(2400)
def test_sudden_death_loses_and_repeats_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    with crew(write_config(tmp_path / "config", newsroom), SETTINGS) as team:
        see_that_only_this_machine_is_let_in(team)
        ledger = Ledger(team)
        ledger.wait(team)
        kill_when_in_hand(team, ledger, "mail", task_processes)
        mails_before = len(team.mails())
        newsroom.burst(3)
        kill_when_in_hand(team, ledger, "enrich", scheduler)
        published = settle(team, ledger, newsroom)
        assert mails_before < len(texts(published))  # the first death was in mid-run
        see_that_nothing_was_lost_or_repeated(team, ledger, published)
        left = team.descendants()
        assert stop(team) == 0, team.said()[-3000:]
        assert [each for each in left if lives(each)] == []


def see_that_only_this_machine_is_let_in(team: Crew) -> None:
    listening = [each.laddr for process in team.descendants() for each in process.net_connections() if not each.raddr]
    assert {address.port for address in listening} >= {team.ports.airflow, team.ports.mail, team.ports.search}
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def kill_when_in_hand(team: Crew, ledger: Ledger, kind: str, which: Any) -> None:
    """SIGKILL, as soon as somebody is at work of this kind."""

    def killed() -> list[int]:
        found: list[psutil.Process] = which(team) if ledger.in_hand(kind) else []
        for each in found:
            each.kill()
        return [each.pid for each in found]

    wait_for(killed, lambda: f"nothing of kind {kind} was ever in hand\n{team.said()[-3000:]}", every=0.005)


def task_processes(team: Crew) -> list[psutil.Process]:
    return team.titled("airflow worker -- ", but="LocalExecutor")


def scheduler(team: Crew) -> list[psutil.Process]:
    (found,) = team.titled("airflow scheduler")
    return [found]


def settle(team: Crew, ledger: Ledger, newsroom: Newsroom) -> list[Article]:
    """Everything that was published, once the team has dealt with it and has run once more."""
    runs = len(team.runs())
    wait_for(lambda: team.runs()[:runs].count("running") == 0, lambda: f"{team.runs()}\n{team.said()[-3000:]}")
    published = newsroom.close()

    def done() -> bool:
        there = ledger.number("SELECT count(*) FROM article")
        return there == len(published) and len(indexed(team)) >= len(published) and not ledger.waiting()

    wait_for(done, lambda: f"{len(published)} were published\n{team.said()[-3000:]}")
    runs = len(team.runs())
    wait_for(lambda: "success" in team.runs()[runs:], lambda: f"{team.runs()}\n{team.said()[-3000:]}")
    return published


def see_that_nothing_was_lost_or_repeated(team: Crew, ledger: Ledger, published: list[Article]) -> None:
    assert Counter(indexed(team)) == Counter(article.url for article in published)
    caught = team.mails()
    repeated = len(caught) - len({mail["Message-ID"] for mail in caught})
    # An attempt that died before its final dot counts as one that may have arrived, though nothing came of it.
    assert repeated <= ledger.number("SELECT sum(retransmissions) FROM message")
    bodies = {mail["Message-ID"]: team.mail_text(mail["key"]) for mail in caught}
    told = Counter(text for body in bodies.values() for text, urls in texts(published).items() if names(body, urls))
    assert told == Counter(texts(published).keys())
    assert len(bodies) == len(told)


def texts(published: list[Article]) -> dict[str, set[str]]:
    """The addresses at which each text is; copies have one text."""
    made: dict[str, set[str]] = {}
    for article in published:
        made.setdefault(article.text, set()).add(article.url)
    return made


def names(body: str, urls: set[str]) -> bool:
    return any(url in body for url in urls)


def indexed(team: Crew) -> list[str]:
    """The address of every document in the search server, of all months."""
    base = f"http://127.0.0.1:{team.ports.search}/newswatch-articles"
    urllib.request.urlopen(urllib.request.Request(f"{base}/_refresh", method="POST"), timeout=60).close()
    with urllib.request.urlopen(f"{base}/_search?size=10000", timeout=60) as answer:
        return [hit["_source"]["url"] for hit in json.load(answer)["hits"]["hits"]]
