"""Names that start as typed, and articles like one: the same from every back end."""

from __future__ import annotations

import pytest

from pipeline.errors import NotFound, QueryError, QuerySyntaxError
from pipeline.index import SearchIndex, Suggestion, check_topics, document, similar, suggest
from pipeline.index.base import DEEPEST_HIT
from pipeline.model import NameKind
from pipeline.query import parse_query
from tests.index.corpus import KNOWN, NOW, annotated

SOKHONN = Suggestion("Prak Sokhonn", "person", "Q16930233", 4)
WANG_YI = Suggestion("Wang Yi", "person", "Q701149", 3)
SEED, COPY, CUT = "kd-20190609-01", "wm-1102", "wm-1101"


def named(suggestion: Suggestion, alias: str) -> Suggestion:
    return Suggestion(suggestion.name, suggestion.kind, suggestion.wikidata, suggestion.count, alias)


@pytest.mark.parametrize(
    ("typed", "kind", "expected"),
    [
        ("sok", None, (SOKHONN,)),
        ("PRAK  so", None, (SOKHONN,)),
        ("okhonn", None, ()),
        ("布拉", None, (named(SOKHONN, "布拉索昆"),)),
        ("拉索", None, ()),
        ("ប្រាក់ សុ", None, (named(SOKHONN, "ប្រាក់ សុខុន"),)),
        ("សុខ", None, (named(SOKHONN, "ប្រាក់ សុខុន"),)),
        ("王", None, (named(WANG_YI, "王毅"),)),
        ("wang", None, (WANG_YI, Suggestion("Wang Lutong", "person", None, 1))),
        ("wang", "org", ()),
        ("commission", "org", (
            Suggestion("European Commission", "org", "Q8880", 1),
            Suggestion("Mekong River Commission", "org", None, 1),
        )),
        ("c", "place", (Suggestion("Cambodia", "place", "Q424", 1),)),
        ("bon", "event", (Suggestion("Bon Om Touk", "event", None, 1),)),
        ("zzz", None, ()),
    ],
)  # fmt: skip
def test_names_are_suggested_the_most_frequent_first(
    typed: str, kind: NameKind | None, expected: tuple[Suggestion, ...], filled: dict[str, SearchIndex]
) -> None:
    for index in filled.values():
        assert suggest(index, typed, kind=kind, limit=10, known=KNOWN, now=NOW) == expected
        assert suggest(index, typed, kind=kind, limit=1, known=KNOWN, now=NOW) == expected[:1]


def test_nothing_to_start_with_is_an_error(filled: dict[str, SearchIndex]) -> None:
    with pytest.raises(QuerySyntaxError, match="no letter or digit"):
        suggest(filled["embedded"], " -!", limit=10, now=NOW)


def test_a_start_longer_than_any_name_is_an_error(filled: dict[str, SearchIndex]) -> None:
    assert suggest(filled["embedded"], "a" * 200, limit=10, now=NOW) == ()
    with pytest.raises(QuerySyntaxError, match=r"^a{30}\.\.\.: .* at most 200 characters; these are 9,000$"):
        suggest(filled["embedded"], "a" * 9000, limit=10, now=NOW)


@pytest.mark.parametrize("typed", ["topic:nobody_knows", "rice -topic:nobody_knows", "topics.nobody_knows:*"])
def test_a_topic_that_there_is_not_is_an_error(typed: str, filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        with pytest.raises(QueryError, match=r'there is no topic "nobody_knows"; there are: asem$'):
            check_topics(index, parse_query(typed), known=["asem"], now=NOW)


@pytest.mark.parametrize("typed", ["topic:asem", "topics.asem:>0.5", "topics.asem:*", "rice", "topic:*", "topic:nob*"])
def test_a_topic_that_articles_still_have_is_none(typed: str, filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        check_topics(index, parse_query(typed), known=[], now=NOW)


@pytest.mark.parametrize(
    ("article", "first"),
    [
        (SEED, COPY),
        ("mr-20200219-3", "mr-20190608-1"),
        ("sm-20190608-1", "sm-20191106-1"),
    ],
)
def test_the_most_alike_come_first_everywhere(article: str, first: str, filled: dict[str, SearchIndex]) -> None:
    found = {
        kind: [(one.hit.id, one.likeness, one.copy) for one in similar(index, article, limit=5, now=NOW)]
        for kind, index in filled.items()
    }
    one, *others = found.values()
    assert all(other == one for other in others)
    assert one[0][0] == first
    assert article not in {id for id, _, _ in one}
    assert [likeness for _, likeness, _ in one] == sorted((likeness for _, likeness, _ in one), reverse=True)


def test_however_many_are_wished(filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        assert len(similar(index, SEED, limit=DEEPEST_HIT, now=NOW)) >= 1


def test_copies_are_left_out_or_marked(index: SearchIndex) -> None:
    text = "Longan growers in Pailin sent forty tonnes to Shanghai by rail this week."
    made = [annotated(name, text=text) for name in ("first", "alike")]
    made.append(annotated("other", text="Longan from Pailin is sold in Battambang."))
    copy = document(annotated("copy", text=text))
    copy = type(copy)("copy", 1, {**copy.body, "family": "first"})
    list(index.write([*map(document, made), copy]))
    found = similar(index, "first", limit=10, now=NOW)
    assert [(one.hit.id, one.copy) for one in found] == [("alike", False), ("other", False)]
    assert found[0].likeness == 1 > found[1].likeness > 0
    with_copies = similar(index, "first", limit=10, copies=True, now=NOW)
    assert [(one.hit.id, one.copy) for one in with_copies] == [("alike", False), ("copy", True), ("other", False)]


def test_an_article_without_words_is_like_none_and_one_that_is_not_there_is_an_error(
    filled: dict[str, SearchIndex],
) -> None:
    for index in filled.values():
        assert similar(index, "empty", limit=5, now=NOW) == ()
        with pytest.raises(NotFound, match="no such article"):
            similar(index, "nobody", limit=5, now=NOW)
