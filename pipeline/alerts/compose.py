"""Notifications -> one frozen mail.

Promises the same Message-ID for the same recipient, notifications and kind, and the same bytes if `now` and the
settings are the same too. Everything read from outside is escaped in HTML and harmless in headers; nothing remote is
loaded by the mail. Does not decide who hears what (see `notifications`) and does not send (see `mailer`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pipeline.alerts import names, views
from pipeline.alerts.headers import mail_headers, message_id, unsubscribe
from pipeline.alerts.mime import mail_bytes, text_bytes
from pipeline.alerts.rendering import counted, plain, render
from pipeline.alerts.views import Item, Story
from pipeline.alerts.words import shorten
from pipeline.model import Message, Topic
from pipeline.settings import Settings

Kind = Literal["instant", "digest"]

_HEADLINE = 150  # characters of a subject; mail programs show 60 to 100


def compose(
    *,
    recipient: str,
    notifications: Sequence[Item],
    kind: Kind,
    settings: Settings,
    now: datetime,
    topics: Sequence[Topic] = (),
) -> Message:
    """One mail that says all of `notifications` to `recipient`; with `topics`, topics are shown by their titles.

    Each item is a notification, the article it is about, and the other members of the family; two rules that found
    one family become one story. Raises MailRefused if there can be no mail to `recipient`, SettingsError if
    there can be none from this sender, ValueError if there are no notifications.
    """
    if not notifications:
        raise ValueError("a mail needs at least one notification")
    titles = {topic.name: topic.title for topic in topics}
    rules = sorted({notification.rule for notification, _, _ in notifications})
    values: dict[str, object] = {"rules": rules}
    if kind == "instant":
        stories = views.stories(notifications, titles=titles, link_base=settings.link_base)
        subject = _instant_subject(stories)
        values |= {"stories": stories, "labels": _labels(stories)}
    else:
        groups = views.groups(notifications, titles=titles, link_base=settings.link_base)
        count = len({notification.family for notification, _, _ in notifications})
        subject = f"Digest of {names.day(now)}: {counted(count, 'new story', 'new stories')} ({_listed(rules)})"
        values |= {"groups": groups, "count": count, "day": names.day(now)}
    ids = tuple(notification.id for notification, _, _ in notifications)
    return _message(kind, ids, recipient, subject, values, settings, now, notifications=ids)


def test_message(recipient: str, *, settings: Settings, now: datetime) -> Message:
    """A mail that shows that mail works. Raises MailRefused if there can be no mail to `recipient`."""
    server = f"{settings.smtp_host}:{settings.smtp_port}" if settings.smtp_host else None
    values: dict[str, object] = {"server": server, "security": settings.smtp_security, "time": names.minute(now)}
    parts = (now.astimezone(UTC).isoformat(),)
    return _message("test", parts, recipient, "Test mail from Newswatch", values, settings, now)


def notice(recipient: str, *, subject: str, lines: Sequence[str], settings: Settings, now: datetime) -> Message:
    """A mail about Newswatch itself, in plain text. Raises MailRefused if there can be no mail to `recipient`."""
    parts = (now.astimezone(UTC).isoformat(), subject)
    id = message_id(recipient=recipient, kind="notice", parts=parts, settings=settings)
    headers = mail_headers(id=id, recipient=recipient, subject=subject, settings=settings, now=now)
    return Message(id, recipient, subject, text_bytes(headers, text="\n".join(lines) + "\n"), ())


def _message(
    kind: str,
    parts: Sequence[str],
    recipient: str,
    subject: str,
    values: dict[str, object],
    settings: Settings,
    now: datetime,
    *,
    notifications: tuple[str, ...] = (),
) -> Message:
    id = message_id(recipient=recipient, kind=kind, parts=parts, settings=settings)
    headers = mail_headers(id=id, recipient=recipient, subject=subject, settings=settings, now=now)
    values = {**values, "subject": subject, "recipient": recipient, "stop": unsubscribe(settings, recipient)}
    text, html = render(f"{kind}.txt", **values), render(f"{kind}.html", **values)
    return Message(id, recipient, subject, mail_bytes(headers, text=text, html=html, seed=id), notifications)


def _instant_subject(stories: Sequence[Story]) -> str:
    first = shorten(plain(stories[0].headline), _HEADLINE)
    more = f" (and {counted(len(stories) - 1, 'more story', 'more stories')})" if len(stories) > 1 else ""
    return f"{_labels(stories)[0]}: {first}{more}"


def _labels(stories: Sequence[Story]) -> list[str]:
    """What the stories are about, most telling first: titles of topics, else names of rules."""
    whys = [why for story in stories for why in story.whys]
    topics = [because.value for why in whys for because in why.reasons if because.clause == names.CLAUSES["topic"]]
    return list(dict.fromkeys(topics or [why.rule for why in whys]))


def _listed(rules: Sequence[str]) -> str:
    return ", ".join(rules[:3]) + (f" and {len(rules) - 3} more" if len(rules) > 3 else "")
