"""newswatch feeds, alerts, mail, reindex, doctor: the state of things, and how to mend them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline.cli.common import Demo, Limit, errors, known_as, output, settings

feeds = typer.Typer(help="The sources, and how their feeds fare.", no_args_is_help=True)
alerts = typer.Typer(help="The alert rules, and what they matched but did not send.", no_args_is_help=True)
mail = typer.Typer(help="The mail server.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(feeds, name="feeds")
    app.add_typer(alerts, name="alerts")
    app.add_typer(mail, name="mail")
    app.command()(reindex)
    app.command()(reread)
    app.command()(doctor)


@feeds.command("list")
def feeds_list(demo: Demo = False) -> None:
    """Every source: its state, last success, next poll, last error in words."""
    from pipeline.cli.tables import feed_table
    from pipeline.ledger import sources, work
    from pipeline.steps.context import open_context

    with open_context(settings(), demo=demo) as context:
        with context.ledger.read() as connection:
            states = sources.feed_states(connection)
            polls = work.due_times(connection, "collect")
        output().print(feed_table(context.config.sources, states, polls, now=context.clock()))


@feeds.command("check")
def feeds_check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these sources.")] = None,
) -> None:
    """Fetch every feed once, say what is wrong with it, and propose what its home page advertises instead."""
    from pipeline.cli.progress import showing_progress
    from pipeline.cli.tables import print_checked
    from pipeline.config import load_config
    from pipeline.steps.check import check_feeds

    found = settings()
    configured = load_config(found.config).sources
    known_as("source", ids or (), (source.id for source in configured))
    chosen = [source for source in configured if not ids or source.id in ids]
    with showing_progress(errors()) as progress:
        checked = check_feeds(found, chosen, progress=progress)
    print_checked(output(), checked)
    if any(each.error for each in checked):
        raise typer.Exit(1)


@alerts.command("list")
def alerts_list() -> None:
    """The alert rules in force."""
    from pipeline.cli.tables import rule_table
    from pipeline.config import load_config

    output().print(rule_table(load_config(settings().config).rules))


@alerts.command("backlog")
def alerts_backlog(
    rule: Annotated[str | None, typer.Option(help="Only of this alert.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Have them mailed by the next pass.")] = False,
    limit: Limit = 50,
) -> None:
    """What matched but was not sent, because it was old, came with a feed's first reading, or before its alert."""
    from pipeline.cli.tables import print_backlog
    from pipeline.ledger import findings, outbox
    from pipeline.steps.context import open_context
    from pipeline.steps.enrich import enqueue_compose

    with open_context(settings()) as context:
        with context.ledger.transaction("backlog") as connection:
            held = outbox.backlog(connection, rule=rule)
            if rule and not held:
                known_as("alert", [rule], (each.name for each in context.config.rules))
            known = findings.annotated(connection, [each.article for each in held[:limit]])
            if send:
                outbox.release(connection, [each.id for each in held])
                enqueue_compose(context, connection, held)
        print_backlog(output(), held, known, sent=send)


@mail.command("test")
def mail_test(address: Annotated[str, typer.Argument(help="Who is to get it.")]) -> None:
    """Send a test mail through the configured server."""
    from pipeline import alerts as mails

    found = settings()
    message = mails.test_message(address, settings=found, now=datetime.now(UTC))
    with mails.open_mailer(found) as mailer:
        mailer.send(message)
    where = f"{found.smtp_host}:{found.smtp_port}" if found.smtp_host else str(found.home / "mail")
    output().print(f"sent to {address} by {where}", soft_wrap=True)


def reindex() -> None:
    """Rebuild the search index from the ledger, beside the old one."""
    from pipeline.steps.context import open_context
    from pipeline.steps.index import reindex as rebuild

    with open_context(settings()) as context:
        rebuilt = rebuild(context)
    output().print(
        f"{rebuilt.written} articles indexed" + (f", {len(rebuilt.rejected)} refused" if rebuilt.rejected else "")
    )
    for outcome in rebuilt.rejected:
        errors().print(f"{outcome.id}: {outcome.error}", markup=False)


def reread(
    first: Annotated[str, typer.Argument(metavar="[FIRST]", help="Day of arrival, as 2026-11-30; default: all.")] = (
        "1970-01-01"
    ),
    last: Annotated[str | None, typer.Argument(metavar="[LAST]", help="The last such day; default: today.")] = None,
    source: Annotated[str | None, typer.Option(help="Only articles of this source.")] = None,
) -> None:
    """Read old articles again with the topics, names and models of today; nobody is mailed for them."""
    from pipeline.cli.progress import showing_progress
    from pipeline.steps.again import choose, enrich_again
    from pipeline.steps.context import open_context
    from pipeline.steps.facts import facts
    from pipeline.steps.index import index

    with showing_progress(errors()) as progress, open_context(settings(), progress=progress) as context:
        ids = choose(context, first, last or f"{context.clock():%Y-%m-%d}", source=source)
        report = enrich_again(context, ids)
        indexed = index(context)
        facts(context)
        progress.close()
    output().print(f"{len(report.articles)} articles were read again, {indexed.written} written to the search index")
    if report.left:
        output().print(f"{report.left} wait to be read by the next pass")
    if report.backlog:
        output().print("what matches an alert now and did not before: newswatch alerts backlog")
    for id, reason in report.failed:
        errors().print(f"{id}: {reason}", markup=False)
    if report.failed:
        raise typer.Exit(1)


def doctor(
    retry: Annotated[bool, typer.Option("--retry", help="Make everything that was given up due again.")] = False,
) -> None:
    """Settings in force, what is reachable, what is missing and how to mend it."""
    from pipeline.cli.tables import print_check, settings_table
    from pipeline.observe.health import checks, revive

    found = settings()
    output().print(settings_table(found))
    wrong = 0
    for check in checks(found):
        print_check(output(), check)
        wrong += not check.ok
    if retry:
        output().print(f"{revive(found)} pieces of work are due again")
    if wrong:
        raise typer.Exit(1)
