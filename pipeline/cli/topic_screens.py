"""How topics, and what they find, look on a terminal. Text from outside is never read as markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.model import Topic

if TYPE_CHECKING:  # they load the models
    from pipeline.enrich.topiclearning import Study
    from pipeline.steps.topic_states import TopicState
    from pipeline.steps.topic_training import Training
    from pipeline.steps.topics import Found, Mined

_SHOWN = 5


def topic_table(states: Sequence[TopicState]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("topic", no_wrap=True)
    table.add_column("words by language", overflow="fold")
    table.add_column("decided by", no_wrap=True)
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


def print_labelled(console: Console, name: str, said: Mapping[str, int], *, least: int) -> None:
    """What was answered so far, and what to do next."""
    console.print(f"{name}: {said['yes']} yes, {said['no']} no, {said['skip']} skipped")
    missing = [f"{least - said[answer]} more {answer}" for answer in ("yes", "no") if said[answer] < least]
    if missing:
        console.print(f"training takes at least {' and '.join(missing)}: newswatch topics label {name}")
    else:
        console.print(f"next: newswatch topics train {name}")


def print_training(console: Console, topic: Topic, made: Training) -> None:
    """What was learned, on held-out texts, beside what decides without it; and whether it is used."""
    gold = f" and {made.gold} texts that ship" if made.gold else ""
    lost = f"; {made.lost} more are of articles that are not in this ledger" if made.lost else ""
    console.print(f"{made.labels} labels{gold}{lost}. Scores of each by what was learned from other stories:\n")
    console.print(_study_table(made.study))
    console.print("\n[bold]F1 by number of labels[/]")
    for labels, f1 in made.study.curve:
        console.print(f"{labels:>6}  {'#' * round(f1 * 40):<40}  {f1:.2f}{'' if labels else '  without training'}")
    everything = made.study.sides[-1]
    console.print()
    if made.threshold is None:
        console.print(
            f"Not better than without training: nothing is changed. More labels: newswatch topics label {topic.name}"
        )
        return
    console.print(
        f"Better, F1 {everything.learned.f1:.2f} against {everything.now.f1:.2f}: it is used from now on,"
        f" with the threshold {made.threshold:g}, which is written to topics.yml."
    )
    console.print(f"Next: newswatch reread. To go back: newswatch topics train {topic.name} --undo")


def _study_table(study: Study) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("language", "texts", "about it"):
        table.add_column(column, justify="left" if column == "language" else "right")
    for side in ("without training", "trained"):
        table.add_column(f"{side}:\nprecision", justify="right")
        table.add_column("\nrecall", justify="right")
        table.add_column("\nF1", justify="right")
    for each in study.sides:
        figures = (f"{value:.2f}" for one in (each.now, each.learned) for value in (one.precision, one.recall, one.f1))
        table.add_row(each.language, str(each.texts), str(each.about), *figures)
    return table


def _line(each: Found) -> Text:
    words = ", ".join(dict.fromkeys(" ".join(span.text.split()) for span in each.score.evidence))
    line = Text(f"  {each.score.score:.2f}  {each.known.article.title}")
    return line.append(f"  ({words})", style="yellow") if words else line


def _texts(count: int) -> str:
    return f"{count} text{'' if count == 1 else 's'}"
