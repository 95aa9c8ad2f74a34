"""What config/*.yml may hold, key by key, as pydantic models.

Promises that each value has the right form by itself. Whether names fit together across files is `config`'s to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from pipeline.durations import parse_duration
from pipeline.errors import QueryError
from pipeline.model import Label, SourceKind
from pipeline.query import parse_query


def _web_address(value: str) -> str:
    wrong = ValueError(f'"{value}" is not an http or https address')
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme == "file":
        return value
    if parts.username or parts.password:
        raise ValueError("an address must not hold a user name or password")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or re.search(r"\s", value):
        raise wrong
    return value


def _mail_address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+", value):
        raise ValueError(f'"{value}" is not a mail address')
    return value


def _query(value: str) -> str:
    try:
        parse_query(value)
    except QueryError as error:
        raise ValueError(str(error)) from error
    return value


def _duration(value: object) -> timedelta:
    return parse_duration(str(value))


def _day(value: object) -> date:
    """A month stands for its first day."""
    text = str(value)
    try:
        return date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d\d", text) else text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a day or month such as 2023-08-22 or 2023-08') from error


SLUG, NAME, LANGUAGE, COUNTRY, WIKIDATA = (
    "^[a-z0-9][a-z0-9_-]*$",
    "^[a-z][a-z0-9_]*$",
    "^[a-z]{2,3}$",
    "^[A-Z]{2}$",
    "^Q[1-9][0-9]*$",
)
PATTERNS: Mapping[str, str] = {
    SLUG: "be small letters a-z, digits, - and _",
    NAME: "be small letters a-z, digits and _",
    LANGUAGE: "be a language's code such as en or km",
    COUNTRY: "be a country's code such as KH or EU",
    WIKIDATA: "be an id of Wikidata such as Q424",
}
"""What must hold of a value that a pattern refused, in words."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=60)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
Country = Annotated[str, StringConstraints(pattern=COUNTRY)]
Url = Annotated[str, AfterValidator(_web_address)]
Texts = tuple[Text, ...]


class StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SourceModel(StrictModel):
    id: Slug
    name: Text
    url: Url
    home: Url | None = None
    country: Country
    language: Language
    kind: SourceKind
    pages: Literal["auto", "always", "never"] = "auto"
    every: Annotated[timedelta, BeforeValidator(_duration)] | None = None
    allow_private: bool = False
    demo: bool = False


class PatternsModel(StrictModel):
    terms: Texts = ()
    pairs: tuple[tuple[Texts, Texts], ...] = ()
    context: Texts = ()
    excluding: Texts = ()


class TopicModel(StrictModel):
    name: Annotated[str, StringConstraints(pattern=NAME)]
    title: Text
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    candidate: Annotated[float, Field(ge=0, le=1)] = 0.15
    patterns: dict[Language, PatternsModel] = {}


class OfficeModel(StrictModel):
    title: Text
    since: Annotated[date, BeforeValidator(_day)] | None = None
    until: Annotated[date, BeforeValidator(_day)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.until <= self.since:
            raise ValueError(f"until {self.until} is not after since {self.since}")
        return self


class EntityModel(StrictModel):
    name: Text
    label: Label
    wikidata: Annotated[str, StringConstraints(pattern=WIKIDATA)] | None = None
    country: Country | None = None
    kind: Text | None = None
    aliases: Texts = ()
    needs: Texts = ()
    offices: tuple[OfficeModel, ...] = ()


class RuleModel(StrictModel):
    name: Slug
    recipients: Annotated[tuple[Annotated[str, AfterValidator(_mail_address)], ...], Field(min_length=1)]
    topics: Texts = ()
    entities: Texts = ()
    query: Annotated[Text, AfterValidator(_query)] | None = None
    sources: Texts = ()
    languages: tuple[Language, ...] = ()
    when: Literal["instant", "digest"] = "instant"


CONFIG_KEYS: Mapping[str, tuple[str, ...]] = {
    "feeds.yml": tuple(SourceModel.model_fields),
    "topics.yml": (*TopicModel.model_fields, *PatternsModel.model_fields),
    "watchlist.yml": (*EntityModel.model_fields, *OfficeModel.model_fields),
    "alerts.yml": tuple(RuleModel.model_fields),
}
"""Every key of every file, for the test that the manual names each."""
