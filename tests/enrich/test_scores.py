"""The published scores are reached, stand in both pages, and rest on the files that are listed.

What the embedded index finds is measured by tests/index/test_recall.py, and speed depends on the machine: neither is
measured here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.enrich.annotator import Annotator
from pipeline.model import Annotation, Mention, TextItem
from pipeline.settings import ROOT
from pipeline.text import segment
from training.evaluate import SECTIONS
from training.evaluate_language import headlines
from training.evaluate_linking import Result, Sentence, link, measure, sentences
from training.samples import data_folder
from training.scores import README, Row, brief, markdown, publish, published, renewed, table, text
from training.sources import faults, listed
from training.topics_data import LANGUAGES

A_POINT = 0.01  # that another processor's arithmetic may cost
READ_CORPORA = ("language", "names")  # these sections need NEWSWATCH_DATA
needs_data = pytest.mark.skipif(not data_folder().is_dir(), reason=f"no {data_folder()}; set NEWSWATCH_DATA")
ROWS = [
    Row("names", "10 texts", 0.5, 0.6, 0.4),
    Row("names", "20 texts", 0.7),
    Row("tokens/s", "10 texts", 12_345.6),
    Row("other", "2", 1.0, 1.0),
]
CELLS = [row.cells for row in ROWS]


@pytest.mark.parametrize(
    "section",
    [
        pytest.param(name, marks=needs_data if name in READ_CORPORA else ())
        for name in sorted(SECTIONS.keys() - {"search", "speed"})
    ],
)
def test_the_published_scores_are_reached(section: str) -> None:
    reached = {(row.what, row.on): row.reached for row in SECTIONS[section](data_folder())}
    whats = {what for what, _ in reached}
    told = {row: figure for row, figure in published().items() if row[0] in whats}
    assert told.keys() == reached.keys()
    assert {row: figure for row, figure in reached.items() if figure < told[row] - A_POINT} == {}


def test_the_readme_says_what_the_page_says() -> None:
    assert brief(table()) in README.read_text(encoding="utf-8")


def test_tables_are_written_between_their_marks_and_read_back(tmp_path: Path) -> None:
    page, readme = tmp_path / "page.md", tmp_path / "readme.md"
    for path in (page, readme):
        path.write_text("before\n<!-- scores -->\nold\n<!-- end of scores -->\nafter\n", encoding="utf-8")
    for _ in range(2):
        publish(CELLS, page=page, readme=readme)
    assert table(page) == CELLS
    assert readme.read_text(encoding="utf-8") == (
        "before\n<!-- scores -->\n"
        "| what | goal | reached | beside |  |\n"
        "| --- | ---: | ---: | ---: | --- |\n"
        "| names | 0.600 / - | 0.500 / 0.700 | 0.400 / - | short |\n"
        "| tokens/s |  | 12,346 |  |  |\n"
        "| other | 1.000 | 1.000 |  |  |\n"
        "<!-- end of scores -->\nafter\n"
    )


def test_rows_measured_again_take_the_place_of_those_that_say_the_same() -> None:
    again = [Row("names", "30 texts", 0.9), Row("names", "40 texts", 0.8)]
    assert renewed(CELLS, again) == [*(row.cells for row in again), *CELLS[2:]]
    assert renewed(CELLS[2:], again) == [*CELLS[2:], *(row.cells for row in again)]
    assert renewed(CELLS, ROWS[2:3]) == CELLS


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no marks"):
        publish(CELLS, page=page)


def test_a_row_that_falls_short_is_shown_and_marked() -> None:
    assert [line.endswith("short") for line in text(ROWS)] == [False, True, False, False, False]
    assert [line.endswith("| short |") for line in markdown(CELLS).splitlines()] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]


def test_headlines_are_sixty_in_each_language_and_of_six_words() -> None:
    written = headlines()
    assert Counter(language for language, _ in written) == dict.fromkeys(LANGUAGES, 60)
    assert len(set(written)) == len(written)
    for language, title in written:
        words = [title[start:end] for start, end in segment(title, language)]
        assert sum(any(map(str.isalnum, word)) for word in words) >= 6, title


def test_sentences_mark_entries_of_the_watch_list_in_order() -> None:
    names = {entity.name for entity in load_config(ROOT / "config").watchlist}
    chosen = sentences("dev", "test")
    assert Counter((one.language, one.split) for one in chosen) == {
        (language, split): number for language in LANGUAGES for split, number in (("dev", 54), ("test", 30))
    }
    for one in chosen:
        places = sorted((*one.others, *((start, end) for start, end, _ in one.links)))
        assert all(0 <= start < end <= len(one.text) for start, end in places), one.id
        assert all(before[1] <= after[0] for before, after in pairwise(places)), one.id
        assert {name for _, _, name in one.links} <= names, one.id


def test_a_link_is_right_where_it_overlaps_the_mark_and_names_its_entry() -> None:
    class Finds(Annotator):
        def __init__(self) -> None:
            pass

        def annotate(self, items: Iterable[TextItem], *, batch_size: int = 64) -> Iterator[Annotation]:
            for item in items:
                spans = ((0, 8, "Cambodia"), (9, 14, "China"), (15, 19, "Li Xi"), (20, 24, "nobody"))
                yield Annotation(
                    item.language, (), tuple(Mention("", "GPE", s + 1, e + 1, name) for s, e, name in spans)
                )

    marked = Sentence(
        "x", "en", "dev", "Cambodia China Xiao Yang Laos", ((0, 5, "Cambodia"), (25, 29, "Laos")), ((9, 14),)
    )
    (linked,) = link(Finds(), [marked])
    assert (linked.right, linked.missed) == (1, ((25, 29, "Laos"),))
    assert linked.wrong == ((9, 14, "China"), (15, 19, "Li Xi"))
    assert measure([linked]) == Result(1 / 3, 1 / 2)


@needs_data
def test_the_data_are_those_that_were_measured() -> None:
    assert list(faults(data_folder())) == []


def test_a_missing_or_other_file_is_named(tmp_path: Path) -> None:
    assert [tmp_path.name in fault for fault in faults(tmp_path / "none")] == [True]
    names = list(listed())
    for name in names[1:]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("another text", encoding="utf-8")
    told = list(faults(tmp_path))
    assert f"{tmp_path / names[0]} is missing" in told[0]
    assert all(f"{tmp_path / name} is not the file" in fault for name, fault in zip(names[1:], told[1:], strict=True))
