"""Notifications -> frozen messages -> subscribers.

Promises that a message is written to the ledger, members and body, before its first attempt, and that an attempt is
noted before it begins: if the process dies during one, the same bytes go out again under the same Message-ID, and
that is counted. A server that is down delays, a server that refuses for good buries the message by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from pipeline import alerts
from pipeline.errors import LeaseLost, MailError, MailRefused, MailUnavailable, NewswatchError, SettingsError
from pipeline.ledger import findings, outbox, work
from pipeline.ledger.outbox import Attempt
from pipeline.ledger.work import Lease
from pipeline.logs import bound, get_logger
from pipeline.model import Annotated, Message, Notification
from pipeline.steps.context import Context
from pipeline.steps.facts import note
from pipeline.steps.naming import at_work
from pipeline.steps.progress import Progress
from pipeline.steps.reports import MailReport

log = get_logger(__name__)
Kind = Literal["instant", "digest"]
Item = tuple[Notification, Annotated, tuple[Annotated, ...]]  # as `alerts.compose` takes it
MISSES = 3
LEASE = timedelta(hours=1)  # longer than all timeouts of one exchange with the server
RETRY, LONGEST = timedelta(minutes=2), timedelta(hours=6)  # doubled with each attempt


@at_work("mail")
def mail(context: Context, *, kind: Kind | None = None) -> MailReport:
    """Compose what is due (of one kind, if given), then send all that is due.

    With wrong settings everything waits, and the report says why.
    """
    report = MailReport()
    try:
        report += compose(context, kind=kind)
        report += send(context)
    except SettingsError as error:
        log.error("no mail can be made", reason=str(error))
        report.waiting.append((error.subject, error.message))
    return report


def compose(context: Context, *, kind: Kind | None = None) -> MailReport:
    """Make frozen messages of the notifications that are due."""
    report, beginning = MailReport(), f"{kind} " if kind else ""
    while not context.stopping():
        with context.ledger.transaction("compose") as connection:
            leases = work.claim(connection, "compose", now=context.clock(), limit=1, beginning=beginning)
            if not leases:
                break
            report += _compose(context, connection, leases[0])
    return report


def _compose(context: Context, connection: Connection, lease: Lease) -> MailReport:
    kind, recipient, *family = lease.key.split(" ")
    found = outbox.pending(connection, recipient=recipient, send=kind, family=family[0] if family else None)
    if not found:
        work.complete(connection, lease)
        return MailReport()
    now = context.clock()
    items = _with_articles(connection, found)
    try:
        message = _made(context, items, recipient=recipient, kind="instant" if kind == "instant" else "digest", now=now)
    except MailError as error:
        work.bury(connection, lease, reason=error.message)
        log.error("mail not made", recipient=recipient, error=error.code, reason=error.message)
        return MailReport(refused=[(recipient, error.message)])
    outbox.freeze(connection, message, now=now)
    work.add(connection, "mail", [(message.id, 1)], due=now)
    note(context, connection, "delivery", [message.id])
    work.complete(connection, lease)
    log.debug("mail made", message_id=message.id, recipient=recipient, notifications=len(found))
    return MailReport(composed=1)


def _made(context: Context, items: Sequence[Item], *, recipient: str, kind: Kind, now: datetime) -> Message:
    """Raises MailError, also for a mistake of ours, which must not hold up the mails to come; SettingsError."""
    given, topics = context.settings, context.config.topics
    try:
        return alerts.compose(
            recipient=recipient, notifications=items, kind=kind, settings=given, now=now, topics=topics
        )
    except NewswatchError:
        raise
    except Exception as error:
        log.exception("unexpected failure while making a mail", recipient=recipient)
        raise MailRefused(recipient, f"unexpected: {type(error).__name__}: {error}") from error


def _with_articles(connection: Connection, found: Sequence[Notification]) -> list[Item]:
    """Each notification with the article it is about and the other members of the family."""
    items = []
    for each in found:
        kin = findings.annotated(connection, [each.article, *findings.members(connection, each.family)])
        about = next(one for one in kin if one.article.id == each.article)
        items.append((each, about, tuple(one for one in kin if one.article.id != each.article)))
    return items


def send(context: Context) -> MailReport:
    """Send what is due. After a few messages in a row that the server could not take, the rest waits."""
    report, misses = MailReport(), 0
    with alerts.open_mailer(context.settings) as mailer:
        while misses < MISSES and not context.stopping():
            with context.ledger.transaction("mail.claim") as connection:
                leases = work.claim(connection, "mail", now=context.clock(), limit=1, lease=LEASE)
                attempt = outbox.begin_attempt(connection, leases[0].key) if leases else None
                if leases and attempt is None:
                    work.complete(connection, leases[0])
            if not leases:
                break
            if attempt is None:
                continue
            with bound(message_id=attempt.message.id, recipient=attempt.message.recipient):
                sent = _send(context, mailer, leases[0], attempt)
            misses = misses + 1 if sent.waiting else 0
            report += sent
            context.progress(Progress("mail", len(report.sent), None))
    return report


def _send(context: Context, mailer: alerts.Mailer, lease: Lease, attempt: Attempt) -> MailReport:
    message = attempt.message
    try:
        mailer.send(message)
    except MailRefused as error:
        with context.ledger.transaction("mail.refused") as connection:
            outbox.record_unsent(connection, message.id, error=error.message, unresolved=False)
            work.bury(connection, lease, reason=error.message)
            note(context, connection, "delivery", [message.id])
        log.error("mail refused", reason=error.message)
        return MailReport(refused=[(message.recipient, error.message)])
    except MailUnavailable as error:
        due = context.clock() + min(RETRY * (1 << min(lease.attempts - 1, 10)), LONGEST)
        with context.ledger.transaction("mail.later") as connection:
            outbox.record_unsent(connection, message.id, error=error.message, unresolved=error.maybe_sent)
            work.defer(connection, lease, due=due)
            note(context, connection, "delivery", [message.id])
        log.warning("mail put off", reason=error.message, due=due.isoformat(timespec="seconds"), attempt=lease.attempts)
        return MailReport(waiting=[(message.recipient, error.message)])
    with context.ledger.transaction("mail.sent") as connection:
        outbox.record_sent(connection, message.id, now=context.clock())
        note(context, connection, "delivery", [message.id])
        with suppress(LeaseLost):  # sent is sent, whoever holds the work now
            work.complete(connection, lease)
    log.info("mail sent", subject=message.subject)
    if attempt.again:
        log.warning("mail sent again: an earlier attempt may have arrived")
    return MailReport(sent=[message.subject], retransmitted=int(attempt.again))
