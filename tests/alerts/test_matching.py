"""Rules against hand-made articles: every clause must hold, any value within a clause is enough."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.alerts import match_rules
from pipeline.errors import QueryError
from pipeline.model import Rule, WatchEntity
from tests.alerts.examples import annotated, rule, seed, source

NO_HITS: dict[str, frozenset[str]] = {}
WANG_YI = WatchEntity("Wang Yi", "PERSON", "Q702455", "CN", None, ("王毅", "វ៉ាង យី"))


def matches(given: Rule, **changes: Any) -> bool:
    return bool(match_rules([given], [seed(**changes)], query_hits=NO_HITS))


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ({"topics": ("asem",)}, True),
        ({"topics": ("no_such", "asem")}, True),
        ({"topics": ("no_such",)}, False),
        ({"sources": ("kingdom-daily",)}, True),
        ({"sources": ("xinhua",)}, False),
        ({"languages": ("fr", "en")}, True),
        ({"languages": ("fr",)}, False),
        ({"topics": ("asem",), "languages": ("en",), "sources": ("kingdom-daily",)}, True),
        ({"topics": ("asem",), "languages": ("fr",), "sources": ("kingdom-daily",)}, False),
    ],
)
def test_clauses_hold_together(clauses: dict[str, Any], expected: bool) -> None:
    assert matches(rule(**clauses)) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Prak Sokhonn", True),  # canonical name
        ("prak  SOKHONN", True),  # case and white space
        ("Prák Sokhónn", True),  # accents
        ("Sokhonn", True),  # a name used in the text
        ("Q6377164", True),  # Wikidata
        ("q6377164", True),
        ("Sokh", False),  # part of a name is no name
        ("Hun Sen", False),
        ("Q637716", False),
    ],
)
def test_an_entity_is_known_by_name_mention_or_id(value: str, expected: bool) -> None:
    assert matches(rule(entities=(value,))) is expected


def test_the_watchlist_lends_its_aliases_to_rules() -> None:
    by_alias = rule(entities=("王毅",))
    assert not match_rules([by_alias], [seed()], query_hits=NO_HITS)
    (match,) = match_rules([by_alias], [seed()], query_hits=NO_HITS, watchlist=[WANG_YI])
    assert [(reason.value, reason.words) for reason in match.reasons] == [("王毅", ("Wang Yi",))]


def test_a_namesake_is_not_who_a_rule_names() -> None:
    article = seed()
    names = [replace(mention, namesake=True) for mention in article.annotation.mentions]
    other = replace(article, annotation=replace(article.annotation, mentions=tuple(names)))
    named = rule(entities=("Wang Yi",))
    assert match_rules([named], [article], query_hits=NO_HITS)
    assert not match_rules([named], [other], query_hits=NO_HITS)


def test_an_entity_in_traditional_characters_is_found_by_simplified_ones() -> None:
    article = annotated("習近平訪柬", "", names=(("習近平", "PERSON", "習近平", None),), language="zh")
    assert match_rules([rule(entities=("习近平",))], [article], query_hits=NO_HITS)


def test_a_topic_that_was_scored_but_no_match_does_not_count() -> None:
    assert not match_rules([rule()], [seed(topics={}, near={"cambodia_china": 0.49})], query_hits=NO_HITS)


def test_queries_are_what_the_caller_found() -> None:
    asked = rule("q", query='entity:"Wang Yi"', languages=("en",))
    batch = [seed(id="a1"), seed(id="a2"), seed(id="a3", language="fr")]
    found = match_rules([asked], batch, query_hits={"q": frozenset({"a2", "a3"})})
    assert [match.annotated.article.id for match in found] == ["a2"]
    assert [(reason.clause, reason.value) for reason in found[0].reasons] == [
        ("query", 'entity:"Wang Yi"'),
        ("language", "en"),
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('entity:"Prak Sokhonn"', ("Sokhonn", "Prak Sokhonn")),
        ("entity:keqiang", ("Li Keqiang",)),
        ('"belt and ROAD" OR nothing', ("Belt and Road",)),
        ("title:ties AND text:amicable", ("ties", "amicable")),
        ("text:amic*", ("amicable",)),
        ("topic:asem", ("Asem13 Summit", "Asem partnership")),
        ("title:amicable OR language:en", ()),
        ("language:en AND NOT amicable", ()),
    ],
)
def test_what_a_query_asked_for_is_shown(query: str, words: tuple[str, ...]) -> None:
    (match,) = match_rules([rule("q", query=query)], [seed()], query_hits={"q": frozenset({"a1"})})
    assert match.reasons[0].words == words


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [("王毅同柬埔寨副首相举行会谈", "柬埔寨", ("柬埔寨",)), ("ភ្នំពេញ៖ ទំនាក់ទំនងកម្ពុជា-ចិន", "កម្ពុជា", ("កម្ពុជា",))],
)
def test_a_query_in_a_script_without_spaces_is_shown(text: str, query: str, words: tuple[str, ...]) -> None:
    (match,) = match_rules([rule("q", query=query)], [annotated("x", text)], query_hits={"q": frozenset({"a1"})})
    assert match.reasons[0].words == words


def test_a_query_that_nobody_evaluated_is_an_error_not_a_miss() -> None:
    with pytest.raises(QueryError, match='the query of alert "q" was not evaluated'):
        match_rules([rule("q", query="asem")], [seed()], query_hits={"other": frozenset()})


def test_a_rule_without_clauses_matches_nothing() -> None:
    assert not match_rules([Rule("all", ("a@example.org",))], [seed()], query_hits=NO_HITS)


def test_reasons_hold_the_words_that_decided() -> None:
    wanted = rule(topics=("asem", "cambodia_china"), entities=("Prak Sokhonn",), sources=("kingdom-daily",))
    (match,) = match_rules([wanted], [seed()], query_hits=NO_HITS)
    assert [(reason.clause, reason.value, reason.words) for reason in match.reasons] == [
        ("topic", "asem", ("Asem13 Summit", "Asem partnership")),
        (
            "topic",
            "cambodia_china",
            ("Cambodia and China", "China-Cambodia Community of Shared Future", "Belt and Road"),
        ),
        ("entity", "Prak Sokhonn", ("Sokhonn", "Prak Sokhonn")),
        ("source", "kingdom-daily", ("Kingdom Daily",)),
    ]


def test_a_regional_language_is_matched_by_its_base() -> None:
    article = seed(language="zh-TW")
    assert match_rules([rule(languages=("zh",))], [article], query_hits=NO_HITS)
    assert not match_rules([rule(languages=("tw",))], [article], query_hits=NO_HITS)


def test_matches_come_in_order_of_articles_then_rules() -> None:
    rules = [rule("b", topics=("asem",)), rule("a")]
    found = match_rules(rules, [seed(id="2"), seed(id="1")], query_hits=NO_HITS)
    assert [(m.annotated.article.id, m.rule.name) for m in found] == [("2", "b"), ("2", "a"), ("1", "b"), ("1", "a")]


CLAUSES = st.fixed_dictionaries(
    {
        "topics": st.sets(st.sampled_from(["asem", "cambodia_china", "none"])).map(tuple),
        "entities": st.sets(st.sampled_from(["Sokhonn", "Q702455", "Hun Sen"])).map(tuple),
        "sources": st.sets(st.sampled_from(["kingdom-daily", "xinhua"])).map(tuple),
        "languages": st.sets(st.sampled_from(["en", "km"])).map(tuple),
    }
)


def only(clause: str, value: str) -> Rule:
    clauses: dict[str, Any] = {clause: (value,)}
    return rule(**clauses)


@hypothesis_settings(deadline=None)
@given(CLAUSES)
def test_a_rule_matches_exactly_when_each_of_its_clauses_alone_does(clauses: dict[str, Any]) -> None:
    given_clauses = {name: values for name, values in clauses.items() if values}
    article = seed(outlet=source())
    alone = [
        any(match_rules([only(name, value)], [article], query_hits=NO_HITS) for value in values)
        for name, values in given_clauses.items()
    ]
    whole = match_rules([Rule("r", ("a@example.org",), **given_clauses)], [article], query_hits=NO_HITS)
    assert bool(whole) is (bool(alone) and all(alone))
