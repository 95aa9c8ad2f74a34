"""What all back ends promise beyond finding: outcomes, revisions, facets, order, highlights, rebuilding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import IndexMismatch, QueryError, QuerySyntaxError
from pipeline.index import Document, FacetCount, SearchIndex, document, open_index
from pipeline.query import parse_query
from pipeline.settings import Settings
from tests.index.corpus import KNOWN, NOW, SEEN, annotated, documents


def made(identity: str, *, revision: int = 1, title: str = "Title", seen: datetime = SEEN) -> Document:
    return document(annotated(identity, title=title, revision=revision, first_seen=seen))


def write(index: SearchIndex, *given: Document) -> list[tuple[str, str]]:
    return [(outcome.id, outcome.status) for outcome in index.write(given)]


def find(index: SearchIndex, query: str) -> list[str]:
    return [hit.id for hit in index.search(parse_query(query), limit=100, now=NOW).hits]


def test_every_document_has_an_outcome_in_order(index: SearchIndex) -> None:
    given = [made(f"n{number}") for number in range(1203)]
    outcomes = list(index.write(given))
    assert [outcome.id for outcome in outcomes] == [one.id for one in given]
    assert {outcome.status for outcome in outcomes} == {"written"}
    assert index.count() == 1203
    assert set(index.ids()) == {one.id for one in given}


def test_writing_twice_changes_nothing(index: SearchIndex) -> None:
    assert write(index, made("a")) == [("a", "written")]
    assert write(index, made("a")) == [("a", "written")]
    assert index.count() == 1


def test_a_newer_revision_replaces_and_an_older_one_does_not(index: SearchIndex) -> None:
    write(index, made("a", revision=2, title="second"))
    assert write(index, made("a", revision=1, title="first")) == [("a", "kept")]
    assert find(index, "title:first") == []
    assert write(index, made("a", revision=3, title="third")) == [("a", "written")]
    assert find(index, "title:second") == []
    assert find(index, "title:third") == ["a"]
    assert index.count() == 1


def test_revisions_of_one_article_in_one_batch(index: SearchIndex) -> None:
    given = [made("a", revision=2, title="second"), made("a", title="first"), made("a", revision=5, title="fifth")]
    assert write(index, *given) == [("a", "written"), ("a", "kept"), ("a", "written")]
    assert find(index, "title:*") == ["a"]
    assert find(index, "title:fifth") == ["a"]


def test_a_document_that_cannot_be_indexed_harms_no_other(index: SearchIndex) -> None:
    bad = Document("bad", 1, {**made("bad").body, "colour": "red"})
    outcomes = {outcome.id: outcome for outcome in index.write([made("a"), bad, made("b")])}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "a": "written",
        "bad": "rejected",
        "b": "written",
    }
    error = outcomes["bad"].error
    assert error is not None
    assert (error.code, error.subject, error.transient) == ("document_rejected", "bad", False)
    assert "colour" in str(error)
    assert set(index.ids()) == {"a", "b"}


def test_deleted_articles_are_gone_and_can_come_back(index: SearchIndex) -> None:
    write(index, made("a"), made("b"), made("c", seen=SEEN + timedelta(days=40)))
    assert index.delete(["a", "c", "nobody"]) == 2
    assert find(index, "*") == ["b"]
    assert index.get("a") is None
    assert write(index, made("a")) == [("a", "written")]
    assert set(find(index, "*")) == {"a", "b"}


def test_what_came_back_has_only_what_was_given_last(index: SearchIndex) -> None:
    write(index, made("a", revision=3, title="before"))
    index.delete(["a"])
    assert write(index, made("a", revision=3, title="after"), made("a", revision=2)) == [
        ("a", "written"),
        ("a", "kept"),
    ]
    assert find(index, "title:after") == ["a"]
    assert find(index, "title:before OR title:title") == []


def test_the_body_comes_back_as_it_was_given(index: SearchIndex) -> None:
    given = next(one for one in documents() if one.id == "kd-20190609-01")
    write(index, given)
    assert index.get(given.id) == given.body


def test_rebuilding_leaves_exactly_what_is_given(index: SearchIndex) -> None:
    write(index, made("a", revision=7), made("b"))
    done = index.rebuild(
        iter([made("b", revision=2, title="again"), made("c", seen=SEEN + timedelta(days=40)), made("b")])
    )
    assert (done.written, done.kept, done.rejected) == (2, 1, ())
    assert set(index.ids()) == {"b", "c"}
    assert find(index, "title:again") == ["b"]
    assert write(index, made("a")) == [("a", "written")]
    assert index.rebuild([]).written == 0
    assert index.count() == 0
    assert write(index, made("d")) == [("d", "written")]


def test_a_rebuild_is_not_seen_before_it_is_whole(index: SearchIndex, settings: Settings) -> None:
    write(index, made("old"))
    seen: list[list[str]] = []

    def watched() -> list[Document]:
        seen.append(find(open_index(settings), "*"))
        return [made("new")]

    def stream() -> Iterator[Document]:
        yield from watched()
        seen.append(find(open_index(settings), "*"))

    index.rebuild(stream())
    assert seen == [["old"], ["old"]]
    assert find(open_index(settings), "*") == ["new"]


def test_a_rebuild_that_fails_leaves_the_old_index(index: SearchIndex) -> None:
    write(index, made("old"))

    def broken() -> Iterator[Document]:
        yield made("new")
        raise RuntimeError("the ledger went away")

    with pytest.raises(RuntimeError):
        index.rebuild(broken())
    assert find(index, "*") == ["old"]
    assert index.rebuild([made("new")]).written == 1
    assert find(index, "*") == ["new"]


def test_other_readers_see_what_is_written(index: SearchIndex, settings: Settings) -> None:
    reader = open_index(settings)
    assert reader.count() == 0
    write(index, made("a"))
    assert find(reader, "*") == ["a"]
    index.rebuild([made("b")])
    assert find(reader, "*") == ["b"]
    assert write(reader, made("c")) == [("c", "written")]
    assert set(find(index, "*")) == {"b", "c"}


def test_no_index_is_an_error_that_says_what_to_do(settings: Settings) -> None:
    nothing = open_index(settings)
    for ask in (nothing.count, nothing.ping, lambda: find(nothing, "*"), lambda: nothing.get("a")):
        with pytest.raises(IndexMismatch, match="newswatch reindex"):
            ask()
    nothing.rebuild([made("a")])
    assert find(nothing, "*") == ["a"]


def test_ping_says_what_answers(index: SearchIndex) -> None:
    write(index, made("a"), made("b"))
    assert "2 articles" in index.ping()


def test_facets_count_all_that_match(filled: dict[str, SearchIndex]) -> None:
    query = parse_query('entity:"Prak Sokhonn"')
    names = ("language", "source", "topic", "person", "org", "place", "entity", "country", "family")
    found = {kind: index.search(query, limit=1, facets=names, now=NOW).facets for kind, index in filled.items()}
    assert found == dict.fromkeys(found, found["embedded"])
    facets = found["embedded"]
    assert facets["language"] == tuple(FacetCount(language, 1) for language in ("en", "fr", "km", "zh"))
    assert facets["person"] == (FacetCount("Prak Sokhonn", 4), FacetCount("Wang Yi", 2), FacetCount("Li Keqiang", 1))
    assert facets["topic"] == (FacetCount("cambodia_china", 2), FacetCount("asem", 1))
    assert facets["entity"][0] == FacetCount("Prak Sokhonn", 4)
    assert facets["place"] == (FacetCount("Cambodia", 1),)


@pytest.mark.parametrize(
    ("facet", "said"),
    [
        ("sorce", 'facet: there is no field "sorce"; did you mean "source"?'),
        ("title", 'facet: the values of "title" cannot be counted'),
        ("published", 'facet: the values of "published" cannot be counted'),
    ],
)
def test_a_facet_that_cannot_be_counted_is_an_error(facet: str, said: str, filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        with pytest.raises(QueryError) as caught:
            index.search(parse_query("*"), limit=1, facets=(facet,), now=NOW)
        assert str(caught.value) == said


def test_since_goes_by_publication_or_else_by_first_sight(index: SearchIndex) -> None:
    old, new = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 14, tzinfo=UTC)
    given = [annotated("old", published=old), annotated("new", published=new), annotated("undated", first_seen=SEEN)]
    write(index, *map(document, given))
    since = datetime(2020, 1, 14, tzinfo=UTC)
    found = index.search(parse_query("*"), limit=10, since=since, now=NOW)
    assert [hit.id for hit in found.hits] == ["undated", "new"]


def test_filters_alone_list_newest_first(filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        hits = index.search(parse_query("source:mekong-ribao"), limit=10, now=NOW).hits
        moments = [hit.published for hit in hits if hit.published]
        assert len(moments) == 5
        assert moments == sorted(moments, reverse=True)


def test_words_rank_the_fitting_article_first(index: SearchIndex) -> None:
    passing = document(annotated("passing", title="Rice", text="Much about rice. " * 50 + "The summit was mentioned."))
    about = document(annotated("about", title="Summit opens", text="The summit opened on Monday."))
    write(index, passing, about)
    assert find(index, "summit") == ["about", "passing"]


def test_pages_of_hits_join_without_gaps(filled: dict[str, SearchIndex]) -> None:
    for index in filled.values():
        query = parse_query("language:en")
        pages = [index.search(query, limit=5, offset=offset, now=NOW) for offset in range(0, 40, 5)]
        ids = [hit.id for page in pages for hit in page.hits]
        assert len(ids) == len(set(ids)) == pages[0].total
        assert index.search(query, limit=0, now=NOW).hits == ()
        with pytest.raises(QuerySyntaxError, match="10,000"):
            index.search(query, limit=10, offset=10_000, now=NOW)


def test_hits_show_what_matched_the_same_everywhere(filled: dict[str, SearchIndex]) -> None:
    for asked in ('entity:"Sokhonn"', "柬埔寨", "កម្ពុជា", "sokh* AND beijing"):
        found = {
            kind: {hit.id: hit.highlights for hit in index.search(parse_query(asked), limit=50, now=NOW).hits}
            for kind, index in filled.items()
        }
        assert found == dict.fromkeys(found, found["embedded"])


def test_aliases_that_the_text_lacks_are_found(index: SearchIndex) -> None:
    article = annotated("a", mentions=(("Wang Yi", "PERSON", "Wang Yi", "Q701149"),))
    write(index, document(article, known=KNOWN))
    assert find(index, "entity:王毅") == ["a"]
    assert find(index, 'entity_name:"王毅"') == []
