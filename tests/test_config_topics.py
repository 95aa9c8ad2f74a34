"""Topics written to topics.yml: the rest of the file as it was, and nothing that would not work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.config import checked_topics
from pipeline.config_file import read_document
from pipeline.config_topics import add_topic, set_threshold
from pipeline.errors import ConfigError
from pipeline.model import TopicPatterns
from pipeline.settings import ROOT

OURS = (ROOT / "config" / "topics.yml").read_text(encoding="utf-8")
ODD = """# by the desk
topics:
- name: rice   # never rename
  title: "Rice"
  patterns: {en: {terms: [paddy field]}}
# the end"""
MEKONG: dict[str, Any] = {
    "name": "mekong",
    "title": "Mekong River Commission: its work",
    "threshold": 0.5,
    "candidate": 0.12,
    "patterns": {
        "en": {"terms": ["Mekong River Commission", "yes"], "pairs": [[["Mekong"], ["dam", "#dam"]]]},
        "km": {"terms": ["គណៈកម្មការទន្លេមេគង្គ"]},
    },
}


def written(folder: Path, text: str) -> Path:
    file = folder / "topics.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("before", [OURS, ODD, "topics: []\n"], ids=["ours", "odd", "empty"])
def test_a_topic_is_added_and_read_back(before: str, tmp_path: Path) -> None:
    file = written(tmp_path, before)
    file.chmod(0o640)
    known = checked_topics(read_document(file))
    added = add_topic(file, MEKONG)
    assert checked_topics(read_document(file)) == (*known, added)
    assert added.patterns["en"] == TopicPatterns(
        terms=("Mekong River Commission", "yes"), pairs=((("Mekong",), ("dam", "#dam")),)
    )
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["topics.yml"]
    if before != "topics: []\n":
        assert file.read_text(encoding="utf-8").startswith(before)


def other(**changed: object) -> dict[str, Any]:
    return MEKONG | changed


WRONG = {
    "name: there is a topic": other(name="rice"),
    'name: "Mekong" must be small letters': other(name="Mekong"),
    "title: must be text": other(title=""),
    "threshold: must be|threshold: input should be": other(threshold=1.5),
    "candidate: 0.7 is higher than the threshold 0.5": other(candidate=0.7),
    "needs a term or a pair": other(patterns={"en": {"context": ["river"]}}),
    "patterns: a topic needs": other(patterns={}),
    'patterns.en.terms: "M" is too short': other(patterns={"en": {"terms": ["Mekong", "M"]}}),
    'patterns.en.terms: "12-13" is too short': other(patterns={"en": {"terms": ["12-13"]}}),
    'patterns.en.terms: "MEKONG dam" is there twice': other(patterns={"en": {"terms": ["Mekong dam", "MEKONG dam"]}}),
    'patterns.en.excluding: "Mekong" is there among terms, too': other(
        patterns={"en": {"terms": ["Mekong"], "excluding": ["Mekong"]}}
    ),
    'patterns.en.pairs.0: "mekong" is there twice': other(patterns={"en": {"pairs": [[["Mekong"], ["mekong"]]]}}),
    'patterns.english: "english" must be a language': other(patterns={"english": {"terms": ["Mekong"]}}),
    'patterns.en.term: there is no such key; did you mean "terms"': other(patterns={"en": {"term": ["Mekong"]}}),
    "patterns.en.pairs.0": other(patterns={"en": {"pairs": [[["Mekong"]]]}}),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_written(message: str, tmp_path: Path) -> None:
    file = written(tmp_path, ODD)
    with pytest.raises(ConfigError) as caught:
        add_topic(file, WRONG[message])
    assert any(part in str(caught.value) for part in message.split("|")), str(caught.value)
    assert "topics.0" not in str(caught.value)
    assert file.read_text(encoding="utf-8") == ODD


def test_topics_in_brackets_are_left_alone(tmp_path: Path) -> None:
    text = "topics: [{name: rice, title: Rice}]\n"
    file = written(tmp_path, text)
    with pytest.raises(ConfigError, match="in brackets"):
        add_topic(file, MEKONG)
    assert file.read_text(encoding="utf-8") == text


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        add_topic(tmp_path / "none" / "topics.yml", MEKONG)


def test_a_threshold_is_changed_where_it_stands(tmp_path: Path) -> None:
    file = written(tmp_path, OURS)
    set_threshold(file, "asem", 0.41)
    lines = zip(OURS.splitlines(), file.read_text(encoding="utf-8").splitlines(), strict=True)
    assert [pair for pair in lines if pair[0] != pair[1]] == [("    threshold: 0.5", "    threshold: 0.41")]
    assert [topic.threshold for topic in checked_topics(read_document(file))] == [0.5, 0.41]


def test_a_threshold_is_written_where_there_was_none(tmp_path: Path) -> None:
    file = written(tmp_path, ODD)
    set_threshold(file, "rice", 0.6)
    assert checked_topics(read_document(file))[0].threshold == 0.6
    assert file.read_text(encoding="utf-8") == ODD.replace("- name: rice", "- threshold: 0.6\n  name: rice")
    with pytest.raises(ConfigError, match='there is no topic "wheat"'):
        set_threshold(file, "wheat", 0.6)
