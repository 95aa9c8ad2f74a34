"""Everything that a user could see of a ledger and its index, in a form that does not depend on the order of work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.index import open_index
from pipeline.ledger import articles, findings, open_ledger, outbox, work
from pipeline.model import Mention, TopicScore
from pipeline.settings import load_settings
from tests.smtpserver import Received
from tests.world import STARTED, World

Members = frozenset[str]  # ids of a family's articles


@dataclass(frozen=True, slots=True)
class State:
    """`told`: who hears of which family by which rule."""

    articles: frozenset[tuple[str, str, str, int, int]]  # id, title, text, versions before, revision
    annotated: frozenset[tuple[str, str | None, tuple[str, ...], tuple[str, ...]]]  # id, language, topics, entities
    families: frozenset[Members]
    told: frozenset[tuple[str, str, str, Members]]  # rule, recipient, state, family
    found: frozenset[str]  # ids in the search index
    undone: tuple[tuple[str, int], ...]  # kind of work, how much is due or was given up


def state(world: World) -> State:
    settings = load_settings(world.settings())
    ledger = open_ledger(settings)
    try:
        with ledger.read() as connection:
            ids = [id for chunk in articles.all_ids(connection) for id in chunk]
            known = articles.load(connection, ids)
            enriched = findings.annotated(connection, ids)
            kin = {
                each.article.id: frozenset(findings.members(connection, each.membership.family)) for each in enriched
            }
            heard = {family: outbox.about(connection, family) for family in {e.membership.family for e in enriched}}
            before = {id: len(articles.versions(connection, id)) for id in ids}
            waiting = work.waiting(connection, now=STARTED.replace(year=STARTED.year + 1))
    finally:
        ledger.close()
    return State(
        articles=frozenset((a.id, a.title, a.text, before[a.id], a.revision) for a in known.values()),
        annotated=frozenset(
            (e.article.id, e.annotation.language, _matched(e.annotation.topics), _names(e.annotation.mentions))
            for e in enriched
        ),
        families=frozenset(kin.values()),
        told=frozenset(
            (s.notification.rule, s.notification.recipient, s.state, kin[family])
            for family, stories in heard.items()
            for s in stories
        ),
        found=frozenset(open_index(settings).ids()),
        undone=tuple((each.kind, each.due + each.dead) for each in waiting if each.kind != "collect"),
    )


def _matched(scores: Iterable[TopicScore]) -> tuple[str, ...]:
    return tuple(sorted(score.topic for score in scores if score.match))


def _names(mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(sorted({mention.name for mention in mentions}))


def check_mails(world: World, *, crashes: int) -> list[tuple[str, str]]:
    """Every message of the ledger arrived, no other did, and what came twice is counted and the same to the byte.

    Returns (recipient, subject) of each message. `crashes` bounds how many may have come twice.
    """
    bodies: dict[str, set[bytes]] = {}
    times: dict[str, int] = {}
    for received in world.smtp.messages:
        id = str(received.mail["Message-ID"])
        bodies.setdefault(id, set()).add(received.body)
        times[id] = times.get(id, 0) + 1
    assert all(len(same) == 1 for same in bodies.values())
    repeated = sum(count - 1 for count in times.values())
    ledger = open_ledger(load_settings(world.settings()))
    with ledger.read() as connection:
        counted = outbox.counts(connection)
    ledger.close()
    assert counted["sent"] == len(bodies)
    assert counted["waiting"] == 0
    assert repeated <= counted["retransmitted"] <= crashes
    return sorted((str(r.recipients[0]), str(r.mail["Subject"])) for r in _once(world))


def _once(world: World) -> Iterable[Received]:
    seen: dict[str, Received] = {}
    for received in world.smtp.messages:
        seen.setdefault(str(received.mail["Message-ID"]), received)
    return seen.values()
