"""The environment, read once into one frozen Settings. Names start with NEWSWATCH_; secrets print as stars.

An unknown NEWSWATCH_ variable is an error: a misspelt setting that is silently ignored is worse than none.
`NEWSWATCH_TEST_*` and `NEWSWATCH_DATA` belong to tests and training and are left alone.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from pipeline.errors import SettingsError

PREFIX = "NEWSWATCH_"
NOT_OURS = ("NEWSWATCH_TEST_", "NEWSWATCH_DATA", "NEWSWATCH_SERVER_")
ROOT = Path(__file__).resolve().parent.parent

Folder = Annotated[Path, AfterValidator(Path.expanduser)]
Seconds = Annotated[float, Field(gt=0, le=10 * 366 * 86400, allow_inf_nan=False)]  # so that no date leaves the calendar
_PACKAGE = r"^[a-z][a-z0-9_]*$"


class Settings(BaseModel):
    """Every setting, with its default. Durations are in seconds, sizes in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # places
    home: Folder = Field(default=Path("var"), description="folder of the ledger, the embedded index and unsent mail")
    config: Folder = Field(
        default=ROOT / "config", description="folder of feeds.yml, topics.yml, watchlist.yml, alerts.yml"
    )
    ledger: SecretStr | None = Field(default=None, description="database URL; default: SQLite at <home>/ledger.sqlite")
    backup_folder: Folder | None = Field(
        default=None, description="folder of the ledger's back-ups; default: <home>/backups"
    )
    backup_keep: int = Field(default=7, ge=1, description="how many back-ups are kept there")

    # search
    search: Literal["embedded", "elasticsearch", "opensearch"] = Field(
        default="embedded", description="which search engine is written and asked"
    )
    elasticsearch_url: str = Field(
        default="http://localhost:9200",
        pattern=r"^https?://[^@/\s]+(/\S*)?$",
        description="address of Elasticsearch or OpenSearch (http:// or https://), without user name and password",
    )
    elasticsearch_api_key: SecretStr | None = Field(default=None, description="API key for Elasticsearch or OpenSearch")
    elasticsearch_user: str | None = Field(default=None, description="user name for that server, if no API key")
    elasticsearch_password: SecretStr | None = Field(default=None, description="password for that user")
    elasticsearch_prefix: str = Field(
        default="newswatch", pattern=r"^[a-z][a-z0-9-]*$", description="start of index and alias names"
    )

    retention_months: int | None = Field(
        default=None,
        ge=1,
        description="whole months after which articles leave the search index, not the ledger; default: never",
    )

    # Kibana
    kibana_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^@/\s]+(/\S*)?$",
        description="address of Kibana (http:// or https://), without user name and password",
    )
    kibana_api_key: SecretStr | None = Field(default=None, description="API key for Kibana")
    kibana_user: str | None = Field(default=None, description="user name for Kibana, if no API key")
    kibana_password: SecretStr | None = Field(default=None, description="password for that user")

    # fetching
    user_agent: str = Field(
        default="Newswatch/0.1 (news monitoring; set NEWSWATCH_CONTACT)", description="User-Agent sent to hosts"
    )
    contact: str | None = Field(
        default=None, pattern=r"^\S+$", description="mail or web address added to the User-Agent"
    )
    fetch_concurrency: int = Field(default=64, ge=1, description="exchanges at once over all hosts")
    fetch_deadline: Seconds = Field(default=30.0, description="seconds for one whole exchange, redirects included")
    fetch_max_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, description="bytes of one body after decompression")
    host_interval: float = Field(default=1.0, ge=0, le=3600, description="seconds between two requests to one host")
    poll_interval: Seconds = Field(default=900.0, description="seconds between two polls of one feed")
    pages_per_pass: int = Field(default=200, ge=0, description="article pages fetched in one pass at most")
    proxy: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="address of an HTTP proxy (http:// or https://); proxy variables of the system are ignored",
    )

    # parsing
    parse_memory: int = Field(
        default=512 * 1024 * 1024, ge=128 * 1024 * 1024, description="bytes of memory for the parser process"
    )
    parse_seconds: Seconds = Field(default=8.0, description="CPU seconds for one document")

    # enriching
    enrich_batch: int = Field(default=64, ge=1, description="articles annotated and committed together")
    ner_en: str | None = Field(
        default=None, pattern=_PACKAGE, description="installed spaCy package that names in English are found by"
    )
    ner_fr: str | None = Field(default=None, pattern=_PACKAGE, description="the same for French")
    ner_zh: str | None = Field(default=None, pattern=_PACKAGE, description="the same for Chinese")

    # alerts
    alert_max_age: Seconds = Field(
        default=3 * 86400.0, description="seconds; older articles at first sight go to the backlog"
    )
    first_pass_alerts: int = Field(default=5, ge=0, description="newest entries of a new feed that may alert")
    digest_at: str = Field(
        default="06:00",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="UTC time of day at which digests are sent, HH:MM",
    )

    # mail
    smtp_host: str | None = Field(
        default=None, description="SMTP server; without one, mails become files in <home>/mail"
    )
    smtp_port: int = Field(default=25, ge=1, le=65535, description="port of the SMTP server")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="none", description="encryption towards the SMTP server"
    )
    smtp_user: str | None = Field(default=None, description="user name for the SMTP server")
    smtp_password: SecretStr | None = Field(default=None, description="password for that user")
    smtp_timeout: Seconds = Field(default=30.0, description="seconds to wait for the SMTP server")
    smtp_final_timeout: float = Field(
        default=600.0,
        gt=0,
        description="seconds to wait for the answer to a whole message; with less, slow servers deliver it twice",
    )
    mail_from: str = Field(default="Newswatch <newswatch@localhost>", description="From address of all mails")
    mail_unsubscribe: str | None = Field(
        default=None, description="List-Unsubscribe address (mailto: or https:); default: mailto the From address"
    )
    link_base: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Kibana or web address that mails link to (http:// or https://)",
    )

    # Airflow
    operator: str | None = Field(
        default=None,
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="mail address that hears of failed runs and of feeds in trouble; without one, only logs do",
    )
    feed_silence: Seconds = Field(
        default=14 * 86400.0, description="seconds without a new article after which a feed counts as silent"
    )
    upkeep_at: str = Field(
        default="03:30",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="UTC time of day at which Airflow runs the DAG upkeep, HH:MM",
    )
    ingest_schedule: str = Field(
        default="*/15 * * * *",
        pattern=r"^\S+( \S+){4}$",
        description="when Airflow runs the DAG ingest, in the five fields of cron, UTC",
    )

    # logs
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="least level written to standard error"
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="form of the logs: lines for people, or JSON Lines"
    )

    @property
    def search_server(self) -> bool:
        """Whether a server is asked, Elasticsearch or OpenSearch, and not the embedded index."""
        return self.search != "embedded"

    @property
    def recognisers(self) -> Mapping[str, str]:
        """spaCy packages by language, where one is named."""
        named = {"en": self.ner_en, "fr": self.ner_fr, "zh": self.ner_zh}
        return {language: package for language, package in named.items() if package}

    @property
    def ledger_url(self) -> str:
        if self.ledger is not None:
            return self.ledger.get_secret_value()
        return f"sqlite:///{self.home.absolute() / 'ledger.sqlite'}"

    @property
    def backups(self) -> Path:
        return self.backup_folder or self.home / "backups"

    @property
    def trained_topics(self) -> Path:
        """Folder of the models that `newswatch topics train` made, one folder for each topic."""
        return self.home / "topics"

    @property
    def labels(self) -> Path:
        """Folder of what the operator said of articles, one file for each topic."""
        return self.home / "labels"

    @property
    def full_user_agent(self) -> str:
        return f"{self.user_agent} +{self.contact}" if self.contact else self.user_agent


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environment` (default: the process's). Raises SettingsError naming the variable."""
    given = os.environ if environment is None else environment
    ours = {name: value for name, value in given.items() if name.startswith(PREFIX) and not name.startswith(NOT_OURS)}
    known = {f"{PREFIX}{field.upper()}": field for field in Settings.model_fields}
    for name in ours:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(name, "there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    values = {known[name]: value for name, value in ours.items() if value}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        message = _words(error, Settings.model_fields[field].description or "", values[field])
        raise SettingsError(f"{PREFIX}{field.upper()}", message) from error


def masked(value: object) -> str:
    """A value of a setting as it may be shown: without the user name and password of an address."""
    return re.sub(r"(?<!\S)(?!mailto:)(\w+://)?\S*:\S*@", r"\1***@", str(value))


def _words(error: ValidationError, description: str, value: str) -> str:
    first = error.errors()[0]
    if first["type"] == "string_pattern_mismatch":
        return f'"{masked(value)}" does not fit; it is the {description}'
    return f'{first["msg"][0].lower()}{first["msg"][1:]} (got "{masked(value)}")'
