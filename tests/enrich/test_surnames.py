"""Short Chinese and Khmer mentions of people, named by the whole name in the same text."""

from __future__ import annotations

import pytest

from pipeline.enrich.surnames import resolve_surnames
from pipeline.model import Mention


def mentions(text: str, *names: str) -> list[Mention]:
    """Each name once, in order of place."""
    found, at = [], 0
    for name in names:
        start = text.index(name, at)
        at = start + len(name)
        found.append(Mention(name, "PERSON", start, at, name))
    return found


def named(text: str, *names: str) -> list[str]:
    return [f"{each.text}={each.name}" for each in resolve_surnames(text, mentions(text, *names), frozenset())]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("习近平抵达。习主席说", ["习近平"], ["习近平=习近平", "习=习近平"]),
        ("安倍晋三访问，安倍说", ["安倍晋三", "安倍"], ["安倍晋三=安倍晋三", "安倍=安倍晋三"]),
        (
            "巴拉克·奥巴马说，奥巴马",
            ["巴拉克·奥巴马", "奥巴马"],
            ["巴拉克·奥巴马=巴拉克·奥巴马", "奥巴马=巴拉克·奥巴马"],
        ),
        ("欧阳长青来。欧阳部长说", ["欧阳长青"], ["欧阳长青=欧阳长青", "欧阳=欧阳长青"]),
        ("李强到，李辉走，李总理说", ["李强", "李辉"], ["李强=李强", "李辉=李辉", "李=李辉"]),
        ("近平来，习近平到", ["近平", "习近平"], ["近平=近平", "习近平=习近平"]),
        ("王先生说", [], []),
        ("ប្រាក់ សុខុន ទៅ។ លោក សុខុន ថា", ["ប្រាក់ សុខុន", "សុខុន"], ["ប្រាក់ សុខុន=ប្រាក់ សុខុន", "សុខុន=ប្រាក់ សុខុន"]),
        ("ប្រាក់ សុខុន ទៅ។ លោក សុខុន យល់", ["ប្រាក់ សុខុន", "សុខុន យល់"], ["ប្រាក់ សុខុន=ប្រាក់ សុខុន", "សុខុន=ប្រាក់ សុខុន"]),
    ],
)
def test_short_names(text: str, names: list[str], expected: list[str]) -> None:
    assert named(text, *names) == expected


def test_a_linked_name_gives_its_link_and_keeps_its_own() -> None:
    text = "王毅与王勇会谈，王外长说"
    first, second = mentions(text, "王毅", "王勇")
    linked = [Mention(first.text, "PERSON", first.start, first.end, "Wang Yi", "Q1"), second]
    found = resolve_surnames(text, linked, frozenset({"Wang Yi"}))
    assert [(each.text, each.name, each.wikidata) for each in found] == [
        ("王毅", "Wang Yi", "Q1"),
        ("王勇", "王勇", None),
        ("王", "王勇", None),
    ]
