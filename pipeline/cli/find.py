"""newswatch suggest, newswatch similar: names that start so, articles like one."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline.cli.common import AsJson, Limit, output, plain, settings
from pipeline.model import NameKind


def add_to(app: typer.Typer) -> None:
    app.command()(suggest)
    app.command()(similar)


def suggest(
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="How the name, or a word of it, starts.")],
    kind: Annotated[NameKind | None, typer.Option(help="Only names of this kind.")] = None,
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """Names in the articles that start so, in any script, the most frequent first."""
    from pipeline.cli.screens import print_suggestions
    from pipeline.config import load_config
    from pipeline.index import by_name, open_index
    from pipeline.index import suggest as suggested

    found = settings()
    names = suggested(
        open_index(found),
        prefix,
        kind=kind,
        limit=limit,
        known=by_name(load_config(found.config).watchlist),
        now=datetime.now(UTC),
    )
    if as_json:
        print(json.dumps([dataclasses.asdict(each) for each in names], ensure_ascii=False))
    else:
        print_suggestions(output(), names)


def similar(
    id: Annotated[str, typer.Argument(metavar="ID", help="An article's id, or as much of its start as is unique.")],
    copies: Annotated[bool, typer.Option("--copies", help="Copies of its text too, marked.")] = False,
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """Articles like one: the most alike first."""
    from pipeline.cli.screens import print_similar
    from pipeline.index import open_index
    from pipeline.index import similar as alike
    from pipeline.ledger import articles, open_ledger

    found = settings()
    with open_ledger(found).read() as connection:
        article = articles.find(connection, id)
    hits = alike(open_index(found), article.id, limit=limit, copies=copies, now=datetime.now(UTC))
    if as_json:
        print(json.dumps([dataclasses.asdict(each) for each in hits], ensure_ascii=False, default=plain))
    else:
        print_similar(output(), hits)
