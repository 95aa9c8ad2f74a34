"""Feed entries -> drafts of articles, and whether they may alert. Pure: the ledger decides what is new.

Promises one draft for every entry that says anything at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.ledger.identity import Draft
from pipeline.model import Entry, Feed, Source
from pipeline.parse.sanitise import plain_text
from pipeline.settings import Settings

FIRST_PASS = "came with the first reading of this feed, beyond its newest entries"
_TITLE = 120  # code points of a headline made from a text that has none
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def drafts(feed: Feed, source: Source, *, first_pass: bool, settings: Settings, now: datetime) -> tuple[Draft, ...]:
    """One draft for each entry, in the feed's order."""
    entries = [
        entry for entry in feed.entries if entry.id or entry.url or entry.title or entry.summary or entry.content
    ]
    fresh = _newest(entries, settings.first_pass_alerts) if first_pass else set(range(len(entries)))
    return tuple(
        _draft(entry, feed, source, _backlog(entry, at in fresh, source, settings, now))
        for at, entry in enumerate(entries)
    )


def _draft(entry: Entry, feed: Feed, source: Source, backlog: str | None) -> Draft:
    text = max(plain_text(entry.content or ""), plain_text(entry.summary or ""), key=len)
    return Draft(
        source=source.id,
        guid=entry.id,
        url=entry.url,
        title=entry.title or _shortened(text) or entry.url or entry.id or "",
        text=text,
        authors=entry.authors,
        published=entry.published or entry.updated,
        published_raw=entry.published_raw or entry.updated_raw,
        updated=entry.updated,
        language=entry.language or feed.language or source.language,
        backlog=backlog,
    )


def _backlog(entry: Entry, fresh: bool, source: Source, settings: Settings, now: datetime) -> str | None:
    moment = entry.published or entry.updated
    if source.demo:
        return None
    if moment and now - moment > timedelta(seconds=settings.alert_max_age):
        return f"was published more than {_in_words(settings.alert_max_age)} before it was first seen"
    return None if fresh else FIRST_PASS


def _newest(entries: list[Entry], count: int) -> set[int]:
    """Places of the newest entries; those without a date count as older, in the feed's order."""
    moments = [entry.published or entry.updated or _LONG_AGO for entry in entries]
    return set(sorted(range(len(entries)), key=lambda at: moments[at], reverse=True)[:count])


def _shortened(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rsplit(" ", 1)[0] + "…"


def _in_words(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = seconds / size
            return f"{count:g} {name}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"
