"""What Newswatch puts into Kibana, read from `mappings/kibana`: data views, saved searches, dashboards.

Promises the same objects under the same ids each time, with the descriptions of fields taken from the mappings
themselves. For another prefix of index names every id and index name changes with it, so that two installations can
share a Kibana. It sends nothing; `kibana` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.query.fields import MAPPINGS

FILES = MAPPINGS / "kibana"
_WRITTEN_FOR = "newswatch-"  # what ids and names of indices start with in the files
# The forms that data views and saved searches have here; a newer Kibana brings them up to its own.
_FORM = {"coreMigrationVersion": "8.8.0", "typeMigrationVersion": "8.0.0"}
_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`body` is the request of the Dashboards API as it stands."""

    id: str
    body: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.body["title"])


@dataclass(frozen=True, slots=True)
class Contents:
    """`objects` are saved objects, in the form in which Kibana exports them."""

    objects: tuple[Mapping[str, Any], ...]
    dashboards: tuple[Dashboard, ...]


def contents(*, prefix: str) -> Contents:
    """Everything, for the indices whose names start with `prefix`."""
    views = tuple(_data_view(read) for read in _read("data-views", prefix))
    searches = tuple(_search(read) for read in _read("searches", prefix))
    dashboards = tuple(
        Dashboard(read["id"], {name: value for name, value in read.items() if name != "id"})
        for read in _read("dashboards", prefix)
    )
    return Contents((*views, *searches), dashboards)


def ndjson(objects: Iterable[Mapping[str, Any]]) -> str:
    """Saved objects as a file to import: one on each line."""
    return "".join(_json(each) + "\n" for each in objects)


def _read(folder: str, prefix: str) -> Iterator[dict[str, Any]]:
    for file in sorted((FILES / folder).glob("*.json")):
        yield json.loads(file.read_text(encoding="utf-8").replace(_WRITTEN_FOR, f"{prefix}-"))


def _data_view(read: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its `fieldAttrs` are what the mapping, if there is one, says about each field."""
    described = _about(MAPPINGS / read["mapping"]) if "mapping" in read else ()
    about = {name: {"customDescription": said} for name, said in described}
    attributes = {**read["attributes"], "fieldAttrs": about}
    encoded = {name: value if isinstance(value, str | bool) else _json(value) for name, value in attributes.items()}
    return {"id": read["id"], "type": "index-pattern", "attributes": encoded, "references": [], **_FORM}


def _about(file: Path) -> Iterator[tuple[str, str]]:
    template = json.loads(file.read_text(encoding="utf-8"))["template"]
    yield from _described(template["mappings"]["properties"], ())


def _described(properties: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, mapping in properties.items():
        path = (*above, name)
        if said := mapping.get("meta", {}).get("about"):
            yield ".".join(path), said
        yield from _described(mapping.get("properties", {}), path)


def _search(read: Mapping[str, Any]) -> Mapping[str, Any]:
    source = {"query": read["query"], "filter": [], "indexRefName": _INDEX}
    return {
        "id": read["id"],
        "type": "search",
        "attributes": {**read["attributes"], "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)}},
        "references": [{"name": _INDEX, "type": "index-pattern", "id": read["data_view"]}],
        **_FORM,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
