"""What the operator hears: that a run failed, that feeds are in trouble.

Promises a log line whatever happens, a mail if NEWSWATCH_OPERATOR names somebody, and no mail about the same trouble
again before its time: what was told is a file in <home>/told, so that it needs neither ledger nor search server. Which
trouble is worth a mail is for the callers to say.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from pipeline import alerts
from pipeline.errors import MailError, SettingsError
from pipeline.settings import Settings

log = logging.getLogger(__name__)
AGAIN = timedelta(hours=6)


def tell(
    settings: Settings, subject: str, lines: Sequence[str], *, trouble: str, now: datetime, again: timedelta = AGAIN
) -> bool:
    """Mail `lines` to the operator, unless the same `trouble` was told less than `again` ago. Whether it was mailed."""
    log.warning("%s", subject)
    mark = settings.home / "told" / hashlib.sha256(trouble.encode("utf-8", "replace")).hexdigest()[:32]
    if settings.operator is None or _told(mark) > now - again:
        return False
    try:
        message = alerts.notice(settings.operator, subject=subject, lines=lines, settings=settings, now=now)
        with alerts.open_mailer(settings) as mailer:
            mailer.send(message)
    except (MailError, SettingsError) as error:
        log.error("the operator could not be told: %s", error)
        return False
    with suppress(OSError):  # then it is told once more
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(now.isoformat(), encoding="utf-8")
    return True


def _told(mark: Path) -> datetime:
    """When it was; long ago if it never was."""
    with suppress(OSError, ValueError):
        return datetime.fromisoformat(mark.read_text(encoding="utf-8"))
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
