"""newswatch search, newswatch show: what is known."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline.cli.common import AsJson, Limit, duration, output, plain, settings, topics_exist
from pipeline.model import Interval


def add_to(app: typer.Typer) -> None:
    app.command()(search)
    app.command()(show)


def search(
    query: Annotated[
        str, typer.Argument(help="""For example: 'topic:asem AND entity:"Wang Yi"'. See docs/search.md.""")
    ],
    facet: Annotated[list[str] | None, typer.Option(help="Count the values of this field; may be given again.")] = None,
    histogram: Annotated[Interval | None, typer.Option(help="Count articles by their date.")] = None,
    since: Annotated[str | None, typer.Option(help="Only what was published in this last time: 7d, 12h.")] = None,
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """Find articles: the best first, with what matched in them."""
    from pipeline.cli.screens import print_results
    from pipeline.index import open_index
    from pipeline.query import parse_query

    now = datetime.now(UTC)
    start = now - duration(since) if since else None
    found, asked = settings(), parse_query(query)
    index = open_index(found)
    topics_exist(asked, index, found, now=now)
    results = index.search(asked, limit=limit, facets=tuple(facet or ()), histogram=histogram, since=start, now=now)
    if as_json:
        print(json.dumps(dataclasses.asdict(results), ensure_ascii=False, default=plain))
    else:
        print_results(output(), results, interval=histogram)


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="An article's id, or as much of its start as is unique.")],
) -> None:
    """One article: text, topics with the words that decided, entities, family, alerts."""
    from pipeline.cli.screens import print_article
    from pipeline.config import load_config
    from pipeline.ledger import articles, findings, open_ledger, outbox

    found = settings()
    ledger = open_ledger(found)
    with ledger.read() as connection:
        article = articles.find(connection, id)
        known = findings.annotated(connection, [article.id])
        family = known[0].membership.family if known else article.id
        kin = findings.annotated(
            connection, [each for each in findings.members(connection, family) if each != article.id]
        )
        heard = outbox.about(connection, family)
        before = articles.versions(connection, article.id)
    watchlist = load_config(found.config).watchlist
    print_article(
        output(), article, known[0] if known else None, kin=kin, heard=heard, before=before, watchlist=watchlist
    )
