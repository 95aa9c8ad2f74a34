"""Walking over everything that a query finds, while the index is being written to; and counting it by time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from pipeline.errors import SearchUnavailable
from pipeline.index import Bucket, Document, SearchIndex, document, open_index
from pipeline.index.histogram import following, start_of
from pipeline.index.point_in_time import PAGE
from pipeline.model import Interval
from pipeline.query import parse_query
from pipeline.settings import Settings
from tests.index.corpus import NOW, PROBED, annotated

EVERYTHING = parse_query("*")
MANY = 3 * PAGE + 7
ID_PAGE = 2000


def dated(number: int, *, revision: int = 1, title: str = "Old") -> Document:
    """Seven articles of each minute, and a thousand of the first: more than fit a page."""
    minute = max(0, number - 1000) // 7
    published = PROBED + timedelta(minutes=minute)
    return document(annotated(f"n{number:05}", title=title, published=published, revision=revision))


def ids(bodies: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(body["id"]) for body in bodies]


def newest_first(given: Iterable[Document]) -> list[str]:
    by_id = sorted(given, key=lambda one: one.id)
    return [one.id for one in sorted(by_id, key=lambda one: str(one.body["date"]), reverse=True)]


def test_a_walk_sees_the_index_as_it_was_when_it_began(index: SearchIndex, settings: Settings) -> None:
    given = [dated(number) for number in range(MANY)]
    list(index.write(given))
    walk = index.walk(parse_query("title:old"), now=NOW)
    seen = list(islice(walk, 10))
    other = open_index(settings)
    list(other.write(dated(number, revision=2, title="New") for number in range(0, MANY, 2)))
    list(other.write(document(annotated(f"later-{number}", title="Old", published=PROBED)) for number in range(50)))
    other.delete(one.id for one in given[1:700:3])
    seen += walk
    assert ids(seen) == newest_first(given)
    assert {body["title"] for body in seen} == {"Old"}
    assert len(ids(index.walk(parse_query("title:old"), now=NOW))) < MANY


def test_a_rebuild_meanwhile_makes_no_gap(index: SearchIndex, settings: Settings) -> None:
    given = [dated(number) for number in range(PAGE + 50)]
    list(index.write(given))
    walk = index.walk(EVERYTHING, now=NOW)
    seen = list(islice(walk, 10))
    open_index(settings).rebuild(given[:5])
    if settings.search == "embedded":  # which keeps its files
        assert ids([*seen, *walk]) == newest_first(given)
    else:
        with pytest.raises(SearchUnavailable, match="rebuilt"):
            list(walk)
    assert ids(index.walk(EVERYTHING, now=NOW)) == newest_first(given[:5])


def test_nor_is_an_id_left_out(index: SearchIndex, settings: Settings) -> None:
    given = [dated(number) for number in range(ID_PAGE + 50)]
    list(index.write(given))
    known = index.ids()
    seen = list(islice(known, 10))
    open_index(settings).rebuild(given[:5])
    if settings.search == "embedded":
        assert sorted([*seen, *known]) == [one.id for one in given]
    else:
        with pytest.raises(SearchUnavailable, match="rebuilt"):
            list(known)


def test_a_walk_finds_what_a_search_finds(filled: dict[str, SearchIndex]) -> None:
    for asked in ("*", "cambodia", "sokh* OR language:zh", "title:nobody"):
        query = parse_query(asked)
        walked = {kind: ids(index.walk(query, now=NOW)) for kind, index in filled.items()}
        first, *others = walked.values()
        assert all(other == first for other in others)
        found = next(iter(filled.values())).search(query, limit=1000, now=NOW)
        assert set(first) == {hit.id for hit in found.hits}
    since = datetime(2020, 2, 1, tzinfo=UTC)
    late = {kind: ids(index.walk(EVERYTHING, since=since, now=NOW)) for kind, index in filled.items()}
    assert {len(found) for found in late.values()} == {6}


def test_an_empty_index_is_walked_over_at_once(index: SearchIndex) -> None:
    assert ids(index.walk(EVERYTHING, now=NOW)) == []
    assert index.search(EVERYTHING, limit=1, histogram=Interval.DAY, now=NOW).histogram == ()
    assert index.frequencies("text", ["a", "b"]) == {"a": 0, "b": 0}


@pytest.mark.parametrize("interval", Interval)
def test_histograms_count_every_article_once_and_alike(interval: Interval, filled: dict[str, SearchIndex]) -> None:
    query = parse_query("-source:mekong-ribao")
    counted = {k: index.search(query, limit=0, histogram=interval, now=NOW) for k, index in filled.items()}
    first, *others = counted.values()
    assert all(other.histogram == first.histogram for other in others)
    assert sum(each.count for each in first.histogram) == first.total
    for each in first.histogram:
        hits = [moment for moment in _moments(filled["embedded"], "-source:mekong-ribao") if each.start <= moment]
        assert each.count == sum(moment < following(each.start, interval) for moment in hits)


def _moments(index: SearchIndex, query: str) -> list[datetime]:
    return [datetime.fromisoformat(body["date"]) for body in index.walk(parse_query(query), now=NOW)]


def test_months_are_those_of_the_calendar(filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        found = index.search(parse_query("topic:asem"), limit=0, histogram=Interval.MONTH, now=NOW).histogram
        assert found == (Bucket(datetime(2019, 6, 1, tzinfo=UTC), 1), Bucket(datetime(2020, 2, 1, tzinfo=UTC), 2))


@pytest.mark.parametrize(
    ("interval", "start", "end"),
    [
        (Interval.HOUR, "2020-02-29T23:00", "2020-03-01T00:00"),
        (Interval.DAY, "2020-02-29", "2020-03-01"),
        (Interval.WEEK, "2020-02-24", "2020-03-02"),
        (Interval.MONTH, "2020-02-01", "2020-03-01"),
        (Interval.QUARTER, "2020-01-01", "2020-04-01"),
        (Interval.YEAR, "2020-01-01", "2021-01-01"),
    ],
)
def test_a_time_begins_and_the_next_follows(interval: Interval, start: str, end: str) -> None:
    begun = start_of(datetime(2020, 2, 29, 23, 30, tzinfo=UTC), interval)
    assert begun == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert following(begun, interval) == datetime.fromisoformat(end).replace(tzinfo=UTC)
