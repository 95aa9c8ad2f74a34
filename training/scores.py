"""One row of the published scores, and the table of them as text and as Markdown.

Promises that the README and docs/quality.md hold exactly what was measured: the table between the two marks of a page
is replaced, and can be read back for comparison. A row that falls short of its goal stays, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import ROOT

PAGES = (ROOT / "README.md", ROOT / "docs" / "quality.md")
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


def markdown(rows: Iterable[Row]) -> str:
    ruler = ("---", "---", "---:", "---:", "---:", "---")
    table = (HEADINGS, ruler, *(row.cells for row in rows))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in table)


def publish(rows: Sequence[Row], pages: Sequence[Path] = PAGES) -> None:
    """Writes the table into each page, between its marks. Raises ValueError for a page without them."""
    table = markdown(rows)
    for page in pages:
        page.write_text(_BETWEEN.sub(lambda _: table, _marked(page)), encoding="utf-8")


def published(page: Path = PAGES[-1]) -> Mapping[tuple[str, str], float]:
    """What the page says was reached, by "what" and "on"."""
    found = _BETWEEN.search(_marked(page))
    assert found
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in found[0].splitlines()[2:]]
    return {(what, on): float(reached.replace(",", "")) for what, on, _, reached, *_ in rows}


def _marked(page: Path) -> str:
    content = page.read_text(encoding="utf-8")
    if not _BETWEEN.search(content):
        raise ValueError(f"{page}: no marks between which the scores stand")
    return content
