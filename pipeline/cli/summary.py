"""The end of a pass, for people: what was tried, what came of it, what to type next."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.ledger import findings
from pipeline.ledger.findings import Totals
from pipeline.steps.context import Context
from pipeline.steps.passes import PassReport, totals

ENTITY_KINDS = (
    ("People", ("PERSON",)),
    ("Organisations", ("ORG",)),
    ("Places", ("GPE", "LOC", "FAC")),
    ("Events", ("EVENT",)),
)
LISTED = 8


def print_summary(console: Console, context: Context, report: PassReport) -> None:
    """The whole summary of one pass."""
    held, mails = totals(context)
    with context.ledger.read() as connection:
        fresh = findings.totals(connection, set(report.enrich.articles))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", min_width=12)
    grid.add_column(ratio=1, overflow="fold")
    for title, cell in _rows(context, report, fresh, held, mails):
        grid.add_row(title, cell)
    took = (report.ended - report.began).total_seconds() if report.ended else 0.0
    console.print(f"\n[bold]One pass[/] of {report.began:%d %B %Y, %H:%M} UTC, {took:.1f} seconds\n")
    console.print(grid)
    console.print(Padding(_next(context, report, held), (1, 0)))


def one_line(report: PassReport) -> str:
    """A pass of `watch`."""
    collected = report.collect
    return (
        f"{report.began:%Y-%m-%d %H:%M:%S}Z  {collected.tried} feeds, {len(collected.failed)} failed; "
        f"{collected.new} new and {collected.updated} updated articles; {len(report.mail.sent)} mails"
        + "".join(f"; {step} failed: {why}" for step, why in report.failed)
    )


def _rows(
    context: Context, report: PassReport, fresh: Totals, held: Totals, mails: dict[str, int]
) -> Iterable[tuple[str, RenderableType]]:
    feeds = report.collect
    tried = f"{feeds.tried} tried: {feeds.changed} changed, {feeds.unchanged} unchanged, {len(feeds.failed)} failed"
    yield "Feeds", tried + (f"; {_are(feeds.busy)} being read by another pass" if feeds.busy else "")
    if feeds.failed:
        yield "", _reasons(context, feeds.failed, style="yellow")
    if feeds.flawed:
        yield "", _reasons(context, feeds.flawed, style="dim")
    for step, why in report.failed:
        yield "Failed", Text(f"{step}: {why}", style="bold yellow")
    yield "Articles", f"{feeds.new} new, {feeds.updated} updated, {feeds.known} already known; {held.articles} in all"
    yield "Topics", _topics(context, fresh, held)
    yield from _entities(fresh if fresh.articles else held)
    copies = held.articles - held.families
    yield (
        "Families",
        f"{_count(held.families, 'text')} in {_count(held.articles, 'article')}: {copies} are copies of another",
    )
    yield from _pages(report)
    yield "Search", _search(report)
    yield "Mail", _mail(context, report, mails)


def _reasons(context: Context, failed: Sequence[tuple[str, str]], *, style: str) -> RenderableType:
    """Sources by the reason they share, each reason in words."""
    known = {source.id: source for source in context.config.sources}
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for id, reason in failed:
        host = urlsplit(known[id].url).hostname or ""
        by_reason[reason.replace(f"host {host}", "the host")].append(known[id].name)
    shared = sorted(by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return Group(
        *(
            Text.assemble((f"{len(names)} × {reason}", style), "\n", ("  " + " · ".join(sorted(names)), "dim"))
            for reason, names in shared
        )
    )


def _topics(context: Context, fresh: Totals, held: Totals) -> RenderableType:
    lines = (
        f"{escape(topic.title)}: {fresh.topics.get(topic.name, 0)} new, {held.topics.get(topic.name, 0)} in all"
        for topic in context.config.topics
    )
    return "\n".join(lines)


def _entities(totals: Totals) -> Iterable[tuple[str, RenderableType]]:
    for title, labels in ENTITY_KINDS:
        counts: Counter[str] = Counter()
        for (name, label), count in totals.entities.items():
            if label in labels:
                counts[name] += count
        best = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:LISTED]
        if best:
            yield title, ", ".join(f"{escape(name)} [dim]{count}[/]" for name, count in best)


def _pages(report: PassReport) -> Iterable[tuple[str, RenderableType]]:
    pages = report.pages
    if pages.fetched or pages.failed:
        yield "Pages", f"{pages.fetched} fetched, {pages.improved} with more text, {len(pages.failed)} failed"


def _search(report: PassReport) -> str:
    index = report.index
    if index.waiting:
        return f"[yellow]{index.waiting} articles wait, because the search server does not answer[/]"
    rejected = f", {len(index.rejected)} refused" if index.rejected else ""
    dropped = f", {report.retention.dropped} too old and dropped" if report.retention.dropped else ""
    return f"{_count(index.written, 'article')} indexed{rejected}{dropped}"


def _mail(context: Context, report: PassReport, mails: dict[str, int]) -> RenderableType:
    mail = report.mail
    where = "sent" if context.settings.smtp_host else f"written to {context.settings.home / 'mail'}"
    waiting = f", [yellow]{mails['waiting']} waiting[/]" if mails["waiting"] else ""
    lines: list[RenderableType] = [f"{_count(len(mail.sent), 'mail')} {where}{waiting}"]
    lines += [Text(f"  {subject}", style="cyan", overflow="ellipsis", no_wrap=True) for subject in mail.sent[:LISTED]]
    if len(mail.sent) > LISTED:
        lines.append(f"  and {len(mail.sent) - LISTED} more")
    unsent = Counter([*mail.waiting, *mail.refused])
    lines += [
        Text(f"  {recipient}: {why}{f' ({count} times)' if count > 1 else ''}", style="yellow")
        for (recipient, why), count in unsent.most_common(LISTED)
    ]
    if mails["backlog"]:
        lines.append(f"  [dim]{mails['backlog']} matches not sent (backlog): see newswatch alerts backlog[/]")
    return Group(*lines)


def _next(context: Context, report: PassReport, held: Totals) -> RenderableType:
    topic = context.config.topics[0].name if context.config.topics else "NAME"
    best = held.entities.most_common(1)
    name = best[0][0][0] if best else "Wang Yi"
    me = _command()
    steps = [
        (f"{me} search 'topic:{topic}'", "what is about a topic, newest first"),
        (f"{me} search 'entity:\"{name}\"' --facet source", "who writes about whom"),
        (f"{me} feeds list", "how every feed fares"),
        (f"{me} watch", "go on, on schedule"),
    ]
    if (told := _told(context, report)) is not None:
        steps.insert(1, (f"{me} show {told[:8]}", "one article, with everything known of it"))
    lines = (
        Text.assemble((f"  {command}", "green"), (f"  # {about}", "dim"), no_wrap=True, overflow="ellipsis")
        for command, about in steps
    )
    return Group(Text("What next", style="bold"), *lines)


def _command() -> str:
    """How the user can call us: by name if that is on his PATH, else as he did."""
    return "newswatch" if shutil.which("newswatch") else os.path.relpath(sys.argv[0])


def _told(context: Context, report: PassReport) -> str | None:
    """An article of this pass, rather one that is about something."""
    with context.ledger.read() as connection:
        found = findings.annotated(connection, report.enrich.articles[:500])
    best = max(found, key=lambda each: sum(score.match for score in each.annotation.topics), default=None)
    return best.article.id if best else None


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return f"{number} {'is' if number == 1 else 'are'}"
