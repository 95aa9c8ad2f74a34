"""Annotations, families and notifications, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from pipeline.ledger import Ledger, articles, findings, outbox, sources
from pipeline.model import Annotation, Membership, Mention, Message, Notification, Reason, Span, TopicScore, Validators
from tests.ledger.examples import DAILY, MINUTE, NOW, SOURCES, draft

FOUND = Annotation(
    "en",
    (TopicScore("asem", 0.9, True, (Span("ASEM", 0, 4),)), TopicScore("other", 0.1, False)),
    (Mention("ប្រាក់ សុខុន", "PERSON", 5, 17, "Prak Sokhonn", "Q23771428"),),
    candidate=True,
)


def enrich(connection: Connection, number: int, *, family: str | None = None, bands: tuple[str, ...] = ()) -> str:
    """Article `number`, annotated and put into `family`, or into its own."""
    (saved,) = articles.save(connection, [draft(number)], now=NOW)
    findings.save_annotation(connection, saved.id, saved.revision, FOUND)
    member = Membership(saved.id, family or saved.id, 1.0)
    findings.save_membership(connection, member, signature=bytes([number]), bands=bands)
    return saved.id


def notification(article: str, *, id: str = "n1", rule: str = "rule", backlog: str | None = None) -> Notification:
    reasons = (Reason("topic", "asem"),)
    return Notification(id, rule, article, "a@example.org", article, "instant", reasons, NOW, backlog)


def test_what_is_saved_comes_back(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        id = enrich(connection, 1)
        (back,) = findings.annotated(connection, [id, "unknown"])
    assert back.annotation == FOUND
    assert back.membership == Membership(id, id, 1.0)
    assert (back.source.name, back.source.kind) == (DAILY.name, DAILY.kind)


def test_families_are_found_by_any_shared_band_of_their_first_member(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        first = enrich(connection, 1, bands=("a", "b"))
        other = enrich(connection, 2, bands=("c",))
        copy = enrich(connection, 3, family=first, bands=("d",))
        assert findings.families_near(connection, ("b", "x"), but="none") == ((first, bytes([1])),)
        assert findings.families_near(connection, ("d",), but="none") == ()
        assert dict(findings.families_near(connection, ("a", "c"), but=other)) == {first: bytes([1])}
        assert findings.members(connection, first) == tuple(sorted((first, copy)))
        assert findings.kinship(connection, copy) == findings.Kinship(first, alone=False)
        assert findings.kinship(connection, other) == findings.Kinship(other, alone=True)
        counted = findings.totals(connection)
    assert (counted.articles, counted.families, counted.topics) == (3, 2, {"asem": 3})
    assert counted.entities == {("Prak Sokhonn", "PERSON"): 3}


def test_one_notification_for_a_rule_a_family_and_a_recipient(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        id = enrich(connection, 1)
        assert outbox.add(connection, [notification(id)]) == (notification(id),)
        assert outbox.add(connection, [notification(id), notification(id)]) == ()
        assert outbox.pending(connection, recipient="a@example.org", send="instant") == (notification(id),)
        assert outbox.pending(connection, recipient="b@example.org", send="instant") == ()


def test_backlog_is_released_by_a_later_copy_or_by_hand(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        first = enrich(connection, 1)
        (copy,) = articles.save(connection, [draft(2)], now=NOW + MINUTE)
        assert outbox.add(connection, [notification(first, backlog="old")]) == ()
        assert [each.backlog for each in outbox.backlog(connection)] == ["old"]
        assert outbox.add(connection, [notification(first)]) == ()
        assert len(outbox.add(connection, [replace(notification(first), article=copy.id)])) == 1
        assert outbox.backlog(connection) == ()
        outbox.add(connection, [notification(first, id="n2", rule="another", backlog="old")])
        outbox.release(connection, [each.id for each in outbox.backlog(connection, rule="another")])
        assert len(outbox.pending(connection, recipient="a@example.org", send="instant")) == 2


def test_families_that_turn_out_to_be_one_are_told_once(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        one, two = enrich(connection, 1), enrich(connection, 2)
        outbox.add(connection, [notification(one), notification(two, id="n2")])
        outbox.add(connection, [notification(two, id="n3", rule="another")])
        outbox.move_family(connection, two, one)
        told = {(story.notification.rule, story.state) for story in outbox.about(connection, one)}
    assert told == {("rule", "pending"), ("another", "pending")}


def test_what_was_to_be_sent_is_sent_though_its_family_joins_one_that_was_held_back(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        one, two = enrich(connection, 1), enrich(connection, 2)
        outbox.add(connection, [notification(two), notification(one, id="n2", backlog="old")])
        (moved,) = outbox.move_family(connection, two, one)
        assert (moved.family, moved.article) == (one, two)
        (waits,) = outbox.pending(connection, recipient="a@example.org", send="instant", family=one)
        assert (waits.id, waits.article, outbox.backlog(connection)) == ("n2", two, ())


@pytest.mark.parametrize("backlog", [None, "old"])
def test_nobody_who_was_told_of_a_family_is_told_again_of_the_one_that_it_joins(
    ledger: Ledger, backlog: str | None
) -> None:
    with ledger.transaction("test") as connection:
        one, two = enrich(connection, 1), enrich(connection, 2)
        outbox.add(connection, [notification(two), notification(one, id="n2", backlog=backlog)])
        outbox.freeze(connection, Message("m1", "a@example.org", "Subject", b"body\r\n", ("n1",)), now=NOW)
        assert outbox.move_family(connection, two, one) == ()
        (copy,) = articles.save(connection, [draft(3)], now=NOW + MINUTE)
        assert outbox.add(connection, [replace(notification(one, id="n3"), article=copy.id)]) == ()
        assert outbox.pending(connection, recipient="a@example.org", send="instant") == ()


def test_a_message_is_counted_as_sent_again_only_when_its_end_was_unknown(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        id = enrich(connection, 1)
        outbox.add(connection, [notification(id)])
        made = Message("m1", "a@example.org", "Subject", b"body\r\n", ("n1",))
        outbox.freeze(connection, made, now=NOW)
        assert outbox.begin_attempt(connection, "m1") == outbox.Attempt(made, again=False)
        outbox.record_unsent(connection, "m1", error="later", unresolved=False)
        assert outbox.begin_attempt(connection, "m1") == outbox.Attempt(made, again=False)
        assert outbox.begin_attempt(connection, "m1") == outbox.Attempt(made, again=True)
        outbox.record_sent(connection, "m1", now=NOW + MINUTE)
        assert outbox.begin_attempt(connection, "m1") is None
        (story,) = outbox.about(connection, id)
        assert outbox.counts(connection) == {"sent": 1, "waiting": 0, "retransmitted": 1, "backlog": 0}
    assert (story.state, story.sent) == ("frozen", NOW + MINUTE)


def test_a_feed_whose_address_changed_forgets_its_validators(ledger: Ledger) -> None:
    with ledger.transaction("test") as connection:
        sources.record_success(connection, "daily", now=NOW, validators=Validators('"1"', None))
        sources.register(connection, SOURCES, now=NOW)
        assert sources.feed_states(connection, ["daily"])["daily"].validators.etag == '"1"'
        sources.register(connection, [replace(DAILY, url="https://daily.example/new")], now=NOW)
        assert sources.feed_states(connection)["daily"].validators == Validators()
