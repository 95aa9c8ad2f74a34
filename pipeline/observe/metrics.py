"""The numbers an operator watches: one table, for Prometheus and for OpenTelemetry.

Promises that each metric is defined once - name, kind, unit, meaning, and how it follows from the ledger's measures -
and that reading them changes nothing. Names follow Prometheus: base units, `_total` for what only grows.
docs/operate.md says when to worry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.ledger.measures import Measures
from pipeline.ledger.sources import FEEDING, feeding

PERCENTILES = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; `labels` are in the order of the metric's label names."""

    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` is without unit and `_total`; `unit` is empty for counts of things."""

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    samples: Callable[[Measures], Iterable[Sample]]
    labels: tuple[str, ...] = ()
    unit: str = ""

    @property
    def full_name(self) -> str:
        """As Prometheus has it."""
        return self.name + (f"_{self.unit}" if self.unit else "") + ("_total" if self.kind == "counter" else "")


def _one(value: Callable[[Measures], float]) -> Callable[[Measures], Iterable[Sample]]:
    return lambda found: (Sample(value(found)),)


def _articles(found: Measures) -> Iterable[Sample]:
    yield Sample(found.articles, ("new",))
    yield Sample(found.revisions, ("updated",))


def _work(found: Measures) -> Iterable[Sample]:
    for queue in found.queues:
        for state, count in (("due", queue.due), ("later", queue.later), ("dead", queue.dead)):
            yield Sample(count, (queue.kind, state))


def _oldest_due(found: Measures) -> Iterable[Sample]:
    return (Sample(_age(found, queue.oldest), (queue.kind,)) for queue in found.queues)


def _age(found: Measures, moment: datetime | None) -> float:
    """Seconds; 0 if there is nothing of any age."""
    return max((found.now - moment).total_seconds(), 0.0) if moment else 0.0


def _feeds(found: Measures) -> Iterable[Sample]:
    states = [feeding(feed.last_attempt, feed.failures) for feed in found.feeds]
    yield from (Sample(states.count(state), (state,)) for state in FEEDING)
    yield Sample(found.left, ("left",))


def _feed_articles(found: Measures) -> Iterable[Sample]:
    return (Sample(feed.articles, (feed.id,)) for feed in found.feeds)


def _feed_success(found: Measures) -> Iterable[Sample]:
    return (Sample(feed.last_success.timestamp(), (feed.id,)) for feed in found.feeds if feed.last_success)


def _latest(moments: Iterable[datetime | None]) -> Iterable[Sample]:
    known = [moment for moment in moments if moment]
    return (Sample(max(known).timestamp()),) if known else ()


def _last_attempt(found: Measures) -> Iterable[Sample]:
    return _latest(feed.last_attempt for feed in found.feeds)


def _last_success(found: Measures) -> Iterable[Sample]:
    return _latest(feed.last_success for feed in found.feeds)


def _mail(found: Measures, state: Literal["waiting", "refused"]) -> int:
    mails = [queue for queue in found.queues if queue.kind == "mail"]
    return sum(queue.dead if state == "refused" else queue.due + queue.later for queue in mails)


def _messages(found: Measures) -> Iterable[Sample]:
    yield Sample(_mail(found, "waiting"), ("waiting",))
    yield Sample(_mail(found, "refused"), ("refused",))


def _notifications(found: Measures) -> Iterable[Sample]:
    return (Sample(found.notifications.get(state, 0), (state,)) for state in ("pending", "backlog", "frozen"))


def _percentiles(delays: Sequence[float]) -> Iterable[Sample]:
    """By nearest rank; none of nothing."""
    ordered = sorted(delays)
    if ordered:
        for percentile in PERCENTILES:
            yield Sample(ordered[math.ceil(percentile / 100 * len(ordered)) - 1], (str(percentile),))


def _seen_delay(found: Measures) -> Iterable[Sample]:
    return _percentiles(found.seen_delays)


def _index_delay(found: Measures) -> Iterable[Sample]:
    return _percentiles(found.index_delays)


def _mail_delay(found: Measures) -> Iterable[Sample]:
    return _percentiles(found.mail_delays)


METRICS: tuple[Metric, ...] = (
    Metric(
        "newswatch_articles", "counter", "Articles first seen, and later states of known ones", _articles, ("outcome",)
    ),
    Metric(
        "newswatch_annotated_articles",
        "gauge",
        "Articles that have been read: topics, entities, family",
        _one(lambda found: found.annotated),
    ),
    Metric(
        "newswatch_first_sight_delay",
        "gauge",
        "From publication to first sight, of the last day's articles that could alert",
        _seen_delay,
        ("percentile",),
        "seconds",
    ),
    Metric(
        "newswatch_index_delay",
        "gauge",
        "From publication to the search index, of the last day's articles that could alert",
        _index_delay,
        ("percentile",),
        "seconds",
    ),
    Metric(
        "newswatch_mail_delay",
        "gauge",
        "From match to mail, of the instant alerts mailed in the last day",
        _mail_delay,
        ("percentile",),
        "seconds",
    ),
    Metric("newswatch_work", "gauge", "Pieces of work: due now, later, given up (dead)", _work, ("kind", "state")),
    Metric(
        "newswatch_work_oldest_due",
        "gauge",
        "For how long the longest due piece of work has been due",
        _oldest_due,
        ("kind",),
        "seconds",
    ),
    Metric(
        "newswatch_outbox_age",
        "gauge",
        "Age of the oldest mail that was made and not sent",
        _one(lambda found: _age(found, found.unsent_since)),
        unit="seconds",
    ),
    Metric("newswatch_messages_sent", "counter", "Mails that the server took", _one(lambda found: found.sent)),
    Metric(
        "newswatch_messages_retransmitted",
        "counter",
        "Mails sent again because the end of an earlier attempt is unknown",
        _one(lambda found: found.retransmissions),
    ),
    Metric("newswatch_messages", "gauge", "Mails not sent: waiting, or refused for good", _messages, ("state",)),
    Metric(
        "newswatch_notifications",
        "gauge",
        "Who is to hear of what: pending, held back (backlog), in a mail (frozen)",
        _notifications,
        ("state",),
    ),
    Metric("newswatch_feeds", "gauge", "Feeds: new, answering, failing, left the configuration", _feeds, ("state",)),
    Metric("newswatch_feed_articles", "counter", "Articles of each feed", _feed_articles, ("feed",)),
    Metric(
        "newswatch_feed_last_success_timestamp",
        "gauge",
        "When each feed was last read",
        _feed_success,
        ("feed",),
        "seconds",
    ),
    Metric(
        "newswatch_last_attempt_timestamp", "gauge", "When any feed was last asked", _last_attempt, unit="seconds"
    ),
    Metric("newswatch_last_success_timestamp", "gauge", "When any feed was last read", _last_success, unit="seconds"),
)  # fmt: skip
