"""One row of the published scores, and the table of them as text and as Markdown.

Promises that docs/quality.md, and in a brief form the README, hold exactly what was measured: the table between the
two marks of a page is replaced, and can be read back for comparison. A row that falls short of its goal stays, and
says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import ROOT

PAGE = ROOT / "docs" / "quality.md"
README = ROOT / "README.md"
HEADINGS = ("what", "on", "goal", "reached", "beside", "")
SHORT = "short"

_BETWEEN = re.compile(r"(?<=<!-- scores -->\n).*?(?=<!-- end of scores -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: a share of 1, or a speed, in the unit that `what` names."""

    what: str
    on: str  # which set, and its size
    reached: float
    goal: float | None = None
    beside: float | None = None  # what the model named in `what` reaches

    @property
    def short(self) -> bool:
        return self.goal is not None and self.reached < self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        figures = (_figure(self.goal), _figure(self.reached), _figure(self.beside))
        return (self.what, self.on, *figures, SHORT if self.short else "")


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value > 1 else f"{value:.3f}"


def text(rows: Sequence[Row]) -> Iterator[str]:
    """Lines for a terminal."""
    table = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        words = [cell.ljust(width) for cell, width in zip(cells[:2], widths, strict=False)]
        figures = [cell.rjust(width) for cell, width in zip(cells[2:5], widths[2:], strict=False)]
        yield "  ".join((*words, *figures, cells[5])).rstrip()


def markdown(table: Iterable[Sequence[str]]) -> str:
    """The whole table, from its cells."""
    return _table(HEADINGS, table)


def brief(table: Iterable[Sequence[str]]) -> str:
    """From the cells of the whole table, a line for each "what": its figures side by side, in the table's order."""
    groups: dict[str, list[Sequence[str]]] = {}
    for cells in table:
        groups.setdefault(cells[0], []).append(cells)
    lines = []
    for what, group in groups.items():
        _, _, goals, reached, beside, short = zip(*group, strict=True)
        goal = goals[0] if len(set(goals)) == 1 else _side_by_side(goals)
        lines.append((what, goal, _side_by_side(reached), _side_by_side(beside), SHORT if any(short) else ""))
    return _table((HEADINGS[0], *HEADINGS[2:]), lines)


def _side_by_side(figures: Sequence[str]) -> str:
    return " / ".join(figure or "-" for figure in figures) if any(figures) else ""


def _table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    ruler = ["---:" if heading in HEADINGS[2:5] else "---" for heading in headings]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (headings, ruler, *lines))


def renewed(table: Sequence[Sequence[str]], rows: Iterable[Row]) -> list[Sequence[str]]:
    """The cells of a table with the rows in place of those that say the same "what"; at its end if none does."""
    new = [row.cells for row in rows]
    told = {cells[0] for cells in new}
    at = next((at for at, cells in enumerate(table) if cells[0] in told), len(table))
    kept = [cells for cells in table if cells[0] not in told]
    return [*kept[:at], *new, *kept[at:]]


def publish(table: Sequence[Sequence[str]], *, page: Path = PAGE, readme: Path = README) -> None:
    """Writes the table into the page, and its brief form into the other. Raises ValueError if one has no marks."""
    for path, written in ((page, markdown(table)), (readme, brief(table))):
        path.write_text(_put(_marked(path), written), encoding="utf-8")


def _put(content: str, table: str) -> str:
    return _BETWEEN.sub(lambda _: table, content)


def table(page: Path = PAGE) -> list[tuple[str, ...]]:
    """The cells that stand in a page, without headings."""
    found = _BETWEEN.search(_marked(page))
    assert found
    return [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in found[0].splitlines()[2:]]


def published() -> Mapping[tuple[str, str], float]:
    """What docs/quality.md says was reached, by "what" and "on"."""
    return {(what, on): float(reached.replace(",", "")) for what, on, _, reached, *_ in table()}


def _marked(page: Path) -> str:
    content = page.read_text(encoding="utf-8")
    if not _BETWEEN.search(content):
        raise ValueError(f"{page}: no marks between which the scores stand")
    return content
