"""The stages on files: what `newswatch parse`, `extract`, `annotate` and `families` print, as dictionaries.

Promises exactly one dictionary for every file or line, in order, in the shapes below; nothing that a file or line
holds raises. What went through is counted in `tally`, if one is given: "inputs", "unreadable" (files that could not
be opened or read: exit status 1), "problems" (inputs with at least one). It prints nothing and decides no exit status.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pipeline.enrich.families import family_text, group
from pipeline.enrich.quotes import quotes_in
from pipeline.errors import ParseError
from pipeline.model import Annotation, Entry, Feed, Page, Problem, Span, TextItem
from pipeline.parse.dates import parse_date
from pipeline.parse.worker import Worker
from pipeline.settings import Settings
from pipeline.steps.lines import BadLine, Id, Item, read_items, whole
from pipeline.text import normalise

REMEMBERED = (
    100_000  # ids of annotated lines, within which a second use is noticed: memory must not grow with the input
)
AT_ONCE = 1_000_000  # characters annotated together at most

Json = dict[str, Any]
Tally = Counter[str]


class Annotates(Protocol):
    """What is asked of enrich.Annotator."""

    def annotate(self, items: Iterable[TextItem], *, batch_size: int = 64) -> Iterator[Annotation]: ...


def parse_files(
    paths: Iterable[Path],
    *,
    url: str | None = None,
    settings: Settings,
    tally: Tally | None = None,
    now: datetime | None = None,
) -> Iterator[Json]:
    """Each feed document as {"file","format","title","entries","problems"}. `url` is where they all came from."""
    with Worker(memory=settings.parse_memory, seconds=settings.parse_seconds) as worker:
        for path in paths:
            read = _read_with(lambda body: _feed(worker.feed(body, url=url, now=now)), path, settings, tally)
            yield {"file": whole(str(path)), "format": None, "title": None, "entries": [], **read}


def extract_files(
    paths: Iterable[Path], *, url: str, settings: Settings, tally: Tally | None = None, now: datetime | None = None
) -> Iterator[Json]:
    """Each HTML page as {"file","url","title","text","language","published","problems"}."""
    empty = dict.fromkeys(("title", "text", "language", "published"))
    with Worker(memory=settings.parse_memory, seconds=settings.parse_seconds) as worker:
        for path in paths:
            read = _read_with(lambda body: _page(worker.page(body, url=url, now=now)), path, settings, tally)
            yield {"file": whole(str(path)), "url": whole(url), **empty, **read}


def annotate_lines(
    lines: Iterable[str | bytes], annotator: Annotates, *, batch_size: int = 64, tally: Tally | None = None
) -> Iterator[Json]:
    """Each line {"id","title","text","language"?} as {"id","language","topics","entities","dates","quotes"}.

    With "problems" if there are any. Streams: at most `batch_size` lines, or AT_ONCE characters and a line, are held.
    """
    from pipeline.enrich.annotator import ANALYSED  # heavy, and needed by this stage alone

    seen: OrderedDict[Id, None] = OrderedDict()
    for chunk in _chunks(read_items(lines), batch_size):
        items = [
            TextItem(str(item.id), item.title, item.text, item.language) for item in chunk if isinstance(item, Item)
        ]
        annotations = annotator.annotate(items, batch_size=batch_size)
        for item in chunk:
            row = _bad_annotation(item) if isinstance(item, BadLine) else _annotation(item, next(annotations))
            if isinstance(item, Item) and (problems := _flaws(item, seen, longest=ANALYSED)):
                row |= _problems(problems)
            _count(tally, row)
            yield row


def families_lines(
    lines: Iterable[str | bytes], *, tally: Tally | None = None, now: datetime | None = None
) -> Iterator[Json]:
    """After all input, each line {"id","title","text","published"?} as {"id","family","similarity","first"}.

    A line without use, and a second one with the same id, has nulls and "problems". All texts are held.
    """
    rows = list(_without_repeats(read_items(lines)))
    members = _members([row for row in rows if isinstance(row, Item)], now or datetime.now(UTC))
    for row in rows:
        made = _bad_membership(row) if isinstance(row, BadLine) else next(members)
        _count(tally, made)
        yield made


def _members(items: Sequence[Item], now: datetime) -> Iterator[Json]:
    published = [parse_date(item.published, now=now) for item in items]
    texts = [family_text(item.title, item.text) for item in items]
    places = [str(place) for place in range(len(items))]  # ids may be numbers or text: 7 and "7" are two
    for item, known, member in zip(
        items, published, group(list(zip(places, texts, published, strict=True))), strict=True
    ):
        family, first = items[int(member.family)].id, member.article == member.family
        made: Json = {"id": item.id, "family": family, "similarity": member.similarity, "first": first}
        if item.published and not known:
            made |= _problems([Problem("date", f"no date can be made of {item.published[:100]!r}")])
        yield made


def _bad_membership(line: BadLine) -> Json:
    return {"id": line.id, **dict.fromkeys(("family", "similarity", "first")), **_problems([line.problem])}


def _read_with(read: Callable[[bytes], Json], path: Path, settings: Settings, tally: Tally | None) -> Json:
    """What `read` makes of the file, or the problem that kept it from that."""
    unreadable = False
    try:
        with path.open("rb") as file:
            body = file.read(settings.fetch_max_bytes + 1)
        if len(body) > settings.fetch_max_bytes:
            made = _problems([Problem("too_large", f"it is larger than {settings.fetch_max_bytes} bytes")])
        else:
            made = read(body)
    except OSError as error:
        unreadable = True
        made = _problems([Problem("unreadable", f"the file cannot be read: {error.strerror or error}")])
    except ParseError as error:
        made = _problems([Problem(error.code, error.message)])
    _count(tally, made, unreadable=unreadable)
    return made


def _feed(feed: Feed) -> Json:
    entries = [_entry(entry) for entry in feed.entries]
    return {"format": feed.format, "title": feed.title, "entries": entries, **_problems(feed.problems)}


def _entry(entry: Entry) -> Json:
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "authors": list(entry.authors),
        "published": rfc3339(entry.published),
        "updated": rfc3339(entry.updated),
        "language": entry.language,
    }


def _page(page: Page) -> Json:
    found = {"title": page.title, "text": page.text, "language": page.language, "published": rfc3339(page.published)}
    return {**found, **_problems(page.problems)}


def _annotation(item: Item, annotation: Annotation) -> Json:
    return {
        "id": item.id,
        "language": annotation.language,
        "topics": {
            score.topic: {
                "score": score.score,
                "match": score.match,
                "evidence": [{"text": span.text, "start": span.start, "end": span.end} for span in score.evidence],
            }
            for score in annotation.topics
        },
        "entities": [
            {
                "text": mention.text,
                "label": mention.label,
                "start": mention.start,
                "end": mention.end,
                "name": mention.name,
                "wikidata": mention.wikidata,
            }
            for mention in annotation.mentions
        ],
        "dates": [{"text": span.text, "start": span.start, "end": span.end} for span in _dates(item, annotation)],
        "quotes": _quotes(f"{item.title}\n{item.text}", annotation),
    }


def _dates(item: Item, annotation: Annotation) -> Iterator[Span]:
    from pipeline.enrich.annotator import ANALYSED
    from pipeline.enrich.dates import find_dates

    normal = normalise(f"{item.title}\n{item.text}"[:ANALYSED])
    for found in find_dates(normal.text, annotation.language):
        start, end = normal.raw_span(*found)
        yield Span(normal.raw[start:end], start, end)


def _quotes(raw: str, annotation: Annotation) -> list[Json]:
    found = quotes_in(raw, annotation.language, annotation.mentions)
    return [
        {
            "text": raw[quote.start : quote.end],
            "kind": quote.kind,
            "start": quote.start,
            "end": quote.end,
            "speaker": quote.speaker,
            "speaker_start": quote.speaker_start,
            "speaker_end": quote.speaker_end,
        }
        for quote in found
    ]


def _bad_annotation(line: BadLine) -> Json:
    found: Json = {"language": None, "topics": {}, "entities": [], "dates": [], "quotes": []}
    return {"id": line.id, **found, **_problems([line.problem])}


def _chunks(items: Iterator[Item | BadLine], size: int) -> Iterator[list[Item | BadLine]]:
    """The items in lists of at most `size`, and of AT_ONCE characters and the item that went over."""
    chunk: list[Item | BadLine] = []
    characters = 0
    for item in items:
        chunk.append(item)
        characters += len(item.title) + len(item.text) if isinstance(item, Item) else 0
        if len(chunk) >= size or characters >= AT_ONCE:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _flaws(item: Item, seen: OrderedDict[Id, None], *, longest: int) -> list[Problem]:
    """What is wrong with a line that was annotated all the same."""
    found = []
    if _repeated(item.id, seen):
        found.append(Problem("duplicate_id", "an earlier line has the same id"))
    if len(item.title) + 1 + len(item.text) > longest:
        found.append(Problem("too_long", f"only the first {longest} characters of title and text were read"))
    return found


def _repeated(own_id: Id, seen: OrderedDict[Id, None]) -> bool:
    """Whether the id was seen lately; remembers it, and forgets the oldest beyond REMEMBERED."""
    if own_id in seen:
        return True
    seen[own_id] = None
    if len(seen) > REMEMBERED:
        seen.popitem(last=False)
    return False


def _without_repeats(rows: Iterable[Item | BadLine]) -> Iterator[Item | BadLine]:
    seen: set[Id] = set()
    for row in rows:
        if isinstance(row, Item) and row.id in seen:
            yield BadLine(Problem("duplicate_id", "an earlier line has the same id"), row.id)
            continue
        if isinstance(row, Item):
            seen.add(row.id)
        yield row


def rfc3339(moment: datetime | None) -> str | None:
    """An aware moment as RFC 3339 in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _problems(problems: Sequence[Problem]) -> Json:
    return {"problems": [_problem(problem) for problem in problems]}


def _problem(problem: Problem) -> Json:
    return {"code": problem.code, "message": whole(problem.message)}


def _count(tally: Tally | None, row: Json, *, unreadable: bool = False) -> None:
    if tally is not None:
        tally["inputs"] += 1
        tally["unreadable"] += unreadable
        tally["problems"] += bool(row.get("problems"))
