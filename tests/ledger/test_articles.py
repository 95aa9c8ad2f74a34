"""Articles: one id for ever, no version lost, nothing new on a second reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.errors import NotFound
from pipeline.ledger import Ledger, articles
from pipeline.ledger.articles import MOST_REVISIONS, Saved
from pipeline.ledger.identity import Draft
from tests.ledger.examples import LONG, MINUTE, NOW, draft


def save(ledger: Ledger, *drafts: Draft, minutes: int = 0) -> tuple[Saved, ...]:
    with ledger.transaction("test") as connection:
        return articles.save(connection, drafts, now=NOW + minutes * MINUTE)


def outcomes(saved: Sequence[Saved]) -> list[str]:
    return [each.outcome for each in saved]


def test_a_second_reading_brings_nothing(ledger: Ledger) -> None:
    first = save(ledger, draft(1), draft(2))
    again = save(ledger, draft(2), draft(1))
    assert outcomes(first) == ["new", "new"]
    assert outcomes(again) == ["known", "known"]
    assert {each.id for each in first} == {each.id for each in again}


@pytest.mark.parametrize(
    "changed",
    [
        replace(draft(), url="https://daily.example/moved/1"),
        replace(draft(), guid="another-guid"),
        replace(draft(), guid="another-guid", url="https://daily.example/moved/1"),
        replace(draft(), guid=None),
        replace(draft(), title="A better headline"),
        replace(draft(), text="Rewritten from the first word to the last."),
    ],
)
def test_whatever_changes_the_id_stays(ledger: Ledger, changed: Draft) -> None:
    (first,) = save(ledger, draft())
    (second,) = save(ledger, changed)
    assert second.id == first.id
    assert second.outcome in ("known", "updated")


def test_an_update_keeps_the_version_before(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    (second,) = save(ledger, replace(draft(), title="Corrected"), minutes=5)
    assert (second.outcome, second.revision) == ("updated", 2)
    with ledger.read() as connection:
        article = articles.load(connection, [first.id])[first.id]
        (before,) = articles.versions(connection, first.id)
    assert (article.title, article.revision, article.first_seen) == ("Corrected", 2, NOW)
    assert (before.title, before.revision, before.replaced) == ("Headline 1", 1, NOW + 5 * MINUTE)


def test_a_new_alias_is_remembered(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    moved = replace(draft(), url="https://daily.example/moved/1")
    save(ledger, moved)
    (third,) = save(ledger, replace(moved, guid=None, text="Only the new address is left of what it was.", title="T"))
    assert third.id == first.id


def test_the_same_address_from_another_source_is_the_same_article(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    (second,) = save(ledger, replace(draft(), source="wire", guid="wire-1", title="Our headline for it"))
    assert (second.id, second.outcome) == (first.id, "known")


def test_the_same_guid_from_another_source_is_another_article(ledger: Ledger) -> None:
    (first,) = save(ledger, replace(draft(), guid="1"))
    (second,) = save(ledger, replace(draft(2), guid="1", source="wire"))
    assert second.id != first.id


def test_entries_that_share_guid_and_address_are_told_apart_by_content(ledger: Ledger) -> None:
    ticker = [replace(draft(n), guid="ticker", url="https://daily.example/live") for n in range(1, 4)]
    assert outcomes(save(ledger, *ticker)) == ["new", "new", "new"]
    assert outcomes(save(ledger, *ticker)) == ["known", "known", "known"]


def test_a_page_that_changes_under_one_address_is_several_articles(ledger: Ledger) -> None:
    live = "https://daily.example/live"
    (first,) = save(ledger, replace(draft(1), url=live))
    (second,) = save(ledger, replace(draft(2), url=live))
    assert second.id != first.id
    assert outcomes(save(ledger, replace(draft(1), url=live))) == ["known"]


def test_short_entries_without_any_name_are_kept_apart_and_known_again(ledger: Ledger) -> None:
    bare = [Draft("daily", None, None, title, "") for title in ("Rain", "Sun")]
    assert outcomes(save(ledger, *bare)) == ["new", "new"]
    assert outcomes(save(ledger, *bare)) == ["known", "known"]


def test_the_same_entry_twice_in_one_document_is_one_article(ledger: Ledger) -> None:
    saved = save(ledger, draft(), draft())
    assert outcomes(saved) == ["new", "known"]
    assert saved[0].id == saved[1].id


def test_endless_small_edits_stop_making_versions(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    for number in range(MOST_REVISIONS + 5):
        save(ledger, replace(draft(), text=f"{LONG} Viewed {number} times."))
    (last,) = save(ledger, replace(draft(), title="But a new headline counts"))
    assert last.id == first.id
    assert last.revision == MOST_REVISIONS + 1


def test_an_update_without_a_date_keeps_the_date(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    save(ledger, replace(draft(), published=None, title="Corrected"))
    with ledger.read() as connection:
        assert articles.load(connection, [first.id])[first.id].published == draft().published


def test_a_page_only_adds(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    with ledger.transaction("test") as connection:
        less = articles.save_page(connection, first.id, text="Short.", language="en", error=None, now=NOW)
        more = articles.save_page(connection, first.id, text=LONG * 9, language="en", error=None, now=NOW)
        same = articles.save_page(connection, first.id, text=LONG * 9, language="en", error=None, now=NOW)
        article = articles.load(connection, [first.id])[first.id]
    assert (less, more, same) == (None, 2, None)
    assert (article.text, article.revision, article.language) == (LONG * 9, 2, "en")


def test_a_page_is_asked_for_once_until_the_entry_changes(ledger: Ledger) -> None:
    (first,) = save(ledger, draft())
    with ledger.transaction("test") as connection:
        assert articles.lacking_page(connection, [first.id]) == {first.id: draft().url}
        articles.save_page(connection, first.id, text=None, language=None, error="refused", now=NOW)
        assert articles.lacking_page(connection, [first.id]) == {}
    save(ledger, replace(draft(), title="Corrected"))
    with ledger.read() as connection:
        assert list(articles.lacking_page(connection, [first.id])) == [first.id]


def test_find_wants_a_prefix_that_is_unique(ledger: Ledger) -> None:
    saved = save(ledger, *(draft(number) for number in range(40)))
    with ledger.read() as connection:
        assert articles.find(connection, saved[7].id[:12]).id == saved[7].id
        for prefix in ("", "%", "zz"):
            with pytest.raises(NotFound):
                articles.find(connection, prefix)


def test_hundreds_of_entries_in_one_document(ledger: Ledger) -> None:
    many = [draft(number) for number in range(1200)]
    assert set(outcomes(save(ledger, *many))) == {"new"}
    assert set(outcomes(save(ledger, *many))) == {"known"}
    with ledger.read() as connection:
        assert sum(len(chunk) for chunk in articles.all_ids(connection)) == 1200
