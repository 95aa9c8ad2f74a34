"""What a mail shows, worked out before any template sees it.

Promises that templates only lay out: every string here is visible text, every link is checked, every list is bounded
and says how many it left out. It chooses the order: newest first in a digest, earliest first among copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.alerts import names
from pipeline.alerts.evidence import Piece, evidence, extract, headline
from pipeline.alerts.links import host, search_link, web_link
from pipeline.alerts.words import shorten, visible
from pipeline.model import Annotated, Notification, Reason

WORDS, COPIES, DIGEST_ITEMS = 6, 10, 100

Item = tuple[Notification, Annotated, Sequence[Annotated]]


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: `Topic | Cambodia-China relations | "Cambodia and China", "Sino-Cambodian" | 3 more`."""

    clause: str
    value: str
    words: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Why:
    rule: str
    reasons: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Print:
    """One printing of a text by one outlet."""

    id: str
    title: str
    lang: str
    link: str | None
    host: str | None
    outlet: str
    country: str
    kind: str
    language: str
    time: str
    moment: datetime
    first: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One family: the printing that matched, why, a stretch of its text, and the other printings."""

    family: str
    article: Print
    headline: tuple[Piece, ...]
    extract: tuple[Piece, ...]
    whys: tuple[Why, ...]
    copies: tuple[Print, ...]
    more_copies: int
    outlets: int  # that printed it, this one included
    search: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """What one rule found, for a digest; `more` stories are not shown."""

    rule: str
    stories: tuple[Story, ...]
    more: int


def stories(items: Sequence[Item], *, titles: Mapping[str, str], link_base: str | None) -> tuple[Story, ...]:
    """One story for each family, newest first."""
    families: dict[str, list[Item]] = {}
    for item in items:
        families.setdefault(item[0].family, []).append(item)
    shown = (_story(family, members, titles, link_base) for family, members in families.items())
    return tuple(sorted(shown, key=lambda story: (-story.article.moment.timestamp(), story.family)))


def groups(items: Sequence[Item], *, titles: Mapping[str, str], link_base: str | None) -> tuple[Group, ...]:
    """Stories by rule, rules by name; a story that several rules found stands under the first of them.

    At most DIGEST_ITEMS in all, shared out so that no rule is left without.
    """
    found: dict[str, list[Story]] = {}
    for story in stories(items, titles=titles, link_base=link_base):
        found.setdefault(story.whys[0].rule, []).append(story)
    shares = _shares({rule: len(held) for rule, held in found.items()}, DIGEST_ITEMS)
    return tuple(
        Group(rule, tuple(found[rule][: shares[rule]]), len(found[rule]) - shares[rule]) for rule in sorted(found)
    )


def _shares(wanted: Mapping[str, int], room: int) -> dict[str, int]:
    """`room` shared out evenly, what small ones leave going to the others."""
    shares: dict[str, int] = {}
    for place, rule in enumerate(sorted(wanted, key=lambda rule: (wanted[rule], rule))):
        shares[rule] = min(wanted[rule], max(1, room // (len(wanted) - place)))
        room -= shares[rule]
    return shares


def _story(family: str, items: Sequence[Item], titles: Mapping[str, str], link_base: str | None) -> Story:
    ordered = sorted(items, key=lambda item: item[0].rule)
    _, annotated, _ = ordered[0]
    spans = evidence(annotated, [reason for notification, _, _ in ordered for reason in notification.reasons])
    members = {each.article.id: each for _, own, copies in ordered for each in (own, *copies)}
    prints = _prints(members.values())
    copies = [each for each in prints if each.id != annotated.article.id]
    return Story(
        family=family,
        article=next(each for each in prints if each.id == annotated.article.id),
        headline=headline(annotated, spans) or (Piece(_untitled(annotated)),),
        extract=extract(annotated, spans),
        whys=tuple(_why(notification, titles) for notification, _, _ in ordered),
        copies=tuple(copies[:COPIES]),
        more_copies=max(0, len(copies) - COPIES),
        outlets=len({each.source.id for each in members.values()}),
        search=search_link(link_base, f'family:"{family}"'),
    )


def _why(notification: Notification, titles: Mapping[str, str]) -> Why:
    return Why(notification.rule, tuple(_because(reason, titles) for reason in notification.reasons))


def _because(reason: Reason, titles: Mapping[str, str]) -> Because:
    value, words = reason.value, reason.words
    if reason.clause == "topic":
        value = titles.get(value, value)
    elif reason.clause == "language":
        value = names.language(value)
    elif reason.clause == "source" and words:
        value, words = words[0], ()
    shown = tuple(shorten(visible(word).strip(), 80) for word in words[:WORDS])
    return Because(names.CLAUSES[reason.clause], shorten(visible(value), 200), shown, max(0, len(words) - WORDS))


def _prints(members: Iterable[Annotated]) -> list[Print]:
    """Printings, earliest first; the earliest of several is marked."""
    ordered = sorted(members, key=lambda each: (_moment(each), each.article.id))
    return [_print(each, first=place == 0 and len(ordered) > 1) for place, each in enumerate(ordered)]


def _print(annotated: Annotated, *, first: bool) -> Print:
    article, source = annotated.article, annotated.source
    link = web_link(article.url)
    code = annotated.annotation.language or article.language or source.language
    return Print(
        id=article.id,
        title=visible(article.title).strip() or _untitled(annotated),
        lang=code,
        link=link,
        host=host(link),
        outlet=visible(source.name).strip(),
        country=names.country(source.country),
        kind=names.KINDS[source.kind],
        language=names.language(code),
        time=names.minute(article.published) if article.published else f"seen {names.minute(article.first_seen)}",
        moment=_moment(annotated),
        first=first,
    )


def _moment(annotated: Annotated) -> datetime:
    return annotated.article.published or annotated.article.first_seen


def _untitled(annotated: Annotated) -> str:
    return shorten(visible(annotated.article.text[:400]).strip(), 100) or "(no headline)"
