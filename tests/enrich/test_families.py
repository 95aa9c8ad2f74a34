"""Families: copies join, other articles do not, whatever the order, the script and the length."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.enrich.families import bands, choose_family, family_text, group, signature, similarity
from pipeline.enrich.minhash import BANDS, GRAM, minhash
from pipeline.model import Membership
from seeds.make_feeds import HERE, SEED, text_of

FEEDS: list[dict[str, Any]] = YAML(typ="safe").load((HERE / "items.yml").read_text(encoding="utf-8"))
ITEMS = [item for feed in FEEDS for item in feed["items"]]
WHOLE = SEED.read_text(encoding="utf-8")
CUT = WHOLE[: len(WHOLE) * 2 // 3]
HEADLINE = "Cambodia-China ties ‘stronger than ever’, says Sokhonn"
OTHER_HEADLINE = "Foreign minister back from Beijing with praise for Chinese support"
SAME_VISIT = next(item for item in ITEMS if item["id"] == "wm-1103")
NOON = datetime(2019, 6, 9, 12, tzinfo=UTC)


def families(*texts: str) -> list[str]:
    """The family of each text, named by the number of its first member."""
    return [membership.family for membership in group([(str(at), text, None) for at, text in enumerate(texts)])]


def jaccard(one: str, other: str) -> float:
    a, b = ({text[at : at + GRAM] for at in range(len(text) - GRAM + 1)} for text in (one, other))
    return len(a & b) / len(a | b)


# --- the copies of the seed document ----------------------------------------------------------------------------


def test_a_cut_copy_and_a_copy_under_another_headline_join_and_the_same_visit_does_not() -> None:
    articles = [
        (HEADLINE, WHOLE),
        (HEADLINE, CUT),
        (OTHER_HEADLINE, WHOLE),
        (OTHER_HEADLINE, CUT),
        (SAME_VISIT["title"], text_of(SAME_VISIT)),
    ]
    assert families(*(family_text(*article) for article in articles)) == ["0", "0", "0", "0", "4"]
    assert families(*("\n".join(article) for article in articles)) == ["0", "0", "0", "0", "4"]


def test_the_demonstration_feeds_hold_one_family_of_three_and_no_other() -> None:
    found = group([(item["id"], family_text(item["title"], text_of(item)), None) for item in ITEMS])
    together = {member.article for member in found if member.family == "kd-20190609-01"}
    assert together == {"kd-20190609-01", "wm-1101", "wm-1102"}
    assert all(member.family == member.article for member in found if member.article not in together)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["id"])
def test_every_article_is_known_again_when_cut_rewrapped_and_retitled(item: dict[str, Any]) -> None:
    text = text_of(item)
    cut = text[: len(text) * 2 // 3]
    rewrapped = text.upper().replace("\n", " \u200b\n\n  ").replace("，", ", ").replace("’", "'") + "\n(End)"
    whole = signature(family_text(item["title"], text))
    assert choose_family(signature(family_text(item["title"], rewrapped)), [("first", whole)]) is not None
    if len(text) > 300:  # less is left of a shorter one than a body that stands without its headline
        assert choose_family(signature(family_text(OTHER_HEADLINE, cut)), [("first", whole)]) is not None


def test_articles_of_one_subject_stay_far_below_copies() -> None:
    signed = [signature(text_of(item)) for item in ITEMS if "seed" not in item]
    assert max(similarity(a, b) for a, b in combinations(signed, 2)) < 0.3


# --- short texts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Hun Sen in Beijing", "Breaking news", "王毅抵达金边访问", "1", "ភ្នំពេញ"])
def test_a_tiny_text_joins_only_an_identical_one(text: str) -> None:
    assert families(text, text, f"  {text.upper()}!") == ["0", "0", "0"]
    assert families(text, text + " 2", WHOLE, text + "\n" + WHOLE) == ["0", "1", "2", "2"]


@pytest.mark.parametrize("nothing", ["", " \n", "…—!", "\u200b"])
def test_nothing_is_nobodys_copy(nothing: str) -> None:
    assert signature(nothing) == b""
    assert bands(b"") == ()
    assert similarity(b"", b"") == similarity(b"", signature(WHOLE)) == 0.0
    assert families(nothing, nothing, WHOLE) == ["0", "1", "2"]


def test_short_reports_that_differ_in_a_number_are_two() -> None:
    report = "Cambodia reported {} new cases of dengue fever in the past week, the Ministry of Health said on {}."
    monday, later = report.format("1,204", "Monday"), report.format("1,377", "Monday")
    assert similarity(signature(monday), signature(later)) > 0.7
    assert families(monday, later) == ["0", "1"]
    assert families(monday, monday.replace("past week", "past seven days"), monday + " (Xinhua)") == ["0", "0", "0"]


def test_forms_filled_in_differently_are_two() -> None:
    """As long as an article, half of it the same words, and yet neither is cut out of the other."""
    words = random.Random(5)
    form = [" ".join(f"form{words.randrange(10**6)}" for _ in range(6)) for _ in range(40)]
    own = [[" ".join(f"own{words.randrange(10**6)}" for _ in range(2)) for _ in range(40)] for _ in range(2)]
    first, second = ("\n".join(f"{a} {b}" for a, b in zip(form, mine, strict=True)) for mine in own)
    assert 0.5 < jaccard(first, second) < 0.65
    assert families(first, second) == ["0", "1"]


def test_a_short_body_is_compared_with_its_headline() -> None:
    teaser = "Subscribe to continue reading this article, and get full access to our archive."
    assert families(family_text(HEADLINE, teaser), family_text(OTHER_HEADLINE, teaser)) == ["0", "1"]
    assert family_text(HEADLINE, WHOLE) == WHOLE


# --- who is first -----------------------------------------------------------------------------------------------


def test_the_first_is_the_earliest_published_whatever_the_order() -> None:
    items = [("undated", WHOLE, None), ("late", WHOLE, NOON + timedelta(hours=1)), ("early", CUT, NOON)]
    found = group(items)
    assert [member.article for member in found] == ["undated", "late", "early"]
    assert {member.family for member in found} == {"early"}
    assert found[2].similarity == 1.0
    assert found[0].similarity == found[1].similarity == pytest.approx(jaccard(WHOLE, CUT), abs=0.1)


def test_ties_go_to_the_earlier_line_and_offsets_are_moments() -> None:
    elsewhere = NOON.astimezone(tz=None)
    assert {member.family for member in group([("a", WHOLE, elsewhere), ("b", WHOLE, NOON)])} == {"a"}
    assert group([]) == ()
    assert group([("only", "", None)]) == (Membership("only", "only", 1.0),)


def test_the_nearest_family_is_chosen() -> None:
    candidates = [("cut", signature(CUT)), ("whole", signature(WHOLE)), ("again", signature(WHOLE))]
    family, alike = choose_family(signature(WHOLE + " (AKP)"), iter(candidates)) or ("none", 0.0)
    assert family == "whole"
    assert 0.95 < alike <= 1.0
    assert choose_family(signature(text_of(SAME_VISIT)), candidates) is None
    assert choose_family(signature(WHOLE), []) is None


# --- the estimate -----------------------------------------------------------------------------------------------


def made_up(words: random.Random, size: int) -> list[str]:
    return ["".join(words.choices("abcdefghijklmnop", k=words.randint(2, 9))) for _ in range(size)]


def test_cut_copies_meet_in_a_band_far_more_often_than_999_in_1000() -> None:
    """2,000 articles that nobody wrote, a third of each cut off: not one may be missed, in bands or by similarity."""
    words = random.Random(3)
    for _ in range(2000):
        text = made_up(words, 250)
        whole, cut = signature(" ".join(text)), signature(" ".join(text[:167]))
        assert set(bands(whole)) & set(bands(cut))
        assert choose_family(cut, [("whole", whole)]) is not None


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_estimate_is_near_the_truth_and_without_bias(share: float) -> None:
    words = random.Random(7)
    errors = []
    for _ in range(100):
        common, mine, other = (" ".join(made_up(words, 200)) for _ in range(3))
        cut = int(len(common) * share)
        one, two = common[:cut] + mine[: len(mine) - cut], common[:cut] + other[: len(other) - cut]
        errors.append(similarity(signature(one), signature(two)) - jaccard(one, two))
    assert abs(sum(errors) / len(errors)) < 0.015
    assert max(map(abs, errors)) < 0.16


@given(st.text(max_size=300), st.text(max_size=300))
def test_similarity_is_symmetric_bounded_and_one_for_the_same(one: str, other: str) -> None:
    a, b = signature(one), signature(other)
    assert similarity(a, b) == similarity(b, a)
    assert 0.0 <= similarity(a, b) <= 1.0
    assert similarity(a, a) == float(bool(a))
    assert len(bands(a)) in (0, 1, BANDS)
    assert all(len(key) == 12 for key in bands(a))


def test_signatures_stay_what_they_are_for_ever() -> None:
    """They lie in ledgers: a change of the numbers needs another version byte."""
    assert (
        signature("Phnom Penh").hex()
        == "010000000000000000000000000000000000000000000000008a6a9761232437727bf7d0a8054454a8"
    )
    assert bands(signature(WHOLE))[:3] == ("006114f249d8", "010694763866", "02d4be8aac97")
    assert len(signature(WHOLE)) == 409


def test_grams_are_counted_once_and_too_few_are_an_error() -> None:
    assert minhash("abcdeabcde")[0] == 5
    with pytest.raises(ValueError, match="no 5-grams"):
        minhash("abcd")
