"""seeds/feeds: what the generator makes, byte for byte, with the seed document in it as it was given."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.text import dominant_script
from seeds.make_feeds import ATOM, CONTENT, DC, RDF, RSS1, feeds

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
SEED = SEEDS / "000_cc05a888fb15b622.txt"
SEED_SHA256 = "c9da543d30ee900a86fc099ff414c6d62ba05446f4664c47561101fd8e4e31fe"
FILES = sorted(path.name for path in (SEEDS / "feeds").iterdir())


def document(name: str) -> ET.Element:
    """The feed as an XML tree. The parser knows no GB18030, so it gets text."""
    raw = (SEEDS / "feeds" / name).read_bytes()
    encoding = re.match(rb'<\?xml version="1.0" encoding="([^"]+)"\?>\n', raw)
    assert encoding is not None
    return ET.fromstring(raw[encoding.end() :].decode(encoding[1].decode()))


def items(name: str) -> list[dict[str, str]]:
    """Title, date, link and plain text of each item of the feed."""
    root = document(name)
    found = []
    for item in (*root.iter("item"), *root.iter(f"{{{RSS1}}}item"), *root.iter(f"{{{ATOM}}}entry")):
        texts = {child.tag.rpartition("}")[2]: child.text or child.get("href") or "" for child in item}
        html = texts.get("encoded") or texts["content"]
        paragraphs = re.findall(r"<p>(.*?)</p>", html, re.DOTALL)
        date = texts.get("pubDate") or texts.get("published") or texts["date"]
        found.append(texts | {"text": "\n\n".join(map(unescape, paragraphs)), "when": date})
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text) if text[0].isdigit() else parsedate_to_datetime(text)


def seed_text() -> str:
    return SEED.read_text(encoding="utf-8").strip()


def test_the_seed_document_is_as_it_was_given() -> None:
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == SEED_SHA256


def test_the_feeds_are_what_the_generator_makes() -> None:
    made = feeds()
    assert sorted(made) == FILES
    assert [name for name in FILES if made[name] != (SEEDS / "feeds" / name).read_bytes()] == []


def test_the_generator_gives_the_same_bytes_elsewhere(tmp_path: Path) -> None:
    """In another folder, time zone and locale."""
    for name in ("make_feeds.py", "items.yml", SEED.name):
        shutil.copy(SEEDS / name, tmp_path)
    environment = os.environ | {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, tmp_path / "make_feeds.py"], check=True, cwd="/", env=environment)
    for name in FILES:
        assert (tmp_path / "feeds" / name).read_bytes() == (SEEDS / "feeds" / name).read_bytes(), name


def test_there_are_three_formats_and_two_encodings() -> None:
    assert {document(name).tag for name in FILES} == {"rss", f"{{{ATOM}}}feed", f"{{{RDF}}}RDF"}
    gb = (SEEDS / "feeds" / "mekong-ribao.xml").read_bytes()
    assert b'encoding="GB18030"' in gb
    with pytest.raises(UnicodeDecodeError):
        gb.decode("gbk")  # one character is in GB18030 alone
    for name in FILES:
        if name != "mekong-ribao.xml":
            (SEEDS / "feeds" / name).read_bytes().decode("utf-8")


def test_the_seed_article_is_whole_and_untouched() -> None:
    first = items("kingdom-daily.xml")[0]
    assert first["text"] == seed_text()
    assert "which shouldbe maintained" in first["text"]  # as the source has it


def test_the_copies_are_a_cut_one_and_one_under_another_headline() -> None:
    seed, (cut, whole, other) = seed_text(), items("copies.xml")
    headline = items("kingdom-daily.xml")[0]["title"]
    assert cut["title"] == headline
    assert seed.startswith(cut["text"])
    assert 0.6 < len(cut["text"]) / len(seed) < 0.68
    assert whole["title"] != headline
    assert whole["text"] == seed
    assert not set(other["text"].split("\n\n")) & set(seed.split("\n\n"))
    assert all(name in other["text"] for name in ("Prak Sokhonn", "Wang Yi", "Li Keqiang"))


@pytest.mark.parametrize(
    ("name", "written", "language"),
    [("mekong-ribao.xml", "han", "zh"), ("samleng-mekong.xml", "khmer", "km"), ("revue-du-mekong.xml", "latin", "fr")],
)
def test_items_are_in_the_language_of_their_feed(name: str, written: str, language: str) -> None:
    declared = document(name).find(".//language"), document(name).find(f".//{{{DC}}}language")
    assert [element.text for element in declared if element is not None] == [language]
    assert {dominant_script(item["text"]) for item in items(name)} == {written}


def test_dates_vary_and_name_their_offset() -> None:
    moments = [moment(item["when"]) for name in FILES for item in items(name)]
    assert all(when.tzinfo for when in moments)
    assert len(set(moments)) == len(moments) == 25
    assert len({when.utcoffset() for when in moments}) == 3


def test_every_item_has_its_own_link_on_a_host_that_cannot_be() -> None:
    links = [item["link"] for name in FILES for item in items(name)]
    assert len(set(links)) == len(links)
    assert all(re.match(r"https://[a-z-]+\.example/", link) for link in links)


def test_the_demonstration_reads_each_feed_once() -> None:
    demo = [source for source in load_config(ROOT / "config", demo=True).sources if source.demo]
    assert sorted(source.url for source in demo) == [f"file:seeds/feeds/{name}" for name in FILES]
    assert all(source.allow_private and source.pages == "never" for source in demo)
    declared = {source.url.rpartition("/")[2]: source.language for source in demo}
    assert declared["samleng-mekong.xml"] == "km"


def test_nothing_but_the_demonstration_reads_them() -> None:
    assert not any(source.demo for source in load_config(ROOT / "config").sources)


def test_content_is_marked_as_html() -> None:
    entry = document("asia-europe-monitor.xml").find(f"{{{ATOM}}}entry/{{{ATOM}}}content")
    assert entry is not None
    assert entry.get("type") == "html"
    assert document("kingdom-daily.xml").find(f"channel/item/{{{CONTENT}}}encoded") is not None
