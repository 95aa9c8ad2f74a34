"""How search results and articles look on a terminal. Text from outside is never read as markup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from pipeline.cli.charts import print_histogram
from pipeline.index import Highlight, Hit, Results, Similar, Suggestion
from pipeline.ledger.articles import Version
from pipeline.ledger.outbox import Story
from pipeline.model import Annotated, Article, Interval, Mention, Span, TopicScore, WatchEntity

SHORT_ID = 8


def print_results(console: Console, results: Results, *, interval: Interval | None = None) -> None:
    for hit in results.hits:
        _print_hit(console, hit)
    if interval:
        print_histogram(console, results.histogram, interval)
    for name, counts in results.facets.items():
        table = Table(show_header=False, box=None)
        for each in counts:
            table.add_row(Text(each.value), str(each.count))
        console.print(Text(name, style="bold"))
        console.print(table)
        console.print()
    shown = f", the first {len(results.hits)} shown" if len(results.hits) < results.total else ""
    console.print(f"[bold]{results.total}[/] article{'' if results.total == 1 else 's'}{shown}")


def _print_hit(console: Console, hit: Hit) -> None:
    titles = [each for each in hit.highlights if each.field == "title"]
    console.print(_marked(titles[0]) if titles else Text(hit.title, style="bold"), soft_wrap=True)
    about = [_day(hit.published), str(hit.body.get("source_name", hit.source)), str(hit.body.get("language", ""))]
    console.print(Text(f"  {hit.id[:SHORT_ID]}  {'  '.join(part for part in about if part)}", style="dim"))
    for each in hit.highlights:
        if each.field != "title":
            console.print(Padding(_marked(each), (0, 0, 0, 2)))
    console.print()


def print_suggestions(console: Console, names: Sequence[Suggestion]) -> None:
    table = Table(show_header=False, box=None)
    for each in names:
        name = Text(each.name, style="bold").append(f" ({each.alias})" if each.alias else "", style="not bold dim")
        table.add_row(name, each.kind, Text(each.wikidata or "", style="dim"), str(each.count))
    console.print(table if names else "no name starts so")


def print_similar(console: Console, found: Sequence[Similar]) -> None:
    for each in found:
        console.print(Text(each.hit.title, style="bold"), soft_wrap=True)
        source = str(each.hit.body.get("source_name", each.hit.source))
        about = (each.hit.id[:SHORT_ID], f"{each.likeness:.0%}", _day(each.hit.published), source)
        console.print(Text(f"  {'  '.join(about)}{'  a copy' if each.copy else ''}", style="dim"), soft_wrap=True)
    if not found:
        console.print("no article is like it")


def _marked(highlight: Highlight) -> Text:
    text = Text(" ".join(highlight.text.split("\n")), style="bold" if highlight.field == "title" else "")
    for start, end in highlight.spans:
        text.stylize("bold yellow", start, end)
    return text


def print_article(
    console: Console,
    article: Article,
    known: Annotated | None,
    *,
    kin: Sequence[Annotated],
    heard: Sequence[Story],
    before: Sequence[Version],
    watchlist: Sequence[WatchEntity],
) -> None:
    console.print(Text(article.title, style="bold"), soft_wrap=True)
    if article.url:
        console.print(Text(article.url, style="blue"), soft_wrap=True)
    console.print(Text(_origin(article, known), style="dim"), soft_wrap=True)
    console.print()
    console.print(Text(article.text))
    if known is None:
        console.print("\n[yellow]not read yet: newswatch run[/]")
        return
    _heading(console, "Topics")
    for score in known.annotation.topics:
        console.print(_topic(score))
    _heading(console, "Entities")
    for line in _entities(known.annotation.mentions, _offices(watchlist, article)):
        console.print(line)
    _heading(console, "Family")
    _print_family(console, known, kin)
    _heading(console, "Alerts")
    for line in _alerts(heard, article):
        console.print(line)
    for version in before:
        console.print(
            Text(f"revision {version.revision} until {_minute(version.replaced)}: {version.title}", style="dim")
        )


def _origin(article: Article, known: Annotated | None) -> str:
    source = f"{known.source.name} ({known.source.country}, {known.source.kind.value})" if known else article.source
    language = (known.annotation.language if known else None) or article.language or "?"
    published = _minute(article.published) if article.published else "no date"
    return f"{source}, {published}, language {language}, id {article.id}, revision {article.revision}"


def _topic(score: TopicScore) -> Text:
    line = Text(
        f"{'yes' if score.match else 'no ':<4}{score.score:.2f}  {score.topic}", style="" if score.match else "dim"
    )
    if words := _distinct(score.evidence):
        line.append("  because of " if score.match else "  in spite of ", style="dim")
        line.append(", ".join(words[:8]), style="yellow" if score.match else "dim")
    return line


def _offices(watchlist: Sequence[WatchEntity], article: Article) -> Mapping[str, str]:
    """By name, what those of the list were when the article appeared."""
    day = (article.published or article.first_seen).date()
    held = {entity.name: [each.title for each in entity.offices if each.held(day)] for entity in watchlist}
    return {name: ", ".join(titles) for name, titles in held.items() if titles}


def _entities(mentions: Sequence[Mention], offices: Mapping[str, str]) -> Iterable[Text]:
    names: defaultdict[tuple[str, str, str], list[Mention]] = defaultdict(list)
    for each in mentions:
        names[each.label, each.name, each.wikidata or ""].append(each)
    ranked = sorted(names.items(), key=lambda pair: (pair[0][0], -len(pair[1]), pair[0][1]))
    for (label, name, wikidata), group in ranked:
        line = Text(f"{label:<7}").append(name, style="bold")
        line.append(f", {offices[name]}" if name in offices and not any(each.namesake for each in group) else "")
        others = [word for word in _distinct(group) if word != name]
        line.append(f"  {len(group)}x" if len(group) > 1 else "")
        line.append(f"  also {', '.join(others)}" if others else "", style="dim")
        yield line.append(f"  {wikidata}" if wikidata else "", style="dim")


def _print_family(console: Console, known: Annotated, kin: Sequence[Annotated]) -> None:
    first = known.membership.family == known.article.id
    place = (
        "first seen here"
        if first
        else f"a copy ({known.membership.similarity:.0%}) of {known.membership.family[:SHORT_ID]}"
    )
    console.print(f"{place}; {len(kin)} other member{'' if len(kin) == 1 else 's'}")
    for each in kin:
        line = f"  {each.article.id[:SHORT_ID]}  {each.source.name}: {each.article.title}"
        console.print(Text(line), soft_wrap=True)


def _alerts(heard: Sequence[Story], article: Article) -> Iterable[Text]:
    if not heard:
        yield Text(f"none{f'; this article {article.backlog}' if article.backlog else ''}", style="dim")
    for each in heard:
        state = f"sent {_minute(each.sent)}" if each.sent else _state(each)
        why = ", ".join(f"{reason.clause} {reason.value}" for reason in each.notification.reasons)
        yield Text(f"{each.notification.rule} to {each.notification.recipient}: {state}; because of {why}")


def _state(story: Story) -> str:
    if story.state == "backlog":
        return f"not sent: backlog ({story.notification.backlog})"
    waiting = f" ({story.error})" if story.error else ""
    return {"pending": "to be sent", "merged": "told with a copy", "frozen": f"waits to be sent{waiting}"}[story.state]


def _distinct(spans: Iterable[Span | Mention]) -> list[str]:
    return list(dict.fromkeys(" ".join(span.text.split()) for span in spans))


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Rule(Text(title, style="bold"), align="left", style="dim"))


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}" if moment else "no date"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
