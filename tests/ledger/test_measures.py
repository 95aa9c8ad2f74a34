"""What an operator watches, counted on a ledger whose contents are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.errors import HttpStatus
from pipeline.ledger import Ledger, articles, findings, outbox, sources, work
from pipeline.ledger.measures import FeedMeasures, Measures, measures
from pipeline.ledger.work import Queue
from pipeline.model import Message, Notification, Validators
from tests.ledger.examples import DAILY, MINUTE, NOW, draft
from tests.ledger.test_findings import enrich

HOUR = timedelta(hours=1)


def read(ledger: Ledger) -> Measures:
    with ledger.read() as connection:
        return measures(connection, now=NOW)


def test_an_empty_ledger(ledger: Ledger) -> None:
    found = read(ledger)
    assert (found.articles, found.revisions, found.annotated, found.sent, found.left) == (0, 0, 0, 0, 2)
    assert (found.queues, found.feeds) == ((), ())
    assert (found.seen_delays, found.index_delays, found.mail_delays) == ((), (), ())
    assert found.unsent_since is None


def test_articles_their_revisions_and_how_late_they_were_seen(ledger: Ledger) -> None:
    old = replace(draft(9), backlog="came with the first reading")
    with ledger.transaction("test") as connection:
        articles.save(connection, [draft(1), draft(2), old], now=NOW - 30 * MINUTE)
        articles.save(connection, [replace(draft(2), title="Corrected")], now=NOW)
        articles.save(connection, [draft(3)], now=NOW - timedelta(days=2))
    found = read(ledger)
    assert (found.articles, found.revisions) == (4, 1)
    # Published one and two hours before NOW. What was held back, or seen before yesterday, does not count.
    assert sorted(found.seen_delays) == [30 * 60, 90 * 60]


def test_how_late_articles_were_indexed_the_first_time(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        one, two = enrich(connection, 1), enrich(connection, 2)
        findings.note_indexed(connection, [one], now=NOW)
        findings.note_indexed(connection, [one], now=NOW + HOUR)
    found = read(ledger)
    assert len(found.seen_delays) == 2
    assert found.index_delays == (60 * 60,)
    with ledger.transaction("test") as connection:
        findings.note_indexed(connection, [one, two], now=NOW)
    assert len(read(ledger).index_delays) == 2


def test_the_queue_by_kind(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        work.add(connection, "index", [("a", 1), ("b", 1), ("c", 1)], due=NOW - 5 * MINUTE)
        first, second, _ = work.claim(connection, "index", now=NOW, limit=3)
        work.defer(connection, first, due=NOW + HOUR)
        work.bury(connection, second, reason="refused")
        work.add(connection, "page", [("a", 1)], due=NOW + HOUR)
    assert read(ledger).queues == (Queue("index", 1, 1, 1, NOW - 5 * MINUTE), Queue("page", 0, 1, 0, None))


def test_feeds_of_the_configuration_and_those_that_left_it(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        work.add_missing(connection, "collect", ["daily"], due=NOW)
        articles.save(connection, [draft(1), replace(draft(2), source="wire")], now=NOW)
        sources.record_success(connection, "daily", now=NOW - HOUR, validators=Validators())
        sources.record_failure(connection, "daily", now=NOW, error=HttpStatus(DAILY.url, 503))
    found = read(ledger)
    assert found.feeds == (FeedMeasures("daily", 1, 1, NOW, NOW - HOUR),)
    assert (found.left, found.articles) == (1, 2)


def test_mails_sent_waiting_and_sent_again(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        (saved,) = articles.save(connection, [draft(1)], now=NOW)
        about = Notification("n1", "rule", saved.id, "a@example.org", saved.id, "instant", (), NOW - HOUR)
        digest = replace(about, id="n2", rule="other", when="digest")
        outbox.add(connection, [about, digest, replace(about, id="n3", rule="third", backlog="was old")])
        for id, member, ago in (("m1", ("n1",), 59), ("m2", ("n2",), 58), ("m3", (), 30)):
            outbox.freeze(connection, Message(id, "a@example.org", "News", b"", member), now=NOW - ago * MINUTE)
            work.add(connection, "mail", [(id, 1)], due=NOW)
        for id in ("m1", "m2"):
            outbox.begin_attempt(connection, id)
            outbox.begin_attempt(connection, id)
            outbox.record_sent(connection, id, now=NOW - 50 * MINUTE)
            work.discard(connection, "mail", [id])
    found = read(ledger)
    assert (found.sent, found.retransmissions) == (2, 2)
    assert found.unsent_since == NOW - 30 * MINUTE
    assert found.notifications == {"frozen": 2, "backlog": 1}
    assert found.mail_delays == (600.0,), "a digest waits for its hour"


def test_a_mail_that_was_given_up_is_not_waited_for(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        outbox.freeze(connection, Message("m1", "a@example.org", "News", b""), now=NOW)
        work.add(connection, "mail", [("m1", 1)], due=NOW)
        (lease,) = work.claim(connection, "mail", now=NOW, limit=1)
        work.bury(connection, lease, reason="refused")
    assert read(ledger).unsent_since is None
