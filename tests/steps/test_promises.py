"""No alert lost, none twice, no flood: what becomes of articles and families that change between the steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.enrich.annotator import Annotator
from pipeline.errors import ModelError
from pipeline.ledger import articles, findings, work
from pipeline.model import Annotation, TextItem
from pipeline.query import parse_query
from pipeline.steps.collect import collect, plan
from pipeline.steps.context import Context
from pipeline.steps.enrich import enrich
from pipeline.steps.index import index
from tests.steps.house import ONE_RULE, House
from tests.world import CENSUS, FACTORY, PAGE, RICE, SUMMIT, VISIT, Item, feeds_yml, page

HOUR = timedelta(hours=1)
VISIT_ITEM = Item("daily-1", "Sokhonn in Beijing", VISIT)
COPY = Item("herald-1", "Minister off to China", VISIT)
HTML = {"Content-Type": "text/html; charset=utf-8"}


def test_an_alert_is_not_lost_when_its_family_moves_before_it_is_composed(house: House) -> None:
    house.world.configure(
        alerts=ONE_RULE.replace("topics: [cambodia_china]", "topics: [cambodia_china], sources: [herald]")
    )
    house.publish(VISIT_ITEM)
    house.run()
    house.world.environment["NEWSWATCH_MAIL_FROM"] = "nobody"  # so that mails wait
    house.publish(replace(COPY, text="Cambodia and China agree on a new Chinese factory in Cambodia."), feed="herald")
    house.run()
    house.publish(COPY, feed="herald")
    house.run(later=HOUR)
    del house.world.environment["NEWSWATCH_MAIL_FROM"]
    house.run(later=HOUR)
    assert house.subjects() == ["Minister off to China"]


def test_a_new_rule_does_not_mail_the_past_when_old_articles_are_edited(house: House) -> None:
    house.world.configure(alerts="alerts:\n  - {name: none, recipients: [a@example.org], topics: [asem]}\n")
    house.publish(VISIT_ITEM)
    house.run()
    house.world.configure(alerts=ONE_RULE)
    assert house.run(later=HOUR).backlog == 1
    house.publish(replace(VISIT_ITEM, text=f"{VISIT} Updated 14:00."))
    house.run(later=HOUR)
    assert house.subjects() == []


def test_a_copy_of_a_summary_is_known_though_the_page_said_more(house: House) -> None:
    whole = " ".join((VISIT, PAGE, SUMMIT, RICE, CENSUS))
    house.world.routes["/daily-1"] = (200, HTML, page("Sokhonn in Beijing", whole))
    house.publish(VISIT_ITEM)
    assert house.run().pages.improved == 1
    house.publish(COPY, feed="herald")
    house.run(later=HOUR)
    assert house.subjects() == ["Sokhonn in Beijing"]


def test_a_copy_of_an_earlier_version_is_known(house: House) -> None:
    house.publish(VISIT_ITEM)
    house.run()
    house.publish(replace(VISIT_ITEM, title="Visit ends", text=f"{SUMMIT} {PAGE}"))
    house.run(later=HOUR)
    house.publish(COPY, feed="herald")
    house.run(later=HOUR)
    assert house.subjects() == ["Sokhonn in Beijing"]


def test_a_source_with_a_new_address_does_not_flood(house: House) -> None:
    web = house.world.web
    house.publish(VISIT_ITEM)
    house.run()
    house.publish(*_pacts(12), feed="other")
    house.world.configure(feeds=feeds_yml({"daily": f"{web}/other.xml", "herald": f"{web}/herald.xml"}))
    house.run(later=HOUR)
    assert len(house.subjects()) == 1 + 5


@pytest.mark.parametrize(("hours", "told"), [(1, 12), (71, 12), (73, 5)])
def test_a_source_that_comes_back_is_read_on_or_after_days_as_if_it_were_new(
    house: House, hours: int, told: int
) -> None:
    web = house.world.web
    house.publish(VISIT_ITEM)
    house.run()
    house.world.configure(feeds=feeds_yml({"herald": f"{web}/herald.xml"}))
    house.run()
    house.publish(*_pacts(12, at=hours))
    house.world.configure(feeds=feeds_yml({"daily": f"{web}/daily.xml", "herald": f"{web}/herald.xml"}))
    house.run(later=hours * HOUR)
    assert len(house.subjects()) == 1 + told
    house.run(later=HOUR)
    assert len(house.subjects()) == 1 + told


def _pacts(count: int, *, at: int = 0) -> list[Item]:
    """The newest is an hour old, `at` hours after the start."""
    numbers = range(1, count + 1)
    return [Item(f"new-{n}", f"Cambodia and China sign pact {n}", _pact(n), hours=n - at) for n in numbers]


def _pact(number: int) -> str:
    goods = "rice mangoes pepper rubber cassava cashews longan bananas durian shrimp crabs sugar silk garments".split()
    chosen = [goods[(number * step + step) % len(goods)] for step in range(1, 9)]
    return f"Cambodia and China signed pact number {number} on {', '.join(chosen)}, {chosen[0]} exporters said."


def test_a_guid_given_to_another_article_swallows_nothing(house: House) -> None:
    """Some feeds number their entries by place."""
    for at, (title, text) in enumerate((("Sokhonn in Beijing", VISIT), (FACTORY, PAGE))):
        house.publish(Item("1", title, text))
        status, headers, body = house.feed("daily")
        house.world.routes["/daily.xml"] = (status, headers, body.replace(b"/1</link>", b"/story-%d</link>" % at))
        assert house.run(later=HOUR).collect.new == 1
    assert house.subjects() == ["Sokhonn in Beijing", FACTORY]


def test_an_edited_entry_says_more_than_an_older_page(house: House) -> None:
    house.world.routes["/daily-1"] = (200, HTML, page("Sokhonn in Beijing", f"{VISIT} He returns on Wednesday."))
    house.publish(VISIT_ITEM)
    house.run()
    house.world.routes["/daily-1"] = (404, {}, b"")
    house.publish(replace(VISIT_ITEM, text=f"{VISIT} Correction: he returns on Friday, and nothing was signed."))
    house.run(later=HOUR)
    with house.ledger() as ledger, ledger.read() as connection:
        ((id,),) = articles.all_ids(connection)
        assert "Correction" in articles.load(connection, [id])[id].text


class Modelless(Context):
    """Where the weights are missing."""

    @property
    def annotator(self) -> Annotator:
        raise ModelError("ner-en", "the weights are missing")


def test_missing_models_bury_no_article(house: House) -> None:
    house.publish(VISIT_ITEM)
    with house.context() as context:
        collect(context, plan(context, everything=True))
        with pytest.raises(ModelError):
            enrich(Modelless(context.settings, context.config, context.ledger, context.clock))
        with context.ledger.read() as connection:
            assert work.given_up(connection) == ()
    house.run(later=HOUR)
    assert house.subjects() == ["Sokhonn in Beijing"]


class Interrupted:
    """An annotator during whose work the collector commits a newer version of the article."""

    def __init__(self, house: House, real: Annotator) -> None:
        self.house, self.real = house, real

    def annotate(self, items: Iterable[TextItem], *, batch_size: int = 64) -> Iterator[Annotation]:
        found = list(self.real.annotate(items, batch_size=batch_size))
        self.house.publish(VISIT_ITEM)
        with self.house.context() as other:
            collect(other, plan(other, everything=True))
        return iter(found)


def test_an_update_that_comes_while_the_article_is_read_is_what_is_found(house: House) -> None:
    house.publish(replace(VISIT_ITEM, title="Dolphins", text=CENSUS))
    with house.context() as context:
        collect(context, plan(context, everything=True))
        vars(context)["annotator"] = Interrupted(house, context.annotator)
        enrich(context)
        index(context)
        with context.ledger.read() as connection:
            ((id,),) = articles.all_ids(connection)
            (known,) = findings.annotated(connection, [id])
        assert [score.topic for score in known.annotation.topics if score.match] == ["cambodia_china"]
        assert context.index.get(id) is not None
        assert (context.index.get(id) or {})["topic"] == ["cambodia_china"]


def test_what_somebody_says_is_found_and_can_be_alerted_on(house: House) -> None:
    query = 'quote:canal speaker:"Hun Manet"'
    house.world.configure(alerts=f"alerts:\n  - {{name: said, recipients: [analyst@example.org], query: '{query}'}}\n")
    said = "“The canal belongs to all of us,” said Prime Minister Hun Manet in Phnom Penh."
    house.world.routes["/daily-1"] = (200, HTML, page("Canal opens", f"{said} {RICE} {CENSUS}"))
    house.publish(Item("daily-1", "Canal opens", said), Item("daily-2", "Hun Manet at the canal", "He said nothing."))
    house.run()
    assert house.subjects() == ["Canal opens"]
    with house.context() as context:
        (hit,) = context.index.search(parse_query("quote:belongs"), limit=9, now=house.now).hits
        assert hit.body["quotes"] == [
            {"text": "The canal belongs to all of us,", "kind": "direct", "speaker": "Hun Manet"}
        ]
