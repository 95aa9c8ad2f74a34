"""One notification for each rule, family and recipient, known by an id that never changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.alerts import match_rules, notification_id, notifications
from pipeline.model import Annotated, Notification, Rule
from tests.alerts.examples import NOW, later, rule, seed


def made(rules: Sequence[Rule], batch: Sequence[Annotated], now: datetime = NOW) -> tuple[Notification, ...]:
    return notifications(match_rules(rules, batch, query_hits={}), now=now)


def test_each_recipient_of_each_rule_hears_once_of_a_family() -> None:
    rules = [rule("a", recipients=("x@example.org", "y@example.org")), rule("b", when="digest")]
    batch = [seed(id="a1"), seed(id="a2", family="a1"), seed(id="b1")]
    assert [(each.rule, each.family, each.recipient, each.when) for each in made(rules, batch)] == [
        ("a", "a1", "x@example.org", "instant"),
        ("a", "a1", "y@example.org", "instant"),
        ("b", "a1", "analyst@example.org", "digest"),
        ("a", "b1", "x@example.org", "instant"),
        ("a", "b1", "y@example.org", "instant"),
        ("b", "b1", "analyst@example.org", "digest"),
    ]


def test_a_notification_carries_reasons_and_moment() -> None:
    (only,) = made([rule()], [seed()])
    assert only.created == NOW
    assert only.article == "a1"
    assert only.backlog is None
    assert [reason.clause for reason in only.reasons] == ["topic"]


def test_the_id_is_the_same_tomorrow_and_for_another_copy() -> None:
    (first,) = made([rule()], [seed(id="a1")])
    (again,) = made([rule()], [seed(id="a7", family="a1")], now=later(48))
    assert again.id == first.id
    assert again.article == "a7"


def test_turning_a_rule_into_a_digest_does_not_tell_again() -> None:
    assert made([rule()], [seed()])[0].id == made([rule(when="digest")], [seed()])[0].id


def test_a_recipient_named_twice_hears_once() -> None:
    twice = rule(recipients=("Analyst@Example.org", "Analyst@example.org ", "analyst@example.org"))
    assert [each.recipient for each in made([twice], [seed()])] == ["Analyst@example.org", "analyst@example.org"]


def test_backlog_is_carried() -> None:
    assert [each.backlog for each in made([rule()], [seed(backlog="older than 3 days")])] == ["older than 3 days"]


def test_a_copy_that_may_alert_speaks_for_its_family() -> None:
    old = seed(id="a1", backlog="older than 3 days", published=later(-1000))
    fresh = seed(id="a2", family="a1")
    for batch in ([old, fresh], [fresh, old]):
        assert [(each.article, each.backlog) for each in made([rule()], batch)] == [("a2", None)]


def test_the_earliest_copy_speaks_for_its_family() -> None:
    copies = [seed(id="a2", family="a1", published=later(2)), seed(id="a1", published=later(1))]
    assert [each.article for each in made([rule()], copies)] == ["a1"]


def test_an_undated_copy_counts_from_when_it_was_seen() -> None:
    copies = [seed(id="a1", published=None, first_seen=later(1)), seed(id="a2", family="a1", published=later(2))]
    assert [each.article for each in made([rule()], copies)] == ["a1"]


NAMES = st.text(st.characters(exclude_characters="\x1f"), max_size=8)


@hypothesis_settings(deadline=None)
@given(st.tuples(NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES))
def test_ids_differ_when_rule_family_or_recipient_do(one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    def id_of(key: tuple[str, str, str]) -> str:
        return notification_id(rule=key[0], family=key[1], recipient=f"{key[2]}@example.org")

    same = (one[0], one[1], one[2].strip()) == (two[0], two[1], two[2].strip())
    if not same and one[2].strip() == one[2] and two[2].strip() == two[2]:
        assert id_of(one) != id_of(two)
    assert id_of(one) == id_of(one)


def test_kinds_and_sequences_have_ids_of_their_own() -> None:
    keys = [("first", 1), ("first", 2), ("update", 1)]
    ids = {notification_id(rule="r", family="f", recipient="a@b.c", kind=kind, sequence=n) for kind, n in keys}
    assert len(ids) == 3
