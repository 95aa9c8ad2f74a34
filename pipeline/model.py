"""The frozen data of every step, named by stage and in the order of the way.

Configuration (Source, Topic, Rule, ...) -> bytes (Content, Unchanged, Failed) -> Feed and Entry -> Article ->
Annotation -> Annotated -> Match -> Notification and Message. Sequences are tuples, moments are aware UTC,
text is str. Nothing here reads a clock, a file or a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from pipeline.errors import NewswatchError

Label = Literal["PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "FAC"]


# --- configuration ------------------------------------------------------------------------------------------


class SourceKind(StrEnum):
    STATE = "state"
    INDEPENDENT = "independent"
    AGENCY = "agency"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class Source:
    """One feed that an operator follows."""

    id: str  # slug; the key of everything remembered about the feed
    name: str  # the outlet, as shown to people
    url: str  # http(s), or file: for a source that is allowed it
    home: str | None
    country: str  # ISO 3166-1 alpha-2, upper case; "EU" and "UN" for bodies of many
    language: str  # ISO 639-1, what the outlet usually writes
    kind: SourceKind
    pages: Literal["auto", "always", "never"] = "auto"  # fetch article pages: for candidates, all, none
    every: timedelta | None = None  # poll interval, if not the setting's
    allow_private: bool = False  # may resolve to private addresses, or be a file:
    demo: bool = False  # demonstration: alerts whatever its age


@dataclass(frozen=True, slots=True)
class TopicPatterns:
    """What says "about this topic" in one language.

    `terms` are enough by themselves; `pairs` need one of each side near each other; `context` raises and
    `excluding` lowers what the others gave.
    """

    terms: tuple[str, ...] = ()
    pairs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    context: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    title: str
    threshold: float  # score from which an article is a match
    candidate: float  # score from which its page is fetched
    patterns: Mapping[str, TopicPatterns]  # by language


@dataclass(frozen=True, slots=True)
class Office:
    """A post that somebody holds from `since` on, and no longer on `until`; None is open."""

    title: str
    since: date | None = None
    until: date | None = None

    def held(self, day: date) -> bool:
        return (self.since or day) <= day < (self.until or date.max)


@dataclass(frozen=True, slots=True)
class WatchEntity:
    """One entry of the watch-list; `aliases` in any script, `needs` = words one of which must be in the text."""

    name: str
    label: Label
    wikidata: str | None
    country: str | None
    kind: str | None
    aliases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule: every clause that is given must hold; within a clause any value is enough."""

    name: str
    recipients: tuple[str, ...]
    topics: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    query: str | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    when: Literal["instant", "digest"] = "instant"


# --- bytes from the world -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one input, as data: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional GET sends back (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A 200 answer, whole, decompressed and under the byte cap."""

    url: str  # as asked
    final_url: str  # after redirects
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    validators: Validators = Validators()
    moved_to: str | None = None  # where permanent redirects alone lead, if anywhere


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The host says, or the same bytes say, that nothing is new."""

    url: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An expected failure, as a value."""

    url: str
    error: NewswatchError


Fetched = Content | Unchanged | Failed


# --- documents ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed: `title` is plain text, `summary` and `content` are sanitised HTML."""

    id: str | None
    url: str | None
    title: str | None
    summary: str | None = None
    content: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    updated_raw: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed document; `format` is feedparser's version string such as "rss20" or "atom10"."""

    format: str | None
    title: str | None
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The article found on an HTML page; `text` is plain, paragraphs parted by newlines."""

    url: str
    title: str | None
    text: str | None
    language: str | None = None
    published: datetime | None = None
    problems: tuple[Problem, ...] = ()


# --- articles -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Article:
    """One article of one source, as last seen. `id` never changes; `revision` counts its changes from 1."""

    id: str
    source: str  # Source.id
    revision: int
    url: str | None
    title: str
    text: str  # plain: the page's if fetched, else the entry's content or summary
    authors: tuple[str, ...]
    published: datetime | None
    published_raw: str | None
    updated: datetime | None
    first_seen: datetime
    language: str | None  # as declared by feed or page
    backlog: str | None  # why it may not alert, in words; None = it may


@dataclass(frozen=True, slots=True)
class Span:
    """`start` and `end` are code points into `title + "\\n" + text`, and raw[start:end] == text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TopicScore:
    topic: str
    score: float  # 0..1
    match: bool
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of an entity; `name` groups the mentions of one entity in a text.

    A `namesake` bears a name of a watch-list entry without the context that the entry needs: it is not that entry.
    """

    text: str
    label: Label
    start: int
    end: int
    name: str
    wikidata: str | None = None
    namesake: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody is quoted with: text[start:end], without marks. `speaker` is the whole name, None if not told."""

    start: int
    end: int
    kind: Literal["direct", "reported"]
    speaker: str | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None


@dataclass(frozen=True, slots=True)
class TextItem:
    """What enrich reads: an id and the raw text, language only if someone declared it."""

    id: str
    title: str
    text: str
    language: str | None = None

    @property
    def raw(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Annotation:
    """What the text says of itself. `candidate` = a page fetch could make it match."""

    language: str | None
    topics: tuple[TopicScore, ...]
    mentions: tuple[Mention, ...]
    candidate: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """An article's place in its family: copies of one text, named by the id of the first."""

    article: str
    family: str
    similarity: float  # estimated Jaccard of character 5-grams with the first member, 0..1


@dataclass(frozen=True, slots=True)
class Annotated:
    """Everything known of an article: what is indexed and what rules are matched on."""

    article: Article
    annotation: Annotation
    membership: Membership
    source: Source
    alerts: tuple[str, ...] = ()  # names of the rules that it matches
    version: int = 0  # counts changes of everything here; never less than the article's revision


# --- alerts -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause of a rule that held, and the words that made it hold."""

    clause: Literal["topic", "entity", "query", "source", "language"]
    value: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    rule: Rule
    annotated: Annotated
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Notification:
    """That one recipient is to hear of one family by one rule: unique, for ever, by those three."""

    id: str
    rule: str
    family: str
    recipient: str
    article: str  # the member that matched
    when: Literal["instant", "digest"]
    reasons: tuple[Reason, ...]
    created: datetime
    backlog: str | None = None  # why it is not sent, in words


@dataclass(frozen=True, slots=True)
class Message:
    """A frozen mail: `body` is the whole RFC 5322 message, and never changes between attempts."""

    id: str  # the Message-ID, without angle brackets
    recipient: str
    subject: str
    body: bytes = field(repr=False)
    notifications: tuple[str, ...] = ()  # Notification.id


# --- searching ----------------------------------------------------------------------------------------------


class Interval(StrEnum):
    """By which articles are counted in time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class NameKind(StrEnum):
    """Of whom or what a name is; also the field that holds such names."""

    PERSON = "person"
    ORG = "org"
    PLACE = "place"
    EVENT = "event"
