from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Annotation, Mention, Span, TextItem, TopicScore
from pipeline.settings import Settings
from pipeline.steps.files import annotate_lines, extract_files, families_lines, parse_files
from tests.hostile.documents import entity_bomb, healthy, surrogate_reference

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEED = Path(__file__).resolve().parents[2] / "seeds" / "000_cc05a888fb15b622.txt"
ENTRY_KEYS = ["id", "url", "title", "summary", "content", "authors", "published", "updated", "language"]
SENTENCES = (
    "Relations between Cambodia and China are now stronger than ever, the minister said. ",
    "A press release said that the meeting was amicable and covered a wide range of issues. ",
    "Both sides agreed to expand investment, trade and tourism under the action plan. ",
    "The premier asked both to push for deeper cooperation among the Mekong countries. ",
    "Cambodia asked for support for its chairmanship of the Asia-Europe Meeting next year. ",
    "The delegation had flown to Beijing on Thursday and came back on Saturday night. ",
)
ARTICLE = "".join(SENTENCES)


class Marking:
    """An annotator that finds the first word, and remembers how many items it was given at once."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def annotate(self, items: Iterable[TextItem], *, batch_size: int = 64) -> Iterator[Annotation]:
        held = list(items)
        self.batches.append(len(held))
        for item in held:
            word = item.raw.split()[0] if item.raw.split() else ""
            start = item.raw.find(word)
            span = Span(word, start, start + len(word))
            mention = Mention(word, "PERSON", start, start + len(word), word.title(), "Q1")
            yield Annotation("en", (TopicScore("asem", 0.75, True, (span,)),), (mention,) if word else ())


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def codes(row: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in row.get("problems", [])]


def valid(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, having been proved to be JSON in UTF-8 that any reader takes."""
    return [json.loads(json.dumps(row, ensure_ascii=False, allow_nan=False).encode("utf-8")) for row in rows]


# --- parse and extract --------------------------------------------------------------------------------------


def test_parse_gives_one_object_a_file_in_the_promised_shape(tmp_path: Path) -> None:
    bodies = {"good.xml": healthy(), "odd.xml": surrogate_reference(), "bomb.xml": entity_bomb(), "none.xml": b""}
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    paths = [*(tmp_path / name for name in bodies), tmp_path / "missing.xml", tmp_path]
    tally: Counter[str] = Counter()
    rows = valid(parse_files(paths, url="https://outlet.example/feed", settings=Settings(), tally=tally, now=NOW))
    assert [row["file"] for row in rows] == [str(path) for path in paths]
    assert all(list(row) == ["file", "format", "title", "entries", "problems"] for row in rows)
    assert [codes(row) for row in rows] == [
        *([], [], ["hostile_document"], ["not_a_feed"], ["unreadable"], ["unreadable"]),
    ]
    assert [list(entry) for entry in rows[0]["entries"]] == [ENTRY_KEYS]
    assert rows[0]["entries"][0]["summary"] == "words"
    assert rows[4]["entries"] == []
    assert tally == {"inputs": 6, "unreadable": 2, "problems": 4}


def test_parse_writes_moments_as_rfc3339(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(healthy().replace(b"</guid>", b"</guid><pubDate>Sun, 09 Jun 2019 23:40:00 +0700</pubDate>"))
    (row,) = parse_files([feed], settings=Settings(), now=NOW)
    assert row["entries"][0]["published"] == "2019-06-09T16:40:00Z"
    assert row["entries"][0]["updated"] is None


def test_a_file_beyond_the_cap_is_a_problem_not_a_burden(tmp_path: Path) -> None:
    big = tmp_path / "big.xml"
    big.write_bytes(b" " * 5000)
    (row,) = parse_files([big], settings=Settings(fetch_max_bytes=4096), now=NOW)
    assert codes(row) == ["too_large"]


def test_the_seed_feeds_parse_without_problems() -> None:
    paths = sorted((SEED.parent / "feeds").glob("*.xml"))
    rows = valid(parse_files(paths, settings=Settings(), now=NOW))
    assert len(rows) == len(paths) >= 6
    for row in rows:
        assert row["problems"] == [], row["file"]
        assert row["entries"], row["file"]
        assert all(entry["id"] and entry["url"] and entry["title"] for entry in row["entries"]), row["file"]


def test_extract_gives_one_object_a_file(tmp_path: Path) -> None:
    body = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    page, bare = tmp_path / "page.html", tmp_path / "bare.html"
    page.write_text(f"<html lang=en><title>Ties</title><body><article>{body}</article></body></html>")
    bare.write_text("<html></html>")
    tally: Counter[str] = Counter()
    paths = [page, bare, tmp_path / "missing.html"]
    rows = valid(extract_files(paths, url="https://outlet.example/1", settings=Settings(), tally=tally, now=NOW))
    keys = ["file", "url", "title", "text", "language", "published", "problems"]
    assert [list(row) for row in rows] == [keys] * 3
    assert (rows[0]["title"], rows[0]["language"], rows[0]["problems"]) == ("Ties", "en", [])
    assert rows[0]["text"].startswith("Relations between Cambodia")
    assert [codes(row) for row in rows[1:]] == [["no_text"], ["unreadable"]]
    assert tally["unreadable"] == 1


# --- annotate -----------------------------------------------------------------------------------------------

BAD_LINES = [
    (b"not json\n", None, "not_json"),
    (b"\n", None, "not_json"),
    (b"[1, 2]\n", None, "not_json"),
    (b"[" * 100_000, None, "not_json"),
    (b'{"id": NaN}', None, "not_json"),
    (b'{"id": ' + b"9" * 5000 + b"}", None, "not_json"),
    (b"\xff\xfe{}", None, "encoding"),
    (line(title="no id"), None, "no_id"),
    (line(id=""), None, "no_id"),
    (line(id=None), None, "no_id"),
    (line(id=True), None, "no_id"),
    (line(id=["x"]), None, "no_id"),
    (line(id="x", title=5), "x", "bad_field"),
    (line(id="x", text=["y"]), "x", "bad_field"),
    (line(id=7, language=1), 7, "bad_field"),
]


def test_annotate_gives_the_promised_shape() -> None:
    (row,) = valid(annotate_lines([line(id="a", title="Sokhonn spoke", text="in Beijing Sunday")], Marking()))
    assert row == {
        "id": "a",
        "language": "en",
        "topics": {"asem": {"score": 0.75, "match": True, "evidence": [{"text": "Sokhonn", "start": 0, "end": 7}]}},
        "entities": [{"text": "Sokhonn", "label": "PERSON", "start": 0, "end": 7, "name": "Sokhonn", "wikidata": "Q1"}],
        "dates": [{"text": "Sunday", "start": 25, "end": 31}],
        "quotes": [],
    }


def test_annotate_says_who_is_quoted_with_what() -> None:
    (row,) = valid(annotate_lines([line(id="a", title="Sokhonn said that trade was growing fast")], Marking()))
    assert row["quotes"] == [
        {
            "text": "trade was growing fast",
            "kind": "reported",
            "start": 18,
            "end": 40,
            "speaker": "Sokhonn",
            "speaker_start": 0,
            "speaker_end": 7,
        }
    ]


@pytest.mark.parametrize(("bad", "own_id", "code"), BAD_LINES)
def test_a_bad_line_is_one_object_between_the_good_ones(bad: bytes, own_id: object, code: str) -> None:
    lines = [line(id="first", text="one"), bad, line(id="last", text="two")]
    tally: Counter[str] = Counter()
    rows = valid(annotate_lines(lines, Marking(), tally=tally))
    assert [row["id"] for row in rows] == ["first", own_id, "last"]
    assert [codes(row) for row in rows] == [[], [code], []]
    assert (rows[1]["language"], rows[1]["topics"], rows[1]["entities"], rows[1]["dates"]) == (None, {}, [], [])
    assert "line 2" in rows[1]["problems"][0]["message"]
    assert tally == {"inputs": 3, "unreadable": 0, "problems": 1}


def test_missing_title_and_text_are_empty() -> None:
    rows = valid(annotate_lines([line(id="a", text="word"), line(id="b", title=None)], Marking()))
    assert rows[0]["entities"][0]["start"] == 1  # after the newline that ends the empty title
    assert rows[1]["entities"] == []


def test_a_repeated_id_is_annotated_and_named() -> None:
    rows = valid(annotate_lines([line(id="a", text="one"), line(id="a", text="two")], Marking()))
    assert [codes(row) for row in rows] == [[], ["duplicate_id"]]
    assert rows[1]["entities"][0]["text"] == "two"


def test_a_text_that_is_not_read_to_its_end_is_named() -> None:
    lines = [json.dumps({"id": "long", "text": "a" * 100_000}), json.dumps({"id": "whole", "text": "a" * 99_999})]
    long, whole = annotate_lines(lines, Marking())
    assert [problem["code"] for problem in long["problems"]] == ["too_long"]
    assert "problems" not in whole


def test_surrogates_in_the_input_move_no_offset() -> None:
    raw = b'{"id": "a", "title": "\\ud800 x", "text": ""}'
    (row,) = valid(annotate_lines([raw], Marking()))
    assert row["entities"][0]["text"] == "\ufffd"
    assert (row["entities"][0]["start"], row["entities"][0]["end"]) == (0, 1)


def test_annotate_streams() -> None:
    endless = (line(id=f"i{number}", text="word " * 50) for number in count())
    annotator = Marking()
    first = list(islice(annotate_lines(endless, annotator, batch_size=8), 100))
    assert [row["id"] for row in first] == [f"i{number}" for number in range(100)]
    assert max(annotator.batches) <= 8
    assert len(annotator.batches) <= 13


def test_annotate_holds_few_long_texts() -> None:
    annotator = Marking()
    lines = (line(id=f"i{number}", text="x" * 600_000) for number in range(6))
    assert len(list(annotate_lines(lines, annotator, batch_size=64))) == 6
    assert max(annotator.batches) <= 2


def test_ten_thousand_items_take_no_more_memory_than_a_thousand() -> None:
    def peak(number: int) -> int:
        lines = (line(id=f"i{n}", text="word " * 40) for n in range(number))
        tracemalloc.start()
        for _ in annotate_lines(lines, Marking()):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(10_000) < peak(1_000) + 2_000_000  # the remembered ids


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=2))
OBJECTS = st.dictionaries(st.sampled_from(["id", "title", "text", "language", "published"]), JSON | st.text(max_size=9))


@given(st.lists(st.binary(max_size=30) | OBJECTS.map(lambda value: json.dumps(value).encode()), max_size=12))
def test_every_line_gives_one_row_whatever_it_holds(lines: list[bytes]) -> None:
    assert len(valid(annotate_lines(lines, Marking(), batch_size=3))) == len(lines)
    assert len(valid(families_lines(lines, now=NOW))) == len(lines)


# --- families -----------------------------------------------------------------------------------------------


def test_families_name_the_first_by_date_and_keep_the_order() -> None:
    lines = [
        line(id="cut", title="Ties", text=ARTICLE[: len(ARTICLE) * 2 // 3], published="2019-06-10T00:00:00Z"),
        line(id="other", title="Ties", text="Quite another report about the price of rice in Battambang. " * 6),
        line(id=7, title="Stronger than ever", text=ARTICLE, published="2019-06-09T00:00:00Z"),
        line(id="7", title="Undated copy", text=ARTICLE),
    ]
    rows = valid(families_lines(lines, now=NOW))
    assert [(row["id"], row["family"], row["first"]) for row in rows] == [
        ("cut", 7, False),
        ("other", "other", True),
        (7, 7, True),
        ("7", 7, False),
    ]
    assert rows[2]["similarity"] == rows[3]["similarity"] == 1.0
    assert 0.5 < rows[0]["similarity"] < 0.9


def test_the_seed_document_and_its_copies_are_one_family() -> None:
    title, _, text = SEED.read_text(encoding="utf-8").partition("\n")
    lines = [
        line(id="seed", title=title, text=text),
        line(id="cut", title=title, text=text[: len(text) * 2 // 3]),
        line(id="headline", title="Phnom Penh and Beijing closer", text=text),
    ]
    assert {row["family"] for row in families_lines(lines, now=NOW)} == {"seed"}


@pytest.mark.parametrize(("bad", "own_id", "code"), BAD_LINES)
def test_families_pass_over_bad_lines(bad: bytes, own_id: object, code: str) -> None:
    rows = valid(families_lines([bad, line(id="a", text=ARTICLE)], now=NOW))
    assert rows[0] == {"id": own_id, "family": None, "similarity": None, "first": None, "problems": rows[0]["problems"]}
    assert codes(rows[0]) == [code]
    assert rows[1]["family"] == "a"


def test_a_second_line_of_one_id_is_no_member() -> None:
    rows = valid(families_lines([line(id="a", text=ARTICLE), line(id="a", text="other")], now=NOW))
    assert rows[0]["first"] is True
    assert (rows[1]["family"], codes(rows[1])) == (None, ["duplicate_id"])


def test_a_date_that_is_none_is_named() -> None:
    (row,) = valid(families_lines([line(id="a", text=ARTICLE, published="soon")], now=NOW))
    assert (row["family"], codes(row)) == ("a", ["date"])
