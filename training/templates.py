"""Sentences of diplomatic news with names put in: labels that are right by construction.

Promises samples in which people are called by title, by whole name and then by one part of it, bodies have
"and" and commas in their names, and titles, dates, plans and quoted phrases are no names. Deterministic for a given
`Random`. It stands in for gold that nobody has licensed; it is not natural text and is mixed with much that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML

from training.samples import Sample, Span

_FOLDER = Path(__file__).parent / "configs"
TEMPLATES = (_FOLDER / "templates.txt").read_text(encoding="utf-8").splitlines()
NAMES: dict[str, Any] = YAML(typ="safe").load(_FOLDER / "names.yml")

_SLOT = re.compile(r"\{(\w+)\}")
_DAYS = "Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|yesterday|Thursday last week".split("|")
_MONTHS = "Jan.|Feb.|March|April|May|June|July|Aug.|Sept.|Oct.|Nov.|Dec.".split("|")
_SLOTS_OF = {
    "PERSON": ("P", "p", "H"),
    "GPE": ("G", "c", "CITY"),
    "ORG": ("O", "ministry", "asean", "agency", "acronym"),
    "EVENT": ("E",),
    "FAC": ("F",),
    "LOC": ("L",),
    "NORP": ("J",),
    "LAW": ("PLAN",),
    "DATE": ("D",),
    "CARDINAL": ("N",),
}
_LABELS = {slot: label for label, slots in _SLOTS_OF.items() for slot in slots}


def samples(random: Random, *, count: int) -> Iterator[Sample]:
    """`count` filled templates, each used about equally often."""
    for number in range(count):
        yield _fill(TEMPLATES[number % len(TEMPLATES)], random)


def person(random: Random) -> tuple[str, str]:
    """A whole name, and what the second mention calls it."""
    family_first = random.random() < 0.7
    group = NAMES["family_first" if family_first else "given_first"]
    parts = group[random.choice(sorted(group))]
    first, second = random.choice(parts["first"]), random.choice(parts["second"])
    if not family_first:
        return f"{first} {second}", second
    return f"{first} {second}", random.choice((first, second)) if " " not in second else second.split()[-1]


def event(random: Random) -> str:
    """A summit in one of its spellings, or another event."""
    if random.random() < 0.35:
        return str(random.choice(NAMES["events"]))
    body, number = random.choice(NAMES["summits"]), random.randint(1, 46)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0, "th")
    forms = [f"{body} Summit", f"{body}{number} Summit", f"{number}{ending} {body} Summit"]
    if "-" not in body and " " not in body:
        forms += [f"{body}{number}", f"{body} Summit", f"{number}{ending} {body} summit"]
        forms += [f"{body} Foreign Ministers’ Meeting", f"{body} Finance Ministers' Meeting"]
    return random.choice(forms)


def _fill(template: str, random: Random) -> Sample:
    people = {number: person(random) for number in "123"}
    text, at = "", 0
    spans: list[Span] = []
    for slot in _SLOT.finditer(template):
        text += template[at : slot.start()]
        at = slot.end()
        kind = slot[1].rstrip("123")
        value = people[slot[1][1]][kind == "p"] if kind in ("P", "p") else _VALUES[kind](random)
        if kind in _LABELS:
            spans.append((len(text), len(text) + len(value), _LABELS[kind]))
        text += value
    return Sample(text + template[at:], tuple(spans))


def _pick(*lists: list[str]) -> Callable[[Random], str]:
    def pick(random: Random) -> str:
        return random.choice(random.choice(lists))

    return pick


def _ministry(random: Random) -> str:
    portfolio = random.choice(NAMES["portfolios"])
    if random.random() < 0.3:
        return f"{portfolio.split(',')[0].split(' and ')[0]} Ministry"
    return f"Ministry of {portfolio}"


def _plan(random: Random) -> str:
    """A document or programme: a name, but of none of the seven kinds."""
    plan = random.choice(NAMES["plans"])
    pair = random.sample(NAMES["countries"][:20], 2)
    return f"{pair[0]}-{pair[1]} {plan}" if random.random() < 0.35 else str(plan)


def acronym(random: Random) -> str:
    """Three to five capitals that stand for no body in particular."""
    return "".join(random.choice("ABCDEFGIMNOPRSTU") for _ in range(random.randint(3, 5)))


_VALUES: dict[str, Callable[[Random], str]] = {
    "G": _pick(NAMES["countries"], NAMES["countries"], NAMES["cities"]),
    "c": _pick(NAMES["cities"]),
    "CITY": lambda random: random.choice(NAMES["cities"]).upper(),
    "O": _pick(NAMES["orgs"]),
    "E": event,
    "F": _pick(NAMES["facilities"]),
    "L": _pick(NAMES["locations"]),
    "J": _pick(NAMES["demonyms"]),
    "H": _pick(["Hun Sen", "Hun Manet", "Xi Jinping", "Li Keqiang", "Wang Yi", "Norodom Sihamoni"]),
    "title": _pick(NAMES["titles"]),
    "PLAN": _plan,
    "portfolio": _pick(NAMES["portfolios"]),
    "ministry": _ministry,
    "asean": _pick(["Asean", "ASEAN"]),
    "agency": _pick(["Xinhua", "AFP", "Reuters", "AP", "AKP", "Kyodo", "Bernama"]),
    "acronym": acronym,
    "D": _pick(_DAYS),
    "Month": _pick(_MONTHS),
    "N": lambda random: str(random.randint(2, 30)),
}
