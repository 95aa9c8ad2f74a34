"""The roles grant what the code asks for, and nothing else.

Which privilege a request takes is from Elastic's page "Elasticsearch privileges" (version 9): creating an index with an
alias takes `manage` on both names, so nothing less will do; the other requests about indices are part of it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.index.security import FILES
from pipeline.query.fields import MAPPINGS

INDEX = Path(__file__).resolve().parents[2] / "pipeline" / "index"
TAKES = {
    "info": "cluster:monitor",
    "cluster.get_component_template": "cluster:manage_index_templates",
    "cluster.health": "cluster:monitor",
    "cluster.put_component_template": "cluster:manage_index_templates",
    "indices.put_index_template": "cluster:manage_index_templates",
    "indices.exists_index_template": "cluster:manage_index_templates",
    "indices.get_index_template": "cluster:manage_index_templates",
    "indices.create": "index:manage",
    "indices.close": "index:manage",
    "indices.delete": "index:manage",
    "indices.exists": "index:manage",
    "indices.exists_alias": "index:manage",
    "indices.get": "index:manage",
    "indices.get_alias": "index:manage",
    "indices.get_mapping": "index:manage",
    "indices.get_settings": "index:manage",
    "indices.open": "index:manage",
    "indices.put_alias": "index:manage",
    "indices.put_mapping": "index:manage",
    "indices.put_settings": "index:manage",
    "indices.refresh": "index:manage",
    "indices.stats": "index:manage",
    "indices.update_aliases": "index:manage",
    "bulk": "index:write",
    "close_point_in_time": "index:read",
    "count": "index:read",
    "mget": "index:read",
    "open_point_in_time": "index:read",
    "search": "index:read",
    "scan": "index:read",
    # By the one who manages security, or in words of OpenSearch alone.
    "perform_request": "",
    "close": "",
    "options": "",
}


def chain(node: ast.AST) -> tuple[str, ...]:
    """`self._client.options(...).indices.get` as its names, calls left out."""
    if isinstance(node, ast.Attribute):
        return (*chain(node.value), node.attr)
    if isinstance(node, ast.Call):
        return chain(node.func)
    return (node.id,) if isinstance(node, ast.Name) else ()


def asked() -> Iterator[str]:
    """What the code asks of Elasticsearch, by the client's own names."""
    for file in sorted(INDEX.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = chain(node.func) if isinstance(node, ast.Call) else ()
            for client in ("client", "_client"):
                if client in names[:-1]:
                    yield ".".join(name for name in names[names.index(client) + 1 :] if name != "options")
            if names[:1] == ("helpers",):
                yield names[-1]


def granted(privileges: list[str], kind: str) -> set[str]:
    return {f"{kind}:{name}" for name in privileges}


def test_newswatch_may_do_what_it_asks_for_and_no_more() -> None:
    found = set(asked()) - {""}
    assert {"bulk", "search", "scan", "indices.create", "indices.get_alias"} <= found
    unknown = sorted(found - TAKES.keys())
    assert unknown == [], "say in TAKES which privilege each takes, and see that mappings/security grants it"
    role = json.loads((FILES / "newswatch.json").read_text(encoding="utf-8"))
    (indices,) = role["indices"]
    assert granted(role["cluster"], "cluster") | granted(indices["privileges"], "index") == {
        TAKES[name] for name in found if TAKES[name]
    }


def test_what_newswatch_may_touch_is_what_it_makes() -> None:
    template = json.loads((MAPPINGS / "index-template.json").read_text(encoding="utf-8"))
    assert template["allow_auto_create"] is False
    for file in ("newswatch.json", "newswatch-reader.json"):
        role = json.loads((FILES / file).read_text(encoding="utf-8"))
        for one in role.get("elasticsearch", role)["indices"]:
            assert one["names"] == ["newswatch-*"]


def test_readers_change_nothing() -> None:
    role = json.loads((FILES / "newswatch-reader.json").read_text(encoding="utf-8"))
    assert role["elasticsearch"]["cluster"] == []
    assert {name for one in role["elasticsearch"]["indices"] for name in one["privileges"]} == {
        "read",
        "view_index_metadata",
    }
    assert [one["feature"] for one in role["kibana"]] == [{"discover_v2": ["read"], "dashboard_v2": ["read"]}]
