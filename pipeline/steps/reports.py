"""What each step says it did: counts and reasons, as plain data that also fits through XCom."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Self


@dataclass(slots=True)
class Report:
    """Base: reports of one kind add up."""

    def counts(self) -> dict[str, int]:
        """Its numbers, and the lengths of its lists."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value if isinstance(value, int) else len(value) for name, value in values.items()}

    def __iadd__(self, other: Self) -> Self:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        return self


@dataclass(slots=True)
class CollectReport(Report):
    tried: int = 0
    busy: int = 0  # that another collector has in hand
    changed: int = 0
    unchanged: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # (source id, why)
    flawed: list[tuple[str, str]] = field(default_factory=list)  # read all the same
    new: int = 0
    updated: int = 0
    known: int = 0


@dataclass(slots=True)
class EnrichReport(Report):
    articles: list[str] = field(default_factory=list)  # ids
    failed: list[tuple[str, str]] = field(default_factory=list)
    notifications: int = 0  # to be sent
    backlog: int = 0  # matched, but not to be sent


@dataclass(slots=True)
class AgainReport(Report):
    """Of articles of the past."""

    articles: list[str] = field(default_factory=list)  # ids
    left: int = 0  # to the queue, in which they are
    failed: list[tuple[str, str]] = field(default_factory=list)
    backlog: int = 0  # notifications that nobody is mailed


@dataclass(slots=True)
class FeedsReport(Report):
    failing: list[tuple[str, str]] = field(default_factory=list)  # (source id, why)
    silent: list[tuple[str, str]] = field(default_factory=list)  # (source id, since when)


@dataclass(slots=True)
class PagesReport(Report):
    fetched: int = 0
    improved: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # (url, why)


@dataclass(slots=True)
class IndexReport(Report):
    written: int = 0
    waiting: int = 0  # the server is not there: later
    rejected: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class FactsReport(IndexReport):
    """Of texts and their copies, of feeds and of mails."""


@dataclass(slots=True)
class SetupReport(Report):
    state: str  # of the index before: absent, current, older
    written: int = 0  # articles
    rejected: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class VerifyReport(Report):
    """The ledger's articles, each counted once, beside what the index holds."""

    articles: int = 0  # of the ledger
    found: int = 0  # in the index, as the ledger has them
    waiting: int = 0  # not read yet, or in the queue for the index
    refused: int = 0  # given up; see doctor
    retired: int = 0  # dropped on purpose
    missing: int = 0
    stale: int = 0  # found in another revision than the ledger's
    ghosts: int = 0  # found, but unknown to the ledger or dropped on purpose
    repaired: int = 0  # of missing, stale and ghosts
    before: int = 0  # of the articles: counted by a look that was broken off, from whose end this one went on

    @property
    def agrees(self) -> bool:
        """Whether ledger and index agree now."""
        return self.missing + self.stale + self.ghosts == self.repaired


@dataclass(slots=True)
class RetentionReport(Report):
    months: list[str] = field(default_factory=list)  # that became too old now
    dropped: int = 0  # articles


@dataclass(slots=True)
class MailReport(Report):
    composed: int = 0
    sent: list[str] = field(default_factory=list)  # subjects
    waiting: list[tuple[str, str]] = field(default_factory=list)  # (recipient, why not yet)
    refused: list[tuple[str, str]] = field(default_factory=list)
    retransmitted: int = 0
