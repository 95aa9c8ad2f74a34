"""Articles into a real Elasticsearch: our step from the ledger's queue, beside a bare `streaming_bulk` loop.

    bash tests/servers/elasticsearch/run.sh FOLDER 9200     # if there is no server
    python -m benchmarks.index_server [--articles 100000] [--server URL] [--ledger postgresql://...]

All in one run. The loop is given documents that are made already, and its clock stands still while they are; ours reads
the ledger, makes the documents, and closes each piece of work in the ledger. Each contender runs in a process of its
own. "CPU" is what that process used itself, "share" that of a core while it ran; the server's is counted by the server,
with whatever else it does meanwhile. At the end stands what an article takes on disk. Everything is removed again from
the server.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch, helpers
from sqlalchemy import LargeBinary, cast, func, select, text

from benchmarks.articles import fill
from benchmarks.clocks import Spent, spending, table
from pipeline.index.dsl import source
from pipeline.index.elasticsearch import connect
from pipeline.index.months import Months
from pipeline.ledger import Ledger, findings, open_ledger
from pipeline.ledger.schema import article
from pipeline.settings import Settings, load_settings
from pipeline.steps.context import Context, open_context
from pipeline.steps.facts import refill
from pipeline.steps.index import BATCH, documents, index, reindex

SPAWN = multiprocessing.get_context("spawn")
WARM = 2000  # documents that the server takes before the first measurement
PREPARED = 2000  # documents held ready for the loop
Measured = tuple[Spent, int]  # and milliseconds of the server's CPU


def ours(settings: Settings, count: int) -> Measured:
    with open_context(settings) as context, measuring(settings) as found, spending(found.spent, count):
        written = index(context).written
    return checked(found, written, count)


def again(settings: Settings, count: int) -> Measured:
    with open_context(settings) as context, measuring(settings) as found, spending(found.spent, count):
        written = reindex(context).written
    return checked(found, written, count)


def small(settings: Settings, count: int) -> Measured:
    """The part of `reindex` that fills the small indices: one document for each family."""
    with open_context(settings) as context, measuring(settings) as found, spending(found.spent, count):
        refill(context)
    return found.spent, found.server


def bare(settings: Settings, count: int) -> Measured:
    """As the client's manual has it, into indices of the same mapping."""
    client, months = connect(settings), Months(connect(settings), f"{settings.elasticsearch_prefix}-bare")
    months.setup()
    written = 0
    with open_context(settings) as context, measuring(settings) as found:
        for prepared in _prepared(context, months, count):
            with spending(found.spent, len(prepared)):
                outcomes = helpers.streaming_bulk(client, prepared, chunk_size=BATCH, raise_on_error=False)
                written += sum(done for done, _ in outcomes)
        with spending(found.spent, 0):
            client.indices.refresh(index=months.alias)
    return checked(found, written, count)


def _prepared(context: Context, months: Months, count: int) -> Iterator[list[dict[str, Any]]]:
    with context.ledger.read() as connection:
        every = itertools.chain.from_iterable(findings.all_annotated(connection))
        for _ in range(0, count, PREPARED):
            made = documents(context, tuple(itertools.islice(every, min(PREPARED, count))))
            yield [
                {
                    "_index": months.place(each),
                    "_id": each.id,
                    "version": each.revision,
                    "version_type": "external",
                    "_source": source(each),
                }
                for each in made
            ]


def warm(settings: Settings, count: int) -> Measured:
    return bare(settings, min(count, WARM))


@dataclass(slots=True)
class Found:
    """What one contender took: this process, and the server in milliseconds of CPU."""

    spent: Spent = field(default_factory=Spent)
    server: int = 0


@contextmanager
def measuring(settings: Settings) -> Iterator[Found]:
    found, client = Found(), connect(settings)
    before = server_cpu(client)
    yield found
    found.server = server_cpu(client) - before


def server_cpu(client: Elasticsearch) -> int:
    """Milliseconds of CPU that the server's nodes have used."""
    nodes = client.nodes.stats(metric="process")["nodes"].values()
    return sum(int(node["process"]["cpu"]["total_in_millis"]) for node in nodes)


def checked(found: Found, written: int, count: int) -> Measured:
    if written != count:
        raise RuntimeError(f"{written} of {count} articles were written; is the server in trouble?")
    return found.spent, found.server


CONTENDERS: Mapping[str, Callable[[Settings, int], Measured]] = {
    "ours, from the queue": ours,
    "bare streaming_bulk": bare,
    "ours, rebuilt": again,
    "  its small indices": small,
}


def compare(settings: Settings, count: int) -> dict[str, Measured]:
    """All contenders on one server and one ledger, one after the other."""
    client = connect(settings)
    results = {}
    with SPAWN.Pool(1, maxtasksperchild=1) as pool:
        pool.apply(warm, (settings, count))
        drop(client, f"{settings.elasticsearch_prefix}-bare")
        for name, contender in CONTENDERS.items():
            results[name] = pool.apply(contender, (settings, count))
            drop(client, f"{settings.elasticsearch_prefix}-bare")
    return results


def drop(client: Elasticsearch, prefix: str) -> None:
    """Indices and templates whose names start with `prefix`."""
    names = client.indices.get(index=f"{prefix}-*", expand_wildcards="all", allow_no_indices=True)
    for name in names:
        client.indices.delete(index=name)
    for template in client.indices.get_index_template()["index_templates"]:
        if template["name"].startswith(prefix):
            client.indices.delete_index_template(name=template["name"])
    for component in client.cluster.get_component_template()["component_templates"]:
        if component["name"].startswith(prefix):
            client.cluster.delete_component_template(name=component["name"])


def sizes(settings: Settings, ledger: Ledger, count: int, *, empty: int) -> dict[str, int]:
    """Bytes that an article takes: its text in UTF-8, in a ledger that took `empty` before, in the search index."""
    alias = f"{settings.elasticsearch_prefix}-articles"
    client = connect(settings)
    client.indices.flush(index=alias)
    stored = client.indices.stats(index=alias, metric="store")["_all"]["primaries"]["store"]["size_in_bytes"]
    letters = func.octet_length if ledger.engine.dialect.name == "postgresql" else _blob_length
    with ledger.read() as connection:
        written = connection.execute(select(func.sum(letters(article.c.feed_text)))).scalar_one()
    taken = ledger_size(ledger) - empty
    return {"text": written // count, "ledger": taken // count, "search index": stored // count}


def ledger_size(ledger: Ledger) -> int:
    """Bytes of all tables and their indices."""
    size = "pg_database_size(current_database())"
    if ledger.engine.dialect.name == "sqlite":
        size = "(SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())"
    with ledger.read() as connection:
        return int(connection.execute(text(f"SELECT {size}")).scalar_one())


def _blob_length(column: Any) -> Any:
    """SQLite counts bytes of a blob, letters of a text."""
    return func.length(cast(column, LargeBinary))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--ledger", default="", help="address of an empty PostgreSQL database; default: SQLite")
    default = os.environ.get("NEWSWATCH_TEST_ELASTICSEARCH", "http://localhost:9200")
    parser.add_argument("--server", default=default, help="address of Elasticsearch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        given = {"HOME": home, "SEARCH": "elasticsearch", "LEDGER": options.ledger}
        given["ELASTICSEARCH_URL"] = options.server
        given["ELASTICSEARCH_PREFIX"] = f"bench{secrets.token_hex(4)}"
        settings = load_settings({f"NEWSWATCH_{name}": value for name, value in given.items()})
        ledger = open_ledger(settings)
        try:
            empty = ledger_size(ledger)
            fill(ledger, options.articles)
            results = compare(settings, options.articles)
            taken = sizes(settings, ledger, options.articles, empty=empty)
        finally:
            ledger.close()
            drop(connect(settings), settings.elasticsearch_prefix)
    show(options.articles, results, taken)
    return 0


def show(count: int, results: Mapping[str, Measured], taken: Mapping[str, int]) -> None:
    print(f"{count:,} articles")
    print(table({name: spent for name, (spent, _) in results.items()}))
    print("server's CPU: " + ", ".join(f"{name.strip()} {cpu / 1000:.1f} s" for name, (_, cpu) in results.items()))
    print("bytes an article: " + ", ".join(f"{name} {size:,}" for name, size in taken.items()))


if __name__ == "__main__":
    sys.exit(main())
