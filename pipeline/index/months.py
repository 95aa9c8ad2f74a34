"""Indices by month, their templates, and the one alias that reads them all.

Promises that an article's index follows from its `first_seen` alone (`newswatch-articles-2026.11`), that the alias has
every index of one generation and no other, and that a rebuild swaps generations in one step. A later generation's
names end in its number (`newswatch-articles-2026.11-2`). Each index has an alias of its own that is written to
(`newswatch-articles-2026.11-write`), so that a server which lost its disk never makes one by itself, without mappings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from pipeline.crashpoint import reach
from pipeline.errors import IndexMismatch
from pipeline.index.base import NEWER, NO_INDEX, OTHER, Document, State
from pipeline.index.bulk import writing
from pipeline.query.fields import MAPPINGS, schema

_NAME = re.compile(r".*-\d{4}\.\d\d(?:-(\d+))?")
_COMPONENTS = ("settings", "fields")


class Months:
    """The indices whose names start with `prefix`; what exists is asked once, and again when something is missing."""

    def __init__(self, client: Elasticsearch, prefix: str, *, opensearch: bool = False) -> None:
        self._client, self._prefix, self._opensearch = client, prefix, opensearch
        self.alias = f"{prefix}-articles"
        self._known: set[str] | None = None
        self._ready = False

    def state(self) -> State:
        """Raises IndexMismatch if a newer version made any of it."""
        found = self._schemas()
        _refuse_newer(found)
        return "absent" if not found else "current" if set(found.values()) == {schema()} else "older"

    def setup(self) -> None:
        """Put the templates. Raises IndexMismatch if an index of another version is there."""
        if self._ready:
            return
        self._check_versions()
        self._put_templates()
        self._ready = True

    def check(self) -> None:
        """Raises IndexMismatch unless there is an index of this version, be it empty."""
        if self._ready:
            return
        if not self._client.indices.exists_index_template(name=self.alias):
            raise IndexMismatch(self.alias, NO_INDEX)
        self._check_versions()
        self._ready = True

    def forget(self) -> None:
        """What exists may have changed: another process may have rebuilt."""
        self._known = None

    def place(self, document: Document) -> str:
        """The index of the document, made if it is missing."""
        return self.of(month(document))

    def of(self, month: str) -> str:
        """The index of a month, made if it is missing."""
        known = self._indices() if self._known is None else self._known
        suffix = _suffix(_generation(known))
        name = f"{self.alias}-{month}{suffix}"
        if name not in known:
            self._put_templates()  # a server that lost its disk has none
            self.make(name, aliases={self.alias: {}})
            known.add(name)
        self._known = known
        return name

    def make(self, name: str, *, aliases: Mapping[str, Any]) -> None:
        """An empty index, unless it is there: then it is only put behind the aliases that it lacks.

        Raises IndexMismatch if the one that is there has other mappings.
        """
        wanted = {**aliases, writing(name): {}}
        try:
            self._client.indices.create(index=name, aliases=wanted, wait_for_active_shards=1)
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
            _refuse_other(_versions(self._client.indices.get_mapping(index=name)))
            for alias in wanted:
                self._client.indices.put_alias(index=name, name=alias)

    def beside(self) -> Beside:
        """The next generation; what an interrupted rebuild left is removed."""
        self._put_templates()
        current = self._indices()
        every = set(self._client.indices.get(index=f"{self.alias}-*", expand_wildcards="all"))
        for leftover in sorted(every - current):
            self._client.indices.delete(index=leftover)
        return Beside(self._client, self, _generation(current) + 1 if current else 1)

    def drop(self, months: Collection[str]) -> int:
        """Delete the indices of these months, of any generation; how many articles the alias read of them."""
        shape = re.compile(rf"{re.escape(self.alias)}-(\d{{4}}\.\d\d)(?:-\d+)?")
        every = self._client.indices.get_alias(index=f"{self.alias}-*", expand_wildcards="all")
        chosen = [name for name in sorted(every) if (match := shape.fullmatch(name)) and match[1] in months]
        read = [name for name in chosen if self.alias in every[name]["aliases"]]
        count = int(self._client.count(index=read, ignore_unavailable=True)["count"]) if read else 0
        for name in chosen:
            reach("index.drop.before")
            self._client.indices.delete(index=name, ignore_unavailable=True)
        self.forget()
        return count

    def replace(self, made: set[str]) -> None:
        """Point the alias at `made` alone, in one step, and drop what it pointed at."""
        old = self._indices() - made
        actions = [{"add": {"index": name, "alias": self.alias}} for name in sorted(made)]
        actions += [{"remove_index": {"index": name}} for name in sorted(old)]
        reach("index.swap.before")
        if actions:
            self._client.indices.update_aliases(actions=actions)
        reach("index.swap.after")
        self._known, self._ready = None, True

    def _indices(self) -> set[str]:
        """The indices that the alias reads."""
        found = self._client.options(ignore_status=404).indices.get_alias(name=self.alias)
        return {name for name in found if name not in ("error", "status")}

    def _check_versions(self) -> None:
        _refuse_other(self._schemas())

    def _schemas(self) -> dict[str, int]:
        """By index that the alias reads, the version of its mappings."""
        found = self._client.indices.get_mapping(index=self.alias, ignore_unavailable=True, allow_no_indices=True)
        return _versions(found)

    def _template(self) -> dict[str, int]:
        """The version of the mappings in the template that new indices are made from, if there is one."""
        name = f"{self._prefix}-fields"
        answer = self._client.options(ignore_status=404).cluster.get_component_template(name=name)
        found = {each["name"]: each["component_template"]["template"] for each in answer.get("component_templates", ())}
        return _versions(found)

    def _put_templates(self) -> None:
        _refuse_newer({**self._schemas(), **self._template()})
        for name in _COMPONENTS:
            made = _file(f"component-{name}.json")
            self._client.cluster.put_component_template(
                name=f"{self._prefix}-{name}", template=made["template"], meta=made["_meta"]
            )
        made = _file("index-template.json")
        self._client.indices.put_index_template(
            name=self.alias,
            index_patterns=[f"{self.alias}-*"],
            composed_of=[f"{self._prefix}-{name}" for name in _COMPONENTS],
            priority=made["priority"],
            allow_auto_create=None if self._opensearch else made["allow_auto_create"],  # unknown there
            meta=made["_meta"],
        )


class Beside:
    """A generation being built, which no search sees."""

    def __init__(self, client: Elasticsearch, months: Months, generation: int) -> None:
        self._client, self._months, self._suffix = client, months, _suffix(generation)
        self._made: set[str] = set()

    def place(self, document: Document) -> str:
        name = f"{self._months.alias}-{month(document)}{self._suffix}"
        if name not in self._made:
            self._months.make(name, aliases={})
            self._made.add(name)
        return name

    def swap(self) -> None:
        if self._made:
            self._client.indices.refresh(index=sorted(self._made))
        self._months.replace(self._made)


def month(document: Document) -> str:
    """ "2026.11", of the month in which the article was first seen: that never changes."""
    return str(document.body["first_seen"])[:7].replace("-", ".")


def _versions(found: Any) -> dict[str, int]:
    """By name of an index or template, the version of its mappings."""
    return {name: int(made["mappings"].get("_meta", {}).get("schema", 0)) for name, made in found.items()}


def _refuse_newer(found: Mapping[str, int]) -> None:
    for name, made in found.items():
        if made > schema():
            raise IndexMismatch(name, NEWER)


def _refuse_other(found: Mapping[str, int]) -> None:
    _refuse_newer(found)
    for name, made in found.items():
        if made != schema():
            raise IndexMismatch(name, OTHER)


def _suffix(generation: int) -> str:
    return f"-{generation}" if generation > 1 else ""


def _generation(names: set[str]) -> int:
    found = (_NAME.fullmatch(name) for name in names)
    return max((int(match[1] or 1) for match in found if match), default=1)


def _file(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((MAPPINGS / name).read_text(encoding="utf-8"))
    return made
