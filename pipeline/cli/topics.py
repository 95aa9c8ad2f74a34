"""newswatch topics list, add, label, train: what is watched for, and how to watch for more."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import errors, known_as, output, settings
from pipeline.cli.progress import Display, showing_progress

if TYPE_CHECKING:
    from pipeline.model import Topic
    from pipeline.steps.context import Context

topics = typer.Typer(help="The topics: list them, add one, label articles for it, train it.", no_args_is_help=True)

Words = list[str] | None
Name = Annotated[str, typer.Argument(metavar="NAME", help="The topic's name.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(topics, name="topics")


@topics.command("list")
def topics_list() -> None:
    """Every topic: its languages and words, what decides, how many labels it has, how good it is."""
    from pipeline.cli.topic_screens import topic_table
    from pipeline.config import load_config
    from pipeline.steps.topic_states import states

    found = settings()
    output().print(topic_table(states(found, load_config(found.config).topics)))


@topics.command("add")
def topics_add(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Small letters, digits and _.")] = None,
    title: Annotated[str | None, typer.Option(help="How people call it.")] = None,
    term: Annotated[Words, typer.Option(metavar="LANG:WORDS", help="Enough alone; may be given again.")] = None,
    pair: Annotated[
        Words, typer.Option(metavar="LANG:WORDS/WORDS", help="One of each side, commas between; may be given again.")
    ] = None,
    context: Annotated[
        Words, typer.Option(metavar="LANG:WORDS", help="Raises the score of the others; may be given again.")
    ] = None,
    excluding: Annotated[
        Words, typer.Option(metavar="LANG:WORDS", help="Means something else; may be given again.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Score from which an article is about it; 0.5.")] = None,
    candidate: Annotated[float | None, typer.Option(help="Score from which its page is fetched; 0.12.")] = None,
    file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Take it from a YAML file with one topic.")
    ] = None,
) -> None:
    """Write a topic to topics.yml, question by question or from options, and look for it in what was read."""
    from pipeline.cli import topic_walk
    from pipeline.cli.topic_screens import print_added
    from pipeline.config import load_config
    from pipeline.config_topics import add_topic, check_topic
    from pipeline.steps.context import open_context
    from pipeline.steps.topics import mine

    found = settings()
    config = load_config(found.config)
    place = found.config / "topics.yml"
    given = {"threshold": threshold, "candidate": candidate, "title": title, "name": name}
    if file is not None:
        row = topic_walk.from_file(file) | {key: value for key, value in given.items() if value is not None}
    elif term or pair or not sys.stdin.isatty():
        words = {"terms": term, "pairs": pair, "context": context, "excluding": excluding}
        row = topic_walk.from_options(given, words)
    else:
        row = topic_walk.ask(given, known=config.topics, file=place)
    row = topic_walk.in_order(row)
    check_topic(row, known=config.topics, file=place)
    topic = add_topic(place, row)
    output().print(f"[bold]{topic.name}[/] is written to {place}", soft_wrap=True)
    with showing_progress(errors()) as progress, open_context(found, progress=progress) as context_:
        mined = mine(context_, topic)
        progress.close()
    print_added(output(), topic, mined)


@topics.command("label")
def topics_label(
    name: Name,
    export: Annotated[int, typer.Option(metavar="N", min=0, help="Print the first N questions as JSON Lines.")] = 0,
    answers: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take in the answers of such a file.")
    ] = None,
) -> None:
    """Say of articles whether they are about the topic, by one key each; the most telling come first."""
    from pipeline.cli.labelling import label_one_by_one
    from pipeline.cli.topic_screens import print_labelled
    from pipeline.enrich.topiclearning import LEAST
    from pipeline.steps import labels
    from pipeline.steps.topics import look

    with showing_progress(errors()) as progress, _opened(name, progress) as (context, topic):
        file = labels.label_file(context.settings, name)
        if answers is not None:
            count = labels.take_in(context, answers, into=file)
            output().print(f"{count} answers are added to {file}", soft_wrap=True)
            print_labelled(output(), name, labels.tally(file), least=LEAST)
            return
        said = labels.read_labels(file)
        if not export and not sys.stdin.isatty():
            raise typer.BadParameter("to answer by keys takes a terminal; or use --export and --import")
        waiting = labels.queue(look(context, topic), said, threshold=topic.threshold)
        progress.close()
        for each in waiting[:export]:
            print(json.dumps(labels.question(each), ensure_ascii=False))
        if not export:
            now = context.clock
            after = label_one_by_one(output(), topic, waiting, file=file, before=labels.tally(file), clock=now)
            print_labelled(output(), name, after, least=LEAST)


@topics.command("train")
def topics_train(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to what decided before the last training.")] = False,
) -> None:
    """Train the topic on its labels; what is learned is used if it is better, and says how much."""
    from pipeline.cli.topic_screens import print_training
    from pipeline.steps import topic_training

    with showing_progress(errors()) as progress, _opened(name, progress) as (context, topic):
        if undo:
            now = topic_training.undo(context.settings, topic)
            output().print(f"{name} is decided again by {now}; next: newswatch reread")
            return
        print_training(output(), topic, topic_training.train_topic(context, topic))


@contextlib.contextmanager
def _opened(name: str, progress: Display) -> Iterator[tuple[Context, Topic]]:
    """The ledger, and the topic of that name. Raises BadParameter with the nearest name if there is none."""
    from pipeline.steps.context import open_context

    with open_context(settings(), progress=progress) as context:
        known = {topic.name: topic for topic in context.config.topics}
        known_as("topic", [name], known)
        yield context, known[name]
