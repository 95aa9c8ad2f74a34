"""How topics, and what they find, look on a terminal. Text from outside is never read as markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.model import Topic

if TYPE_CHECKING:  # they load the models
    from pipeline.steps.topic_states import TopicState
    from pipeline.steps.topics import Found, Mined

_SHOWN = 5


def topic_table(states: Sequence[TopicState]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("topic", no_wrap=True)
    table.add_column("words by language", overflow="fold")
    table.add_column("decided by", overflow="fold")
    table.add_column("threshold", justify="right", no_wrap=True)
    table.add_column("labels", no_wrap=True)
    table.add_column("scores", overflow="fold")
    for each in states:
        words = ", ".join(f"{language} {count}" for language, count in each.words.items())
        labels = f"{each.yes} yes, {each.no} no" if each.yes or each.no else "none"
        table.add_row(
            each.topic.name, words, each.decided, f"{each.topic.threshold:g}", labels, Text(each.scores, style="dim")
        )
    return table


def print_added(console: Console, topic: Topic, mined: Mined) -> None:
    """What the new topic finds in the past, and what to do next."""
    console.print(
        f"Of {_texts(mined.read)} already read, {len(mined.likely)} would match it,"
        f" {len(mined.near)} more hold some of its words.\n"
    )
    for heading, found in (("matched", mined.likely), ("near misses", mined.near)):
        if found:
            console.print(f"[bold]{heading}[/], the first {min(_SHOWN, len(found))}" + " by score:")
            for each in found[:_SHOWN]:
                console.print(_line(each), soft_wrap=True)
            console.print()
    console.print("Next:")
    for command, meaning in (
        ("newswatch run", "tags new articles from now on"),
        ("newswatch reread", "tags those already read; nobody is mailed for them"),
        (f"newswatch topics label {topic.name}", "says of some whether they are about it, to make it better"),
    ):
        console.print(Text.assemble("  ", (f"{command:<{24 + len(topic.name)}}", "cyan"), f"  {meaning}"))
    console.print("To be mailed about it, name it in alerts.yml. What is running now (watch) must be started anew.")


def _line(each: Found) -> Text:
    words = ", ".join(dict.fromkeys(" ".join(span.text.split()) for span in each.score.evidence))
    line = Text(f"  {each.score.score:.2f}  {each.known.article.title}")
    return line.append(f"  ({words})", style="yellow") if words else line


def _texts(count: int) -> str:
    return f"{count} text{'' if count == 1 else 's'}"
