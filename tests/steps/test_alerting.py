"""Who is mailed about what, and who is not: copies, updates, old news, new rules, digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

from pipeline.ledger import articles, findings, outbox, work
from pipeline.model import Topic
from pipeline.steps.collect import collect, plan
from pipeline.steps.enrich import enrich
from pipeline.steps.mail import mail
from tests.smtpserver import Behaviour, Received
from tests.steps.house import ONE_RULE, House, furnish
from tests.world import CENSUS, FACTORY, PAGE, RICE, SUMMIT, VISIT, Item, feeds_yml, living, page

DAY = timedelta(days=1)
VISIT_ITEM = Item("daily-1", "Sokhonn in Beijing", VISIT)
FACTORY_ITEM = Item("daily-2", FACTORY, PAGE)
COPY = Item("herald-1", "Minister off to China", VISIT)
TWO_RULES = """alerts:
  - {name: kingdom, recipients: [analyst@example.org], topics: [cambodia_china]}
  - {name: minister, recipients: [analyst@example.org], entities: [Prak Sokhonn]}
"""
DIGEST = "alerts:\n  - {name: daily, recipients: [analyst@example.org], topics: [cambodia_china], when: digest}\n"


def plain(received: Received) -> str:
    part = received.mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_copies_are_one_mail_whenever_they_come(house: House) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    house.publish(COPY, feed="herald")
    house.run(later=timedelta(hours=1))
    assert house.subjects() == ["Sokhonn in Beijing"]


def test_two_rules_about_one_story_are_one_mail(house: House) -> None:
    house.world.configure(alerts=TWO_RULES)
    house.publish(VISIT_ITEM)
    report = house.run()
    assert report.enrich.notifications == 2
    assert len(house.world.smtp.messages) == 1
    assert {"kingdom", "minister"} <= set(plain(house.world.smtp.messages[0]).split())


def test_an_update_keeps_the_version_before_and_mails_nobody_again(house: House) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    house.publish(
        replace(VISIT_ITEM, title="Sokhonn in Beijing for three days", text=f"{VISIT} He returns on Wednesday.")
    )
    report = house.run(later=timedelta(hours=1))
    assert (report.collect.new, report.collect.updated) == (0, 1)
    assert house.subjects() == ["Sokhonn in Beijing"]
    with house.ledger() as ledger, ledger.read() as connection:
        ((id,),) = articles.all_ids(connection)
        assert articles.load(connection, [id])[id].title == "Sokhonn in Beijing for three days"
        assert [version.title for version in articles.versions(connection, id)] == ["Sokhonn in Beijing"]


def test_an_update_that_begins_to_match_is_mailed(house: House) -> None:
    house.publish(replace(VISIT_ITEM, text=CENSUS, title="Dolphins"))
    house.run()
    assert house.subjects() == []
    house.publish(VISIT_ITEM)
    house.run(later=timedelta(hours=1))
    assert house.subjects() == ["Sokhonn in Beijing"]


def test_old_news_is_backlog_until_it_is_printed_again(house: House) -> None:
    house.publish(replace(VISIT_ITEM, hours=24 * 5))
    report = house.run()
    assert (report.enrich.notifications, report.enrich.backlog) == (0, 1)
    assert house.subjects() == []
    house.publish(COPY, feed="herald")
    house.run(later=timedelta(hours=1))
    assert house.subjects() == ["Minister off to China"]


def test_a_first_reading_alerts_for_the_newest_few_only(house: House) -> None:
    many = [Item(f"daily-{n}", f"Cambodia and China sign pact {n}", _pact(n), hours=n) for n in range(1, 13)]
    house.publish(*many)
    house.run()
    assert sorted(house.subjects()) == sorted(item.title for item in many[:5])
    fresh = Item("daily-99", "Cambodia and China sign pact 99", _pact(99), hours=0)
    house.publish(fresh, *many)
    house.run(later=timedelta(hours=1))
    assert house.subjects()[5:] == [fresh.title]


def _pact(number: int) -> str:
    goods = "rice mangoes pepper rubber cassava cashews longan bananas durian shrimp crabs sugar silk garments".split()
    chosen = [goods[(number * step + step) % len(goods)] for step in range(1, 9)]
    return f"Cambodia and China signed pact number {number} on {', '.join(chosen)}, {chosen[0]} exporters said."


def test_what_a_new_rule_would_have_matched_is_backlog(house: House) -> None:
    house.world.configure(alerts="alerts:\n  - {name: none, recipients: [a@example.org], topics: [asem]}\n")
    house.publish(VISIT_ITEM)
    house.run()
    house.world.configure(alerts=TWO_RULES)
    report = house.run(later=timedelta(hours=1))
    assert report.backlog == 2
    assert house.subjects() == []
    house.publish(VISIT_ITEM, FACTORY_ITEM)
    house.run(later=timedelta(hours=1))
    assert house.subjects() == [FACTORY]


def test_a_recipient_added_to_a_rule_hears_of_what_comes_not_of_what_was(house: House) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    house.world.configure(alerts=ONE_RULE.replace("analyst@example.org", "analyst@example.org, new@example.org"))
    house.run(later=timedelta(hours=1))
    house.publish(VISIT_ITEM, FACTORY_ITEM)
    house.run(later=timedelta(hours=1))
    assert house.subjects("new@example.org") == [FACTORY]
    assert house.subjects() == ["Sokhonn in Beijing", FACTORY]


def test_the_backlog_can_be_sent_after_all(house: House) -> None:
    house.publish(replace(VISIT_ITEM, hours=24 * 5))
    house.run()
    done = house.world.newswatch("alerts", "backlog", "--send")
    assert done.returncode == 0
    house.run(later=timedelta(hours=1))
    assert house.subjects() == ["Sokhonn in Beijing"]


def test_a_digest_is_sent_once_a_day_with_everything(house: House) -> None:
    house.now = house.now.replace(hour=1)
    house.world.environment["NEWSWATCH_DIGEST_AT"] = "06:00"
    house.world.configure(alerts=DIGEST)
    house.publish(VISIT_ITEM, FACTORY_ITEM)
    house.run()
    house.run(later=timedelta(hours=4))
    assert house.world.smtp.messages == []
    house.run(later=timedelta(hours=1, minutes=1))
    (mail,) = house.world.smtp.messages
    text = plain(mail)
    assert "Sokhonn in Beijing" in text
    assert FACTORY in text
    house.run(later=DAY)
    assert len(house.world.smtp.messages) == 1


SUMMARY = Item("daily-2", "Factory to open", "A company from Zhejiang will employ 900 people.")


def test_the_page_of_an_article_can_make_it_match(house: House) -> None:
    house.world.routes["/daily-2"] = (200, {"Content-Type": "text/html"}, page(FACTORY, PAGE))
    house.world.configure(feeds=feeds_yml({"daily": f"{house.world.web}/daily.xml"}, more=", pages: always"))
    house.publish(SUMMARY)
    report = house.run()
    assert (report.pages.fetched, report.pages.improved) == (1, 1)
    assert house.subjects() == ["Factory to open"]


def test_the_pages_of_articles_about_nothing_are_not_fetched(house: House) -> None:
    house.publish(SUMMARY, Item("daily-3", "Planting done", RICE))
    report = house.run()
    assert report.enrich.articles
    assert not {"/daily-2", "/daily-3", "/robots.txt"} & set(house.world.web.paths())


def test_a_dead_page_delays_nothing(house: House) -> None:
    house.world.routes["/daily-1"] = (503, {}, b"")
    house.publish(VISIT_ITEM)
    report = house.run()
    assert [why for _, why in report.pages.failed] == ["the server answered 503"]
    assert house.subjects() == ["Sokhonn in Beijing"]
    house.world.routes["/daily-1"] = (200, {"Content-Type": "text/html"}, page("Sokhonn in Beijing", VISIT * 2))
    later = house.run(later=timedelta(minutes=16))
    assert later.pages.fetched == 1


def test_copies_that_only_their_pages_show_are_told_once(house: House) -> None:
    house.world.configure(alerts=DIGEST)
    for id in ("daily-2", "herald-2"):
        house.world.routes[f"/{id}"] = (200, {"Content-Type": "text/html"}, page(FACTORY, PAGE))
    house.publish(Item("daily-2", "Chinese factory for Sihanoukville", "Cambodia and China agree on a new factory."))
    house.publish(Item("herald-2", "Nine hundred jobs", "Chinese investors come to Cambodia once more."), feed="herald")
    house.run()
    with house.ledger() as ledger, ledger.read() as connection:
        ids = [id for chunk in articles.all_ids(connection) for id in chunk]
        (family,) = {each.membership.family for each in findings.annotated(connection, ids)}
        assert len(ids) == 2
        assert [story.state for story in outbox.about(connection, family)] == ["pending"]


def test_a_mail_server_that_puts_off_gets_each_mail_once(tmp_path: Path) -> None:
    with living(tmp_path, {}, mail=Behaviour(data=("451 4.3.0 come again",))) as world:
        house = furnish(world)
        house.publish(VISIT_ITEM)
        report = house.run()
        assert [recipient for recipient, _ in report.mail.waiting] == ["analyst@example.org"]
        assert house.run(later=timedelta(seconds=30)).mail.sent == []
        assert len(house.run(later=timedelta(minutes=3)).mail.sent) == 1
        assert house.subjects() == ["Sokhonn in Beijing"]


def test_a_source_that_left_keeps_what_it_brought(house: House) -> None:
    house.publish(VISIT_ITEM)
    house.publish(Item("herald-9", "Planting done", RICE), Item("herald-8", "ASEM summit", SUMMIT), feed="herald")
    house.run()
    house.world.configure(feeds=feeds_yml({"herald": f"{house.world.web}/herald.xml"}))
    report = house.run(later=timedelta(hours=1))
    assert report.collect.tried == 1
    with house.context() as context:
        assert context.index.count() == 3


def test_a_mail_that_cannot_be_made_by_a_mistake_of_ours_is_given_up_by_name(house: House) -> None:
    house.publish(VISIT_ITEM)
    with house.context() as context:
        collect(context, plan(context))
        enrich(context)
        mistaken = replace(context.config, topics=(*context.config.topics, cast(Topic, None)))
        report = mail(replace(context, config=mistaken))
        ((recipient, why),) = report.refused
        assert (recipient, "unexpected: AttributeError" in why) == ("analyst@example.org", True)
        with context.ledger.read() as connection:
            ((kind, _, reason),) = work.given_up(connection)
        assert (kind, why) == ("compose", reason)


def test_an_article_that_says_nothing_is_kept_and_stops_nobody(house: House) -> None:
    house.publish(Item("daily-8", "…", ""), VISIT_ITEM, Item("daily-9", "!", "---"))
    report = house.run()
    assert (report.collect.new, len(report.enrich.articles), report.index.written) == (3, 3, 3)
    assert house.subjects() == ["Sokhonn in Beijing"]
