"""New and changed alerts, matched against the articles of the past.

Promises that nobody is mailed for it: what they match goes to the backlog, and who was told before stays told. One
transaction for some hundred articles, so that no other step waits long; a step that is killed or stopped before the
last begins anew, and comes to the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from pipeline import alerts
from pipeline.ledger import articles, findings, lock_families, outbox
from pipeline.logs import get_logger
from pipeline.model import Match, Rule
from pipeline.steps.context import Context
from pipeline.steps.enrich import enqueue_index, matches, note_alerts
from pipeline.steps.naming import at_work

log = get_logger(__name__)
BEFORE_THE_RULE = "was found before this alert existed"


@at_work("rules")
def note_new_rules(context: Context) -> int:
    """What a new or changed rule would have matched in the past goes to the backlog; the number of notifications.

    The articles carry its name from then on, in the search index too.
    """
    with context.ledger.read() as connection:
        seen = outbox.rules_seen(connection)
    new = [rule for rule in context.config.rules if seen.get(rule.name) != _fingerprint(rule)]
    if not new:
        return 0
    count = 0
    with context.ledger.read() as past:
        for ids in articles.all_ids(past):
            if context.stopping():
                return count
            count += _match(context, new, ids)
    with context.ledger.transaction("rules") as connection:
        for rule in new:
            outbox.record_rule(connection, rule.name, _fingerprint(rule), now=context.clock())
    log.info("alerts matched against the past", alerts=[rule.name for rule in new], backlog=count)
    return count


def to_backlog(context: Context, connection: Connection, matched: Sequence[Match], *, why: str) -> int:
    """Write down matches of the past: nobody is mailed, and who was stays so. The number of notifications."""
    found = alerts.notifications(matched, now=context.clock())
    outbox.add(connection, [replace(each, backlog=each.backlog or why) for each in found])
    return len(found)


def _match(context: Context, new: Sequence[Rule], ids: Sequence[str]) -> int:
    with context.ledger.transaction("rules.past") as connection:
        lock_families(connection)
        batch = findings.annotated(connection, ids)
        matched = matches(context, new, batch)
        changed = note_alerts(connection, batch, matched, asked=[rule.name for rule in new])
        enqueue_index(context, connection, [each for each in batch if each.article.id in changed])
        return to_backlog(context, connection, matched, why=BEFORE_THE_RULE)


def _fingerprint(rule: Rule) -> str:
    return hashlib.sha256(repr(rule).encode()).hexdigest()
