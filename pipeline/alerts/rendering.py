"""The templates of mails, in pipeline/alerts/templates.

Promises that HTML templates escape everything they are given and that a name which a template misspells is an
error. Loads nothing from outside the package.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pipeline.alerts.evidence import Piece

WIDTH = 76


def render(name: str, **values: object) -> str:
    """The template `name`, such as "instant.html", with one newline at its end."""
    return _environment().get_template(f"{name}.j2").render(**values).strip() + "\n"


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.alerts", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"wrap": wrap, "plain": plain, "starred": starred, "counted": counted}
    return environment


def wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Lines of at most WIDTH characters, never cut inside a word; text without spaces stays on one line."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def plain(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def starred(pieces: Iterable[Piece]) -> str:
    """Pieces as plain text, the marked ones between asterisks."""
    return "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in pieces)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 outlet`, `2 outlets`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
