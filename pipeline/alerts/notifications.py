"""Matches -> notifications: that one recipient is to hear of one family by one rule.

Promises at most one notification for each (rule, family, recipient) of a batch, with an id that is the same
whenever and wherever the three are the same; that it was said before is for the ledger to know. Nothing is sent here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pipeline.alerts.addresses import canonical_address
from pipeline.model import Match, Notification


def notifications(matches: Sequence[Match], *, now: datetime) -> tuple[Notification, ...]:
    """In order of the matches, then of each rule's recipients.

    Of several members of a family the one that may alert is taken before one that is backlog, then the earliest:
    a text printed again today is news although an old copy of it arrived beside it.
    """
    best: dict[tuple[str, str], Match] = {}
    for match in matches:
        key = (match.rule.name, match.annotated.membership.family)
        if key not in best or _rank(match) < _rank(best[key]):
            best[key] = match
    return tuple(_notification(match, recipient, now) for match in best.values() for recipient in _recipients(match))


def notification_id(*, rule: str, family: str, recipient: str, kind: str = "first", sequence: int = 1) -> str:
    """The id of what `recipient` hears of `family` by `rule`: 32 hexadecimal digits.

    `kind` is "first" for the news itself, not when it is sent: a rule turned from instant to digest says nothing twice.
    """
    parts = (rule, family, canonical_address(recipient), kind, str(sequence))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _rank(match: Match) -> tuple[bool, datetime]:
    article = match.annotated.article
    return article.backlog is not None, article.published or article.first_seen


def _recipients(match: Match) -> tuple[str, ...]:
    return tuple(dict.fromkeys(canonical_address(recipient) for recipient in match.rule.recipients))


def _notification(match: Match, recipient: str, now: datetime) -> Notification:
    family = match.annotated.membership.family
    return Notification(
        id=notification_id(rule=match.rule.name, family=family, recipient=recipient),
        rule=match.rule.name,
        family=family,
        recipient=recipient,
        article=match.annotated.article.id,
        when=match.rule.when,
        reasons=match.reasons,
        created=now,
        backlog=match.annotated.article.backlog,
    )
