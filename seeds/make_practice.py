"""Make seeds/practice/mekong.xml, the feed on which docs/topics.md adds a topic: `python seeds/make_practice.py`.

The texts of mekong.jsonl were made up for this project; `about` says whether a text is about the Mekong River
Commission. Only those of the part "learn" are in the feed; those of "held_out" are kept to score what was learned.
Promises the same bytes each time.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent / "practice"


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    language: str
    part: str  # "learn" or "held_out"
    about: bool
    title: str
    text: str


def texts(part: str) -> tuple[Text, ...]:
    rows = [Text(**json.loads(line)) for line in (HERE / "mekong.jsonl").read_text(encoding="utf-8").splitlines()]
    return tuple(row for row in rows if row.part == part)


def feed() -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, title="River Practice", link="https://river-practice.example/", description="Texts to practise on")
    for each in texts("learn"):
        item = ET.SubElement(channel, "item")
        _add(item, title=each.title, guid=each.id, pubDate="Mon, 02 Nov 2026 06:00:00 +0000", description=each.text)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _add(parent: ET.Element, **texts: str) -> None:
    for tag, text in texts.items():
        ET.SubElement(parent, tag).text = text


if __name__ == "__main__":
    (HERE / "mekong.xml").write_bytes(feed())
