"""Articles of the past, read and indexed again: what changes of them, and that nobody is mailed for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import QueryError
from pipeline.ledger import outbox, work
from pipeline.steps.again import READ_AGAIN, choose, enrich_again, index_again
from pipeline.steps.context import Context
from pipeline.steps.index import index
from pipeline.steps.mail import mail
from pipeline.steps.verify import verify
from tests.steps.house import ONE_RULE, House
from tests.world import RICE, VISIT, Item

VISIT_ITEM = Item("daily-1", "Sokhonn in Beijing", VISIT)
RICE_ITEM = Item("herald-1", "Rice is planted", RICE)
TOPIC = """topics:
  - name: rice
    title: Rice
    threshold: 0.5
    candidate: 0.12
    patterns: {{en: {{terms: [{term}]}}}}
"""

REFUSED: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("2026-11-02", "2026-11-01", {}, "did you mean 2026-11-01 to 2026-11-02"),
    ("2026-11-02", "02.11.2026", {}, "name the first and the last day"),
    ("", "2026-11-02", {}, "name the first and the last day"),
    ("2026-11-01", "2026-11-02", {"topic": "rice"}, "no topic of this name"),
    ("2026-11-01", "2026-11-02", {"source": "weekly"}, "no source of this name; there are daily, herald"),
)


@pytest.fixture
def context(house: House) -> Iterator[Context]:
    """Two articles have been read, by a rule that matches the first; one mail has gone out."""
    house.publish(VISIT_ITEM)
    house.publish(RICE_ITEM, feed="herald")
    house.run()
    with house.context() as made:
        yield made


def today(context: Context) -> str:
    return context.clock().date().isoformat()


SCRIPT = """
import sys
from pipeline.settings import load_settings
from pipeline.steps import again
from pipeline.steps.context import open_context
with open_context(load_settings()) as context:
    getattr(again, sys.argv[1])(context, again.choose(context, "2000-01-01", "2999-01-01"))
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["enrich_again", "index_again"])
def test_killed_and_done_again_it_comes_to_the_same(step: str, when: str, house: House) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    point = f"again.{step.removesuffix('_again')}.commit.{when}"
    environment = dict(os.environ) | house.world.settings()
    command = [sys.executable, "-c", SCRIPT, step]
    killed = subprocess.run(command, env=environment | {"NEWSWATCH_TEST_CRASH": point}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert subprocess.run(command, env=environment, check=False).returncode == 0
    report = house.run(later=timedelta(hours=1))
    assert (report.index.written, report.enrich.articles, house.subjects()) == (1, [], ["Sokhonn in Beijing"])
    with house.context() as made:
        assert verify(made, repair=False).agrees


def test_articles_are_chosen_by_day_source_and_topic(context: Context) -> None:
    day = today(context)
    yesterday = (context.clock() - timedelta(days=1)).date().isoformat()
    both = choose(context, yesterday, day)
    (visit,) = choose(context, day, day, topic="cambodia_china")
    (rice,) = choose(context, day, day, source="herald")
    assert {visit, rice} == set(both)
    assert choose(context, yesterday, yesterday) == ()


def test_a_choice_that_cannot_be_is_refused_in_words(house: House) -> None:
    for first, last, more, words in REFUSED:
        with house.context() as context, pytest.raises(QueryError, match=words):
            choose(context, first, last, **more)


def test_what_matches_only_now_goes_to_the_backlog_and_nobody_is_mailed(house: House) -> None:
    house.world.configure(topics=TOPIC.format(term="mango"), alerts=ONE_RULE.replace("cambodia_china", "rice"))
    house.publish(RICE_ITEM)
    house.run()
    house.world.configure(topics=TOPIC.format(term="Battambang"))
    with house.context() as context:
        report = enrich_again(context, choose(context, today(context), today(context)))
        assert (len(report.articles), report.backlog) == (1, 1)
        with context.ledger.read() as connection:
            assert [each.backlog for each in outbox.backlog(connection)] == [READ_AGAIN]
    house.publish(replace(RICE_ITEM, text=f"{RICE} Updated 14:00."))
    house.run(later=timedelta(hours=1))
    assert house.subjects() == []


def test_who_was_mailed_is_not_mailed_again_and_the_index_learns_of_it(house: House, context: Context) -> None:
    ids = choose(context, today(context), today(context))
    assert sorted(enrich_again(context, ids).articles) == sorted(ids)
    assert index(context).written == 2
    assert mail(context).sent == []
    assert len(house.subjects()) == 1


def test_articles_are_written_again_over_what_the_index_holds(context: Context) -> None:
    ids = choose(context, today(context), today(context))
    assert len(index_again(context, ids).articles) == 2
    assert index(context).written == 2


def test_an_article_that_waits_to_be_read_is_left_to_the_queue(context: Context) -> None:
    first, second = choose(context, today(context), today(context))
    with context.ledger.transaction("test") as connection:
        work.add(connection, "enrich", [(first, 1)], due=context.clock())
    report = enrich_again(context, [first, second])
    assert (report.articles, report.left) == ([second], 1)
