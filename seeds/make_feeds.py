"""Make seeds/feeds/*.xml from the seed document and items.yml: `python seeds/make_feeds.py`.

Promises the same bytes each time, whatever the machine, the clock and the folder it is started in; does not
fetch or check anything. `feeds()` gives the documents without writing them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
SEED = HERE / "000_cc05a888fb15b622.txt"

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
XML = "http://www.w3.org/XML/1998/namespace"

PREFIXES = {"content": CONTENT, "dc": DC, "rdf": RDF}

Data = dict[str, Any]


def feeds() -> dict[str, bytes]:
    """Every feed document by file name."""
    described = YAML(typ="safe").load((HERE / "items.yml").read_text(encoding="utf-8"))
    return {feed["file"]: _document(feed) for feed in described}


def text_of(item: Data) -> str:
    """The item's plain text, paragraphs parted by an empty line."""
    seed = SEED.read_text(encoding="utf-8").strip()
    match item.get("seed"):
        case None:
            return str(item["text"]).strip()
        case "whole":
            return seed
        case "two-thirds":
            return seed[: len(seed) * 2 // 3].rsplit(maxsplit=1)[0]
    raise ValueError(f"{item['id']}: seed: whole or two-thirds, not {item['seed']!r}")


def _document(feed: Data) -> bytes:
    make = {"rss20": _rss, "atom10": _atom, "rdf": _rdf}[feed["format"]]
    root = make(feed)
    for prefix, uri in {**PREFIXES, "": ATOM if feed["format"] == "atom10" else RSS1}.items():
        ET.register_namespace(prefix, uri)
    ET.indent(root)
    encoding = feed["encoding"].upper()
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{text}\n'.encode(encoding)


def _rss(feed: Data) -> ET.Element:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, title=feed["title"], link=feed["home"], description=feed["title"], language=feed["language"])
    for item in feed["items"]:
        element = ET.SubElement(channel, "item")
        _add(element, title=item["title"], link=_link(feed, item))
        ET.SubElement(element, "guid", isPermaLink="false").text = item["id"]
        _add(element, pubDate=format_datetime(_moment(item)), description=_summary(item))
        ET.SubElement(element, f"{{{DC}}}creator").text = item["author"]
        ET.SubElement(element, f"{{{CONTENT}}}encoded").text = _html(item)
    return root


def _atom(feed: Data) -> ET.Element:
    root = ET.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": feed["language"]})
    newest = max(_moment(item) for item in feed["items"])
    _add(root, ATOM, id=feed["home"], title=feed["title"], updated=newest.isoformat())
    ET.SubElement(root, f"{{{ATOM}}}link", href=feed["home"])
    for item in feed["items"]:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        moment = _moment(item).isoformat()
        _add(entry, ATOM, id=item["id"], title=item["title"], published=moment, updated=moment)
        ET.SubElement(entry, f"{{{ATOM}}}link", href=_link(feed, item))
        _add(ET.SubElement(entry, f"{{{ATOM}}}author"), ATOM, name=item["author"])
        ET.SubElement(entry, f"{{{ATOM}}}summary").text = _summary(item)
        ET.SubElement(entry, f"{{{ATOM}}}content", type="html").text = _html(item)
    return root


def _rdf(feed: Data) -> ET.Element:
    root = ET.Element(f"{{{RDF}}}RDF")
    about = f"{{{RDF}}}about"
    channel = ET.SubElement(root, f"{{{RSS1}}}channel", {about: feed["home"]})
    _add(channel, RSS1, title=feed["title"], link=feed["home"], description=feed["title"])
    _add(channel, DC, language=feed["language"])
    listed = ET.SubElement(ET.SubElement(channel, f"{{{RSS1}}}items"), f"{{{RDF}}}Seq")
    for item in feed["items"]:
        ET.SubElement(listed, f"{{{RDF}}}li", {f"{{{RDF}}}resource": item["id"]})
        element = ET.SubElement(root, f"{{{RSS1}}}item", {about: item["id"]})
        _add(element, RSS1, title=item["title"], link=_link(feed, item), description=_summary(item))
        _add(element, DC, creator=item["author"], date=_moment(item).isoformat())
        ET.SubElement(element, f"{{{CONTENT}}}encoded").text = _html(item)
    return root


def _add(parent: ET.Element, namespace: str = "", **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, f"{{{namespace}}}{name}" if namespace else name).text = text


def _moment(item: Data) -> datetime:
    return datetime.fromisoformat(item["published"])


def _link(feed: Data, item: Data) -> str:
    identifier: str = item["id"]
    return identifier if identifier.startswith("https:") else f"{feed['home']}articles/{identifier.rsplit(':')[-1]}"


def _summary(item: Data) -> str:
    return text_of(item).split("\n\n", maxsplit=1)[0]


def _html(item: Data) -> str:
    return "".join(f"<p>{escape(part.strip(), quote=False)}</p>" for part in text_of(item).split("\n\n"))


def main() -> None:
    (HERE / "feeds").mkdir(exist_ok=True)
    for name, document in feeds().items():
        (HERE / "feeds" / name).write_bytes(document)


if __name__ == "__main__":
    main()
