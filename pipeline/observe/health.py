"""What works, what does not, and how to mend it: the checks behind `newswatch doctor`.

Promises that no check raises or changes anything a user would notice, and that whatever is wrong comes with a sentence
on what to do about it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline import alerts
from pipeline.config import Config, load_config
from pipeline.errors import ConfigError, LedgerError, NewswatchError
from pipeline.index import open_index
from pipeline.ledger import articles, open_ledger, outbox, pass_records, retention, sources, work
from pipeline.ledger.pass_records import PassRecord
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `detail` says what was found, `mend` what to do if it is not `ok`."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


def checks(settings: Settings) -> Iterator[Check]:
    """One after the other, as they are done."""
    for name, look, mend in _CHECKS:
        try:
            yield from look(settings)
        except NewswatchError as error:
            yield Check(name, False, str(error), mend)
        except OSError as error:
            yield Check(name, False, f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), mend)


def _home(settings: Settings) -> Iterator[Check]:
    settings.home.mkdir(parents=True, exist_ok=True)
    probe = settings.home / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    yield Check("home", True, f"{settings.home.absolute()} can be written")


def _config(settings: Settings) -> Iterator[Check]:
    config = load_config(settings.config)
    counts = (
        f"{len(config.sources)} sources, {len(config.topics)} topics, {len(config.watchlist)} entities, "
        f"{len(config.rules)} alerts"
    )
    yield Check("config", True, f"{settings.config}: {counts}")
    unused = _unlisted(config)
    if unused:
        detail = f"not on the watch-list, so found only where the text names them just so: {', '.join(unused)}"
        yield Check("alerts", False, detail, "check the spelling, or add them to watchlist.yml")


def _unlisted(config: Config) -> list[str]:
    known = {name for entity in config.watchlist for name in (entity.name, entity.wikidata, *entity.aliases)}
    return sorted({name for rule in config.rules for name in rule.entities if name not in known})


def _ledger(settings: Settings) -> Iterator[Check]:
    ledger = open_ledger(settings)
    now = datetime.now(UTC)
    shown = ledger.engine.url.render_as_string(hide_password=True)
    with ledger.read() as connection:
        states = sources.feed_states(connection)
        waiting = work.waiting(connection, now=now)
        given_up = work.given_up(connection)
        mails = outbox.counts(connection)
        last = pass_records.latest(connection, limit=1)
    ledger.close()
    yield Check("ledger", True, shown)
    queue = ", ".join(f"{each.kind} {each.due} due and {each.later} later" for each in waiting) or "nothing waits"
    yield Check("queue", True, queue)
    yield from (Check("last pass", True, f"{_told(each)}; see newswatch passes") for each in last)
    if given_up:
        detail = "; ".join(f"{kind} {key}: {reason}" for kind, key, reason in given_up[:5])
        yield Check(
            "given up", False, f"{len(given_up)}: {detail}", "once the cause is mended: newswatch doctor --retry"
        )
    failing = [state for state in states.values() if state.failures]
    answered = len(states) - len(failing)
    detail = f"{answered} of {len(states)} feeds answered at their last poll; see newswatch feeds list"
    yield Check("feeds", answered > 0 or not states, detail, "see newswatch feeds list, newswatch feeds check")
    detail = ", ".join(f"{count} {state}" for state, count in mails.items())
    yield Check("mails", mails["waiting"] == 0, detail, "mails wait for the mail server: see below")


def _told(last: PassRecord) -> str:
    """A pass in one line."""
    ended = f"ended at {last.ended:%H:%M:%S}" if last.ended else last.state
    return f"began on {last.began:%Y-%m-%d at %H:%M:%S} UTC, {ended}" + "".join(
        f"; {step} failed: {why}" for step, why in last.failed
    )


def _models(settings: Settings) -> Iterator[Check]:
    try:
        config = load_config(settings.config)
    except ConfigError:
        return  # said already
    from pipeline.enrich.annotator import Annotator  # a second, and not needed for the type of a check

    Annotator.load(config.topics, config.watchlist, own=settings.trained_topics, packages=settings.recognisers)
    yield Check("models", True, "topics and entities can be found")


def _search(settings: Settings) -> Iterator[Check]:
    index = open_index(settings)
    yield Check("search", True, index.ping())
    with contextlib.suppress(LedgerError):  # said already
        lacking = _to_be_found(settings) - index.count()
        detail = f"{lacking} articles of the ledger are not in it" if lacking > 0 else "all articles can be found"
        yield Check("index", lacking <= 0, detail, "run newswatch index verify --repair")


def _to_be_found(settings: Settings) -> int:
    """How many articles the index holds at least, if nothing has happened to it."""
    ledger = open_ledger(settings)
    with ledger.read() as connection:
        held = sum(len(ids) for ids in articles.all_ids(connection))
        held -= retention.count(connection, retention.retired_months(connection))
        waiting = work.waiting(connection, now=datetime.now(UTC))
    ledger.close()
    return held - sum(each.due + each.later + each.dead for each in waiting if each.kind in ("enrich", "index"))


def _kibana(settings: Settings) -> Iterator[Check]:
    if settings.kibana_url is None:
        return
    from pipeline.index.kibana import missing, open_kibana, wait_until_ready
    from pipeline.index.kibana_files import contents

    with contextlib.closing(open_kibana(settings)) as kibana:
        version = wait_until_ready(kibana, patience=0)
        lacking = missing(kibana, contents(prefix=settings.elasticsearch_prefix))
    detail = f"no dashboard {', '.join(lacking)}" if lacking else f"Kibana {version} has every dashboard"
    yield Check("kibana", not lacking, detail, "run newswatch kibana setup")


def _mail(settings: Settings) -> Iterator[Check]:
    alerts.test_message("doctor@localhost", settings=settings, now=datetime.now(UTC))  # can one be written?
    if settings.smtp_host is None:
        yield Check("mail server", True, f"none set: mails become files in {settings.home / 'mail'}")
        return
    yield Check("mail server", True, alerts.ping(settings))


_CHECKS: tuple[tuple[str, Callable[[Settings], Iterator[Check]], str], ...] = (
    ("home", _home, "set NEWSWATCH_HOME to a folder that can be written"),
    ("config", _config, "correct the file, or set NEWSWATCH_CONFIG to the folder of the configuration"),
    ("ledger", _ledger, "set NEWSWATCH_LEDGER, or see that the database runs"),
    ("models", _models, "run make install again; models are made by make train"),
    (
        "search",
        _search,
        "run newswatch run or newswatch reindex, or see that the server of NEWSWATCH_ELASTICSEARCH_URL runs",
    ),
    ("kibana", _kibana, "set NEWSWATCH_KIBANA_URL to the address of Kibana, then run newswatch kibana setup"),
    ("mail server", _mail, "correct NEWSWATCH_MAIL_FROM, NEWSWATCH_SMTP_..., and try newswatch mail test ADDRESS"),
)


def revive(settings: Settings) -> int:
    """Make everything that was given up due again; the number of pieces of work."""
    ledger = open_ledger(settings)
    with ledger.transaction("revive") as connection:
        count = work.revive(connection, now=datetime.now(UTC))
    ledger.close()
    return count
