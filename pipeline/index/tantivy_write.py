"""Documents into an open tantivy index, batch by batch.

Promises an outcome for each document of a batch, that a newer revision is never replaced, and that a writer leaves
neither threads nor uncommitted documents behind. It commits nothing: see `embedded`, which decides when.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import tantivy

from pipeline.errors import DocumentRejected
from pipeline.index.base import Document, Outcome
from pipeline.index.tantivy_query import by_id
from pipeline.index.tantivy_schema import VERSION, made

BATCH = 500  # documents in one commit
HEAP = 64_000_000  # bytes of the writer's memory


@contextmanager
def writer_of(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """A writer that leaves nothing behind: what is not committed is gone, and so are its threads."""
    writer = index.writer(heap_size=HEAP, num_threads=1)
    try:
        yield writer
    finally:
        writer.rollback()
        writer.wait_merging_threads()


def searcher_of(index: tantivy.Index) -> tantivy.Searcher:
    index.reload()
    return index.searcher()


def batches(documents: Iterable[Document]) -> Iterator[tuple[Document, ...]]:
    rest = iter(documents)
    while batch := tuple(itertools.islice(rest, BATCH)):
        yield batch


def put(index: tantivy.Index, writer: tantivy.IndexWriter, batch: Sequence[Document]) -> list[Outcome]:
    """Hand a batch to the writer; nothing is safe before its commit."""
    searcher = searcher_of(index)
    newest: dict[str, int] = {}
    outcomes = []
    for document in batch:
        there = newest.get(document.id) or revision(searcher, document.id)
        if there > document.revision:
            outcomes.append(Outcome(document.id, document.revision, "kept"))
            continue
        try:
            ready = made(document)
        except (ValueError, TypeError, UnicodeEncodeError) as error:
            rejected = DocumentRejected(document.id, str(error))
            outcomes.append(Outcome(document.id, document.revision, "rejected", rejected))
            continue
        writer.delete_documents_by_term("id", document.id)
        writer.add_document(ready)
        newest[document.id] = document.revision
        outcomes.append(Outcome(document.id, document.revision, "written"))
    return outcomes


def revision(searcher: tantivy.Searcher, article: str) -> int:
    """The newest revision of an article that is committed, 0 if none."""
    found = [address for _, address in searcher.search(by_id(article), limit=10, count=False).hits]
    return max((int(value or 0) for value in searcher.fast_field_values(VERSION, found)), default=0)
