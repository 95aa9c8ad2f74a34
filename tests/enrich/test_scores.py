"""The published scores are reached, stand in both pages, and rest on the files that are listed.

What the embedded index finds is measured by tests/index/test_recall.py, and speed depends on the machine: neither is
measured here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from training.evaluate import SECTIONS
from training.samples import data_folder
from training.scores import PAGES, Row, markdown, publish, published, text
from training.sources import faults, listed

A_POINT = 0.01  # that another processor's arithmetic may cost
needs_data = pytest.mark.skipif(not data_folder().is_dir(), reason=f"no {data_folder()}; set NEWSWATCH_DATA")
ROWS = [Row("names", "10 texts", 0.5, 0.6, 0.4), Row("tokens/s", "10 texts", 12_345.6), Row("other", "2", 1.0, 1.0)]


@needs_data
@pytest.mark.parametrize("section", sorted(SECTIONS.keys() - {"search", "speed"}))
def test_the_published_scores_are_reached(section: str) -> None:
    told = published()
    lower = {
        (row.what, row.on): row.reached
        for row in SECTIONS[section](data_folder())
        if row.reached < told[row.what, row.on] - A_POINT
    }
    assert lower == {}


def test_both_pages_hold_the_same_table() -> None:
    one, other = map(published, PAGES)
    assert one == other != {}


def test_a_table_is_written_between_its_marks_and_read_back(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- scores -->\nold\n<!-- end of scores -->\nafter\n", encoding="utf-8")
    for _ in range(2):
        publish(ROWS, [page])
        written = page.read_text(encoding="utf-8")
        assert written.startswith("before\n<!-- scores -->\n| what |")
        assert written.endswith("| 1.000 |  |  |\n<!-- end of scores -->\nafter\n")
        assert "old" not in written
    assert published(page) == {("names", "10 texts"): 0.5, ("tokens/s", "10 texts"): 12_346, ("other", "2"): 1.0}


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no marks"):
        publish(ROWS, [page])


def test_a_row_that_falls_short_is_shown_and_marked() -> None:
    assert [line.endswith("short") for line in text(ROWS)] == [False, True, False, False]
    assert [line.endswith("| short |") for line in markdown(ROWS).splitlines()] == [False, False, True, False, False]


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
