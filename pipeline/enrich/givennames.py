"""Whom a Khmer given name after an honorific means, inside one document.

Promises that "លោក ម៉ាណែត" names the person whose whole name, with a space before that part, the text has: of several
bearers the last one before, or else the first behind. It adds mentions where none are, and changes none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.model import Mention
from pipeline.text import script

_HONORIFIC = "(?:លោកជំទាវ|លោកស្រី|លោក|អ្នកស្រី|អ្នកនាង|ឯកឧត្តម|ឯកឧត្ដម|សម្តេចតេជោ|សម្ដេចតេជោ|សម្តេច|សម្ដេច) ?"
_NO_SIGN = "(?![\u17b4-\u17d3\u17dd])"  # the cluster ends here
_LEAST = 3  # code points of a given name


def resolve_given_names(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """`mentions` and those by given names, in order of place."""
    bearers: dict[str, list[Mention]] = {}
    for mention in mentions:
        if given := _given(mention):
            bearers.setdefault(given, []).append(mention)
    if not bearers:
        return tuple(mentions)
    starts = {at for mention in mentions for at in range(mention.start, mention.end)}
    added = []
    for found in re.finditer(f"{_HONORIFIC}(?P<given>{'|'.join(map(re.escape, bearers))}){_NO_SIGN}", text):
        start, end = found.span("given")
        if start not in starts:
            whom = _nearest(bearers[found["given"]], start)
            added.append(Mention(found["given"], "PERSON", start, end, whom.name, whom.wikidata))
    return tuple(sorted([*mentions, *added], key=lambda mention: mention.start))


def _given(mention: Mention) -> str | None:
    *others, given = mention.text.split()
    khmer = mention.label == "PERSON" and script(given[0]) == "khmer"
    return given if khmer and others and len(given) >= _LEAST else None


def _nearest(people: Sequence[Mention], start: int) -> Mention:
    before = [person for person in people if person.start < start]
    return before[-1] if before else people[0]
