"""newswatch export: what it writes, where, and what a spreadsheet makes of it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from pipeline.cli.export import COLUMNS, write_csv, write_jsonl
from tests.cli.conftest import After
from tests.cli.machine import environment
from tests.world import COMMAND


def test_json_lines_are_the_articles_as_indexed(demo: After) -> None:
    done = demo.world.newswatch("export", "topic:asem")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert len(lines) == 10
    dates = [line["date"] for line in lines]
    assert dates == sorted(dates, reverse=True)
    assert all({"id", "title", "text", "entities"} <= set(line) for line in lines)
    assert "10 articles in " in done.stderr
    assert " a second" in done.stderr


def test_csv_has_the_fields_asked_for_in_their_order(demo: After) -> None:
    done = demo.world.newswatch("export", "topic:asem", "--format", "csv", "--fields", "language,id, topics.asem,story")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["language", "id", "topics.asem", "story"]
    assert {row["language"] for row in rows} == {"en", "fr", "km", "zh"}
    assert all(float(row["topics.asem"]) >= 0.5 for row in rows)
    assert all(row["story"] for row in rows)


def test_a_file_is_there_only_when_it_is_complete(demo: After, tmp_path: Path) -> None:
    made = tmp_path / "all.csv"
    done = demo.world.newswatch("export", "*", "--format", "csv", "-o", str(made))
    assert (done.returncode, done.stdout) == (0, "")
    with made.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 26
    before = made.read_bytes()
    refused = demo.world.newswatch("export", "*", "--format", "csv", "-o", str(tmp_path / "no" / "where.csv"))
    assert refused.returncode == 1
    assert "cannot be written" in refused.stderr
    folder = demo.world.newswatch("export", "*", "-o", str(tmp_path))
    assert (folder.returncode, folder.stderr) == (1, f"error: {tmp_path}: cannot be written: it is a folder\n")
    assert demo.world.newswatch("export", "(", "-o", str(made)).returncode == 2
    assert made.read_bytes() == before
    assert list(tmp_path.iterdir()) == [made]


def test_who_stops_reading_stops_the_export(demo: After) -> None:
    command = [str(COMMAND), "export", "*"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(demo.world), cwd=demo.world.folder
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(timeout=120) != 0
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "topik:asem"], 'did you mean "topic"?'),
        (["export", "*", "--fields", "id,titel"], 'there is no field "titel"; did you mean "title"?'),
        (["export", "*", "--format", "xlsx"], "'xlsx' is not one of"),
        (["export", "*", "--since", "7x"], "is not a span of time"),
    ],
)
def test_asked_wrongly(arguments: list[str], said: str, demo: After) -> None:
    done = demo.world.newswatch(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


ARTICLE = {
    "id": "-1+1",
    "title": '=HYPERLINK("http://evil.example","x"),\r\nsecond line',
    "source": "  @SUM(A1)",
    "lag": -30,
    "topic": ("asem", "trade"),
    "topics": {"asem": 0.5},
    "entity_name": ("Cambodia", "+1"),
    "wire": "xinhua;\t=1+1\n@SUM(A1); a-b",
    "entities": [{"name": "=1"}],
}


def test_no_cell_is_a_formula_and_every_other_is_as_it_was() -> None:
    names = tuple("id title source lag topic topics.asem topics.trade entity_name url entities wire".split())
    file = io.StringIO(newline="")
    write_csv(file, [ARTICLE], names)
    assert file.getvalue().startswith(",".join(names) + "\r\n")
    assert file.getvalue().endswith("\r\n")
    (row,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert row == {
        "id": "'-1+1",
        "title": f"'{ARTICLE['title']}",
        "source": "'  @SUM(A1)",
        "lag": "-30",
        "topic": "asem; trade",
        "topics.asem": "0.5",
        "topics.trade": "",
        "entity_name": "Cambodia;' +1",
        "wire": "xinhua;\t'=1+1\n'@SUM(A1); a-b",
        "url": "",
        "entities": '[{"name": "=1"}]',
    }


def test_json_has_what_is_missing_as_null() -> None:
    file = io.StringIO()
    write_jsonl(file, [ARTICLE], ("id", "url"))
    assert json.loads(file.getvalue()) == {"id": "-1+1", "url": None}
