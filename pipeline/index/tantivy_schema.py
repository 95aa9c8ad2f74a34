"""The tantivy schema made from the field list, and documents in it.

Promises that every text field holds our terms in our order (parted by spaces; tantivy analyses nothing else), and
every exact field its value as the mapping says. It opens no index.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import tantivy

from pipeline.index.analysed import analyse
from pipeline.index.base import Document
from pipeline.query.fields import SCORES, Field, Kind, fields, shown

PRESENT = "_present"  # names of the fields that an article has
VERSION = "_version"
_BODY = "_body"
_Adder = Callable[[tantivy.Document, Field, Any], None]


def whole(field: str) -> str:
    """The tantivy field that counts whole values of `field`."""
    return f"{field}_whole" if fields()[field].kind is Kind.WORDS else field


@functools.cache
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in fields().values():
        if field.kind is Kind.WORDS:
            builder.add_text_field(field.name, tokenizer_name="whitespace", index_option="position")
            if field.whole:
                builder.add_text_field(whole(field.name), tokenizer_name="raw", index_option="basic", fast=True)
        elif field.kind is Kind.EXACT:
            builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic", fast=True)
        elif field.kind is Kind.DATE:
            builder.add_date_field(field.name, indexed=True, fast=True)
        elif field.kind is Kind.NUMBER:
            builder.add_integer_field(field.name, indexed=True, fast=True)
        else:
            builder.add_json_field(field.name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(PRESENT, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(VERSION, fast=True)
    builder.add_bytes_field(_BODY, stored=True)
    return builder.build()


def made(document: Document) -> tantivy.Document:
    """The document for tantivy. Raises ValueError if a value cannot be indexed."""
    doc = tantivy.Document()
    for name, value in document.body.items():
        if name in shown():
            continue
        field = fields().get(name)
        if field is None:
            raise ValueError(f'there is no field "{name}" in the mapping')
        _ADD[field.kind](doc, field, value)
        doc.add_text(PRESENT, name)
    for topic in document.body.get(SCORES, ()):
        doc.add_text(PRESENT, f"{SCORES}.{topic}")
    doc.add_integer(VERSION, document.revision)
    doc.add_bytes(_BODY, json.dumps(document.body, ensure_ascii=False, separators=(",", ":")).encode())
    return doc


def body(doc: tantivy.Document) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(doc.get_first(_BODY) or b"{}"))
    return found


def _add_words(doc: tantivy.Document, field: Field, value: Any) -> None:
    for sequence in analyse(value).sequences:  # tantivy leaves a gap between two values
        doc.add_text(field.name, " ".join(sequence))
    if field.whole:
        for one in _list(value):
            doc.add_text(whole(field.name), one)


def _add_exact(doc: tantivy.Document, field: Field, value: Any) -> None:
    for one in _list(value):
        doc.add_text(field.name, one.lower() if field.lower else one)


def _add_date(doc: tantivy.Document, field: Field, value: Any) -> None:
    doc.add_date(field.name, datetime.fromisoformat(value))


def _add_number(doc: tantivy.Document, field: Field, value: Any) -> None:
    doc.add_integer(field.name, value)


def _add_scores(doc: tantivy.Document, field: Field, value: Any) -> None:
    doc.add_json(field.name, {name: float(score) for name, score in value.items()})


def _list(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


_ADD: Mapping[Kind, _Adder] = {
    Kind.WORDS: _add_words,
    Kind.EXACT: _add_exact,
    Kind.DATE: _add_date,
    Kind.NUMBER: _add_number,
    Kind.SCORE: _add_scores,
}
