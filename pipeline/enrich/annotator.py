"""What a text says of itself: language, topics with evidence, and who and what is named in it.

Promises one annotation for each item, in order, whatever the item holds; memory bounded by the batch, not by the
stream; every span in code points of the raw `title + "\\n" + text`, with raw[start:end] == text. Of a text longer
than ANALYSED code points only that much is read. Names are found by the watch-list in every language, and by
`recognisers` in those that have one. It knows no source, family or rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pipeline.enrich.ner import Found
from pipeline.enrich.products import one_thread
from pipeline.enrich.recognisers import Finder, recognisers
from pipeline.enrich.resolution import resolve
from pipeline.enrich.topics import TopicClassifier
from pipeline.enrich.watchlist import WatchList
from pipeline.model import Annotation, Mention, TextItem, Topic, TopicScore, WatchEntity
from pipeline.text import Normalised, detect_language, dominant_script, normalise

ANALYSED = 100_000  # code points of title and text that are read; the longest news pages have some 60,000
_AT_ONCE = 200_000  # code points that the models hold at once, whatever the batch size
_USUAL = {"latin": "en", "han": "zh", "khmer": "km"}  # by script: how a text too short to tell is read


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An item, cut to what is analysed."""

    title: str
    text: str
    language: str | None
    normal: Normalised

    @property
    def read_as(self) -> str | None:
        """The language, or, if the text is too short to tell, the usual one of its script."""
        return self.language or _USUAL.get(dominant_script(self.normal.text[:500]))


class Annotator:
    """Annotates texts with the topics and watch-list it was loaded with. Not changed by use."""

    def __init__(self, topics: TopicClassifier, watchlist: WatchList, finders: Mapping[str, Finder]) -> None:
        self._topics = topics
        self._watchlist = watchlist
        self._finders = finders

    @classmethod
    def load(
        cls,
        topics: Sequence[Topic],
        watchlist: Sequence[WatchEntity],
        *,
        own: Path | None = None,
        packages: Mapping[str, str] | None = None,
    ) -> Annotator:
        """With the weights that ship, of topics trained here those in `own`, and spaCy `packages` by language.

        Raises ModelError if they are missing or do not fit, SettingsError for a package that is not installed.
        """
        return cls(TopicClassifier.load(topics, own=own), WatchList(watchlist), recognisers(packages))

    def annotate(self, items: Iterable[TextItem], *, batch_size: int = 64) -> Iterator[Annotation]:
        """One annotation per item, in order, as the items come; at most `batch_size` items are held."""
        source = iter(items)
        while batch := [_prepare(item) for item in islice(source, max(1, batch_size))]:
            for part in _bounded(batch):
                yield from self._annotate(part)

    def _annotate(self, batch: Sequence[_Prepared]) -> Iterator[Annotation]:
        with one_thread():
            topics = self._topics.classify([(item.title, item.text, item.language) for item in batch])
            mentions = self._mentions(batch)
        for item, scores, found in zip(batch, topics, mentions, strict=True):
            yield self._annotation(item, scores, found)

    def _annotation(self, item: _Prepared, scores: tuple[TopicScore, ...], mentions: tuple[Mention, ...]) -> Annotation:
        return Annotation(item.language, scores, mentions, self._topics.candidate(scores))

    def _mentions(self, batch: Sequence[_Prepared]) -> list[tuple[Mention, ...]]:
        return [
            _in_raw(item.normal, self._resolved(item.normal.text, found))
            for item, found in zip(batch, self._found(batch), strict=True)
        ]

    def _resolved(self, text: str, found: Sequence[Found]) -> Iterator[Mention]:
        """The mentions; those that bear a name of the watch-list which it did not give them are namesakes."""
        watched = self._watchlist.find(text, names=[(each.start, each.end) for each in found])
        given = {mention.name for mention in watched}
        for mention in resolve(text, watched, found):
            namesake = mention.name not in given and self._watchlist.needs_context(mention.name)
            yield replace(mention, namesake=True) if namesake else mention

    def _found(self, batch: Sequence[_Prepared]) -> list[tuple[Found, ...]]:
        found: list[tuple[Found, ...]] = [()] * len(batch)
        for language, finder in self._finders.items():
            mine = [number for number, item in enumerate(batch) if item.read_as == language]
            names = finder.find([batch[number].normal.text for number in mine])
            for number, each in zip(mine, names, strict=True):
                found[number] = each
        return found


def _prepare(item: TextItem) -> _Prepared:
    title = item.title[:ANALYSED]
    text = item.text[: max(0, ANALYSED - len(title) - 1)]
    language = detect_language(f"{title}\n{text}", declared=item.language)
    return _Prepared(title, text, language, normalise(f"{title}\n{text}"))


def _bounded(batch: Sequence[_Prepared]) -> Iterator[list[_Prepared]]:
    """The batch in parts of at most _AT_ONCE code points, or of one item."""
    part: list[_Prepared] = []
    size = 0
    for item in batch:
        length = len(item.normal.text)
        if part and size + length > _AT_ONCE:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def _in_raw(normal: Normalised, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    return tuple(_raw_mention(normal, mention) for mention in mentions)


def _raw_mention(normal: Normalised, mention: Mention) -> Mention:
    start, end = normal.raw_span(mention.start, mention.end)
    return replace(mention, text=normal.raw[start:end], start=start, end=end)
