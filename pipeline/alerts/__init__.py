"""From annotated articles to mails: rules, notifications, composing, sending.

Promises pure functions up to the frozen message; only mailers touch the world. The ledger decides what is new.
"""

from pipeline.alerts.compose import compose, notice, test_message
from pipeline.alerts.digest import digest_slot
from pipeline.alerts.mailer import FolderMailer, Mailer, open_mailer
from pipeline.alerts.matching import match_rules
from pipeline.alerts.notifications import notification_id, notifications
from pipeline.alerts.smtp import SmtpMailer
from pipeline.alerts.smtp_connect import ping

__all__ = [
    "FolderMailer",
    "Mailer",
    "SmtpMailer",
    "compose",
    "digest_slot",
    "match_rules",
    "notice",
    "notification_id",
    "notifications",
    "open_mailer",
    "ping",
    "test_message",
]
