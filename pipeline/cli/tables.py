"""Sources, rules, settings and checks as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.model import Annotated, Notification, Rule, Source
from pipeline.settings import PREFIX, Settings, masked

if TYPE_CHECKING:  # they load what most commands do without
    from pipeline.ledger.pass_records import PassRecord
    from pipeline.ledger.sources import FeedState
    from pipeline.observe.health import Check
    from pipeline.steps.check import Checked

_SHOWN = (
    ("collect", "tried"),
    ("collect", "failed"),
    ("collect", "new"),
    ("collect", "updated"),
    ("index", "written"),
    ("mail", "sent"),
)  # of a pass: step and outcome
_STATES = {"changed": "ok", "unchanged": "ok", "failed": "failed", None: "never read"}


def feed_table(
    sources: Sequence[Source], states: Mapping[str, FeedState], polls: Mapping[str, datetime], *, now: datetime
) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("source", no_wrap=True)
    for column in ("state", "last success", "next poll"):
        table.add_column(column, no_wrap=True)
    table.add_column("last error", overflow="fold")
    for source in sources:
        state = states.get(source.id)
        outcome = _STATES[state.last_outcome if state else None]
        style = {"ok": "green", "failed": "yellow"}.get(outcome, "dim")
        error = f"{state.error} ({state.failures} in a row)" if state and state.error else ""
        table.add_row(
            Text(source.id),
            Text(outcome, style),
            _ago(state.last_success if state else None, now),
            _ahead(polls.get(source.id), now),
            Text(error, "yellow"),
        )
    return table


def pass_table(passes: Sequence[PassRecord]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("began, UTC", "took", "feeds", "failed", "new", "updated", "indexed", "mails"):
        table.add_column(column, no_wrap=True, justify="left" if column == "began, UTC" else "right")
    table.add_column("", overflow="fold")
    for each in passes:
        took = f"{(each.ended - each.began).total_seconds():.1f} s" if each.ended else each.state
        shown = (each.counts.get(step, {}).get(name) for step, name in _SHOWN)
        failed = "; ".join(f"{step} failed: {why}" for step, why in each.failed)
        counts = ("" if count is None else str(count) for count in shown)
        table.add_row(f"{each.began:%Y-%m-%d %H:%M:%S}", took, *counts, Text(failed, "yellow"))
    return table


def print_checked(console: Console, checked: Sequence[Checked]) -> None:
    for each in checked:
        if each.error is None:
            newest = f", newest {each.newest:%Y-%m-%d}" if each.newest else ""
            line = Text.assemble(
                ("ok      ", "green"), f"{each.source.id}: {each.entries} entries{newest}, {each.format}"
            )
        else:
            line = Text.assemble(("failed  ", "yellow"), f"{each.source.id}: {each.error} <{each.source.url}>")
        console.print(line, soft_wrap=True)
        if each.moved_to:
            console.print(Text(f"        moved for good to {each.moved_to}"), soft_wrap=True)
        for url, title in each.proposals:
            console.print(Text(f"        its home page offers {url} ({title})", "cyan"), soft_wrap=True)
    good = sum(1 for each in checked if each.error is None)
    console.print(f"\n{good} of {len(checked)} feeds can be read")


def rule_table(rules: Sequence[Rule]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("alert", "when", "matches", "recipients"):
        table.add_column(column, overflow="fold")
    for rule in rules:
        clauses = [
            f"{name}: {' or '.join(values)}"
            for name, values in (
                ("topic", rule.topics),
                ("entity", rule.entities),
                ("query", (rule.query,) if rule.query else ()),
                ("source", rule.sources),
                ("language", rule.languages),
            )
            if values
        ]
        table.add_row(Text(rule.name), rule.when, Text("\n".join(clauses)), Text("\n".join(rule.recipients)))
    return table


def print_backlog(console: Console, held: Sequence[Notification], known: Sequence[Annotated], *, sent: bool) -> None:
    titles = {each.article.id: each for each in known}
    for each in held:
        if (about := titles.get(each.article)) is not None:
            console.print(Text(about.article.title, "bold"), soft_wrap=True)
            line = f"  {each.article[:8]}  {about.source.name}  {each.rule} to {each.recipient}: {each.backlog}"
            console.print(Text(line, "dim"), soft_wrap=True)
    more = f", the first {len(known)} shown" if len(titles) < len({each.article for each in held}) else ""
    state = "will be mailed by the next pass" if sent else "not sent; newswatch alerts backlog --send has them mailed"
    console.print(
        f"{len(held)} match{'' if len(held) == 1 else 'es'}{more}: {state}" if held else "nothing is held back"
    )


def settings_table(settings: Settings) -> Table:
    """Every setting in force; secrets as stars."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("setting", "value", ""):
        table.add_column(column, overflow="fold")
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        mark = "" if value == field.default else "set"
        table.add_row(f"{PREFIX}{name.upper()}", Text("" if value is None else masked(value)), mark)
    return table


def print_check(console: Console, check: Check) -> None:
    mark = Text("ok  ", "green") if check.ok else Text("!   ", "bold yellow")
    console.print(Text.assemble(mark, (f"{check.name}: ", "bold"), check.detail), soft_wrap=True)
    if not check.ok and check.mend:
        console.print(Text(f"    {check.mend}", "cyan"), soft_wrap=True)


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{_span((now - moment).total_seconds())} ago" if moment else "never"


def _ahead(moment: datetime | None, now: datetime) -> str:
    if moment is None or moment <= now:
        return "now"
    return f"in {_span((moment - now).total_seconds())}"


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
