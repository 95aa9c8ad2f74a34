"""Articles, rules and settings for the tests of alerts: made by hand, evidence found by looking for the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from pipeline.alerts import compose, match_rules, notifications
from pipeline.alerts.compose import Kind
from pipeline.alerts.views import Item
from pipeline.model import (
    Annotated,
    Annotation,
    Article,
    Label,
    Membership,
    Mention,
    Message,
    Rule,
    Source,
    SourceKind,
    Span,
    Topic,
    TopicScore,
)
from pipeline.settings import Settings

NOW = datetime(2019, 6, 9, 14, 0, tzinfo=UTC)
PUBLISHED = datetime(2019, 6, 9, 13, 5, tzinfo=UTC)
SEED = Path(__file__).parents[2] / "seeds" / "000_cc05a888fb15b622.txt"
TITLE = "Cambodia-China ties ‘stronger than ever’, says Sokhonn"
RECIPIENT = "analyst@example.org"
TOPICS = (
    Topic("cambodia_china", "Cambodia-China relations", 0.5, 0.1, {}),
    Topic("asem", "Asia-Europe Meeting (ASEM)", 0.5, 0.1, {}),
)


def source(id: str = "kingdom-daily", **changes: Any) -> Source:
    given: dict[str, Any] = {
        "name": "Kingdom Daily",
        "url": f"https://{id}.example/feed",
        "home": f"https://{id}.example/",
        "country": "KH",
        "language": "en",
        "kind": SourceKind.INDEPENDENT,
    }
    return Source(id=id, **{**given, **changes})


def annotated(
    title: str = TITLE,
    text: str | None = None,
    *,
    id: str = "a1",
    family: str | None = None,
    outlet: Source | None = None,
    language: str = "en",
    topics: Mapping[str, Iterable[str]] | None = None,
    near: Mapping[str, float] | None = None,
    names: Iterable[tuple[str, Label, str, str | None]] = (),
    **changes: Any,
) -> Annotated:
    """`topics` = topic -> words that decided; `near` = topics that were no match; `names` = (text, label, name, id)."""
    body = SEED.read_text(encoding="utf-8") if text is None else text
    raw = f"{title}\n{body}"
    scores = [TopicScore(t, 0.9, True, tuple(find(raw, words))) for t, words in (topics or {}).items()]
    scores += [TopicScore(topic, score, False) for topic, score in (near or {}).items()]
    mentions = [
        Mention(span.text, label, span.start, span.end, name, wikidata)
        for words, label, name, wikidata in names
        for span in find(raw, [words])
    ]
    given: dict[str, Any] = {
        "url": f"https://kingdom-daily.example/{id}",
        "authors": (),
        "published": PUBLISHED,
        "published_raw": None,
        "updated": None,
        "first_seen": NOW,
        "language": None,
        "backlog": None,
    }
    outlet = outlet or source()
    article = Article(id=id, source=outlet.id, revision=1, title=title, text=body, **{**given, **changes})
    membership = Membership(id, family or id, 1.0)
    return Annotated(article, Annotation(language, tuple(scores), tuple(mentions)), membership, outlet)


def find(raw: str, words: Iterable[str]) -> list[Span]:
    """Every place where one of `words` stands."""
    spans = []
    for word in words:
        at = raw.find(word)
        while at >= 0:
            spans.append(Span(word, at, at + len(word)))
            at = raw.find(word, at + len(word))
    return spans


def seed(**changes: Any) -> Annotated:
    """The seed document, annotated."""
    given: dict[str, Any] = {
        "topics": {
            "cambodia_china": ("Cambodia and China", "China-Cambodia Community of Shared Future", "Belt and Road"),
            "asem": ("Asem13 Summit", "Asem partnership"),
        },
        "names": (
            ("Prak Sokhonn", "PERSON", "Prak Sokhonn", "Q6377164"),
            ("Sokhonn", "PERSON", "Prak Sokhonn", "Q6377164"),
            ("Wang Yi", "PERSON", "Wang Yi", "Q702455"),
            ("Li Keqiang", "PERSON", "Li Keqiang", "Q15029"),
        ),
    }
    return annotated(**{**given, **changes})


def rule(name: str = "cambodia-china", **changes: Any) -> Rule:
    clauses = {"topics", "entities", "query", "sources", "languages"} & set(changes)
    given: dict[str, Any] = {"recipients": (RECIPIENT,)} | ({} if clauses else {"topics": ("cambodia_china",)})
    return Rule(name=name, **{**given, **changes})


def items(
    rules: Iterable[Rule],
    batch: Iterable[Annotated],
    *,
    copies: Iterable[Annotated] = (),
    hits: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Item, ...]:
    """What `compose` is given for `batch`; `copies` are the other members of the families."""
    known = {each.article.id: each for each in batch}
    others = tuple(copies)
    matches = match_rules(tuple(rules), tuple(known.values()), query_hits=hits or {})
    return tuple(
        (each, known[each.article], tuple(copy for copy in others if copy.membership.family == each.family))
        for each in notifications(matches, now=NOW)
    )


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({"mail_from": "Newswatch <newswatch@example.org>", **changes})


def mail(given: Iterable[Item], *, kind: Kind = "instant", now: datetime = NOW, **changes: Any) -> Message:
    recipient = changes.pop("recipient", RECIPIENT)
    return compose(
        recipient=recipient,
        notifications=tuple(given),
        kind=kind,
        settings=settings(**changes),
        now=now,
        topics=TOPICS,
    )


def parsed(message: Message) -> EmailMessage:
    return message_from_bytes(message.body, policy=policy.default)


def part(message: Message, kind: str) -> str:
    """The text of the "plain" or "html" part."""
    found = parsed(message).get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def later(hours: float) -> datetime:
    return PUBLISHED + timedelta(hours=hours)
