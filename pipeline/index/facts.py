"""The small indices beside the articles: texts and their copies, feeds, mails. On Elasticsearch only.

Promises one document for each fact, under an id that does not change; that what was read from the ledger later is never
replaced by what was read before; and that an index which is missing, of other mappings, or was not filled to the end
is found out. A generation is named by schema and number (`newswatch-feeds-1.1`) behind an alias (`newswatch-feeds`).
It does not know what the facts are, nor fills anything by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from pipeline.errors import IndexMismatch
from pipeline.index.base import Fact, Outcome
from pipeline.index.bulk import outcome
from pipeline.index.transport import translating
from pipeline.query.fields import MAPPINGS

NAMES = ("families", "feeds", "deliveries")  # of the files in mappings/, and of the aliases
_WAIT = "20s"  # for a shard to take a document


class FactsIndex:
    """The indices whose names start with `prefix`."""

    def __init__(self, client: Elasticsearch, *, prefix: str) -> None:
        self._client, self._prefix = client, prefix

    @translating()
    def unfilled(self) -> tuple[str, ...]:
        """Names of what has to be made and filled from the ledger. Raises IndexMismatch for a newer version's."""
        found = self._found()
        for made in found:
            if made.schema > _schema(made.name):
                raise IndexMismatch(made.index, "the index was made by a newer version of Newswatch; use that one")
        filled = {made.name for made in found if made.filled and made.schema == _schema(made.name)}
        return tuple(name for name in NAMES if name not in filled)

    @translating()
    def make(self, name: str, *, anew: bool = False) -> None:
        """An empty index, unless there is one of our version; `anew`: in any case. It is not yet called filled."""
        found = [made for made in self._found() if made.name == name]
        ours = [made for made in found if made.schema == _schema(name)]
        number = max((made.number for made in ours), default=0 if anew else 1) + anew
        index = f"{self._alias(name)}-{_schema(name)}.{number}"
        self._create(index, name)
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self._alias(name)}}]
        actions += [{"remove_index": {"index": made.index}} for made in found if made.index != index]
        self._client.indices.update_aliases(actions=actions)

    @translating()
    def call_filled(self, name: str) -> None:
        """Everything that belongs into it is in the queue."""
        self._client.indices.put_mapping(index=self._alias(name), meta={"schema": _schema(name), "filled": True})

    @translating()
    def write(self, name: str, facts: Sequence[Fact], *, version: int) -> list[Outcome]:
        """One outcome for each fact, in order. `version` = when they were read; an earlier one replaces nothing."""
        if not facts:
            return []
        operations = [line for fact in facts for line in _lines(fact, self._alias(name), version)]
        # Through the alias: an index that was lost is not to be made again by the server, without mappings.
        answer = self._client.bulk(operations=operations, timeout=_WAIT, require_alias=True)
        items = (next(iter(item.values())) for item in answer["items"])
        return [outcome(fact.id, version, item) for fact, item in zip(facts, items, strict=True)]

    def _alias(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _found(self) -> tuple[_Made, ...]:
        """What the aliases point at."""
        names = [self._alias(name) for name in NAMES]
        answer = self._client.indices.get_mapping(index=names, ignore_unavailable=True, allow_no_indices=True)
        shape = re.compile(rf"{re.escape(self._prefix)}-({'|'.join(NAMES)})-(\d+)\.(\d+)")
        matched = ((index, shape.fullmatch(index), about["mappings"]) for index, about in answer.items())
        return tuple(
            _Made(index, match[1], int(match[2]), int(match[3]), filled=bool(mapping.get("_meta", {}).get("filled")))
            for index, match, mapping in matched
            if match
        )

    def _create(self, index: str, name: str) -> None:
        made = _file(name)["template"]
        fields = json.loads((MAPPINGS / "component-fields.json").read_text(encoding="utf-8"))
        analysis = fields["template"]["settings"]["index"]["analysis"]
        settings = {"index": {**made["settings"]["index"], "analysis": analysis, "gc_deletes": "0s"}}
        try:
            self._client.indices.create(
                index=index, mappings=made["mappings"], settings=settings, wait_for_active_shards=1
            )
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise


@dataclass(frozen=True, slots=True)
class _Made:
    """An index that an alias points at."""

    index: str
    name: str
    schema: int
    number: int
    filled: bool


def _lines(fact: Fact, alias: str, version: int) -> Iterable[Any]:
    meta = {"_index": alias, "_id": fact.id, "version": version, "version_type": "external_gte"}
    if fact.body is None:
        yield {"delete": meta}
    else:
        yield {"index": meta}
        yield json.dumps(fact.body, ensure_ascii=False)


def _schema(name: str) -> int:
    return int(_file(name)["template"]["mappings"]["_meta"]["schema"])


def _file(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((MAPPINGS / f"{name}.json").read_text(encoding="utf-8"))
    return made
