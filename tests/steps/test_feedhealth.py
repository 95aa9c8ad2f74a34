"""Which feeds the operator hears of, and how often."""

from __future__ import annotations

from datetime import timedelta

from pipeline.steps.collect import collect, plan
from pipeline.steps.feedhealth import feed_health
from pipeline.steps.reports import FeedsReport
from tests.steps.house import House
from tests.world import VISIT, Item

OPERATOR = "operator@example.org"
DAY = timedelta(days=1)
DOWN = (503, {"Content-Type": "text/plain"}, b"")


def health(house: House) -> FeedsReport:
    with house.context() as context:
        return feed_health(context)


def read(house: House, *, later: timedelta = timedelta(0)) -> None:
    house.now += later
    with house.context() as context:
        collect(context, plan(context, everything=True))


def told(house: House) -> list[str]:
    """What the operator was mailed."""
    return [str(each.mail.get_content()) for each in house.world.smtp.messages if OPERATOR in each.recipients]


def watched(house: House) -> None:
    """One feed brings an article and is silent from then on; the other is down for two days."""
    house.world.environment["NEWSWATCH_OPERATOR"] = OPERATOR
    house.publish(Item("daily-1", "Sokhonn in Beijing", VISIT))
    read(house)
    house.world.routes["/herald.xml"] = DOWN
    for _ in range(3):
        read(house, later=DAY)


def test_a_feed_that_fails_for_days_is_told_with_its_error_and_address(house: House) -> None:
    watched(house)
    ((id, why),) = health(house).failing
    assert (id, health(house).silent) == ("herald", [])
    assert "503" in why
    (text,) = told(house)
    assert "herald: the server answered 503 (3 times in a row, last read on" in text
    assert f"{house.world.web}/herald.xml" in text


def test_a_feed_without_a_new_article_for_weeks_is_silent(house: House) -> None:
    watched(house)
    house.now += 12 * DAY
    assert [id for id, _ in health(house).silent] == ["daily"]
    assert "daily: no new article since" in told(house)[0]


def test_a_feed_that_answers_and_never_brings_anything_is_silent_after_as_long(house: House) -> None:
    house.world.environment["NEWSWATCH_OPERATOR"] = OPERATOR
    read(house)
    read(house, later=13 * DAY)
    assert health(house).silent == []
    read(house, later=2 * DAY)
    assert [id for id, _ in health(house).silent] == ["daily", "herald"]
    assert "daily: no article at all since" in told(house)[0]


def test_the_same_list_is_told_again_after_a_week_only(house: House) -> None:
    watched(house)
    for days in (0, 1, 5, 2):
        house.now += days * DAY
        health(house)
    assert len(told(house)) == 2


def test_a_feed_that_failed_a_moment_ago_is_not_in_trouble(house: House) -> None:
    house.world.environment["NEWSWATCH_OPERATOR"] = OPERATOR
    read(house)
    house.world.routes["/herald.xml"] = DOWN
    read(house, later=timedelta(hours=1))
    assert health(house) == FeedsReport()
    assert told(house) == []


def test_without_an_operator_nobody_is_mailed(house: House) -> None:
    watched(house)
    del house.world.environment["NEWSWATCH_OPERATOR"]
    assert len(health(house).failing) == 1
    assert told(house) == []


def test_a_mail_server_that_is_down_is_no_error_and_the_trouble_is_told_later(house: House) -> None:
    watched(house)
    house.world.environment["NEWSWATCH_SMTP_PORT"] = "1"
    assert len(health(house).failing) == 1
    del house.world.environment["NEWSWATCH_SMTP_PORT"]
    assert len(health(house).failing) == len(told(house)) == 1
