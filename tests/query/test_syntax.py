"""The query language: what is understood, what is refused, and in which words."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import QueryError, QuerySyntaxError, UnknownField
from pipeline.query import fields, parse_query
from pipeline.query.moments import Literal, Moments
from pipeline.query.tree import (
    And,
    DateRange,
    Everything,
    Exactly,
    Node,
    Not,
    NumberRange,
    Or,
    Present,
    StartsWith,
    Words,
    leaves,
    ranks,
)


def words(*terms: str) -> Or:
    return Or((Words("title", terms), Words("text", terms)))


A, B, C = words("a"), words("b"), words("c")

UNDERSTOOD: dict[str, Node] = {
    "a": A,
    "a b": And((A, B)),
    "a AND b": And((A, B)),
    "a OR b": Or((A, B)),
    "a b OR c": And((A, Or((B, C)))),
    "a AND b OR c": Or((And((A, B)), C)),
    "NOT a": Not(A),
    "-a": Not(A),
    "a -b": And((A, Not(B))),
    "+a b": And((A, B)),
    "a AND NOT b": And((A, Not(B))),
    "(a OR b) c": And((Or((A, B)), C)),
    "and": words("and"),
    "TO": words("to"),
    "*": Everything(),
    "title:*": Present("title"),
    '"Wang Yi"': words("wang", "yi"),
    "“Wang Yi”": words("wang", "yi"),
    "Cambodia-China": words("cambodia", "china"),
    "l'ASEM": words("l", "asem"),
    "柬埔寨": words("柬埔", "埔寨"),
    "title:柬埔寨*": Words("title", ("柬埔", "埔寨")),
    "title:王": StartsWith("title", "王"),
    "title:王*": StartsWith("title", "王"),
    "title:ខ្មែរ": Words("title", ("ខ្", "្ម", "មែ", "ែរ")),
    "title:sokh*": StartsWith("title", "sokh"),
    "title:ÉLÉ*": StartsWith("title", "ele"),
    "source:Xinhua": Exactly("source", "xinhua"),
    'url:"https://x.example/a?b=C"': Exactly("url", "https://x.example/a?b=C"),
    r"id:a\:b\*": Exactly("id", "a:b*"),
    "topic:(asem OR trade)": Or((Exactly("topic", "asem"), Exactly("topic", "trade"))),
    "topic：asem": Exactly("topic", "asem"),
    "topics.asem:>=0.8": NumberRange("topics.asem", 0.8, None),
    "topics.asem:{0.1 TO 0.8]": NumberRange("topics.asem", 0.1, 0.8, include_low=False),
    "revision:2": NumberRange("revision", 2.0, 2.0),
    "revision:[* TO *]": Present("revision"),
    "published:[2019-06-01 TO now]": DateRange("published", Moments(Literal("2019-06-01"), Literal("now"))),
    "published:>now-7d": DateRange("published", Moments(Literal("now-7d"), None, include_low=False)),
    "published:2019-06": DateRange("published", Moments(Literal("2019-06"), Literal("2019-06"))),
    "published:2019-06-09T10:30:00Z": DateRange(
        "published", Moments(Literal("2019-06-09T10:30:00Z"), Literal("2019-06-09T10:30:00Z"))
    ),
}

REFUSED: dict[str, str] = {
    "": "empty",
    "   ": "empty",
    '"abc': "quotation mark is opened and never closed",
    'a" b': "quotation mark is opened and never closed",
    "(a OR b": "parenthesis is opened and never closed",
    "a)": "parenthesis is closed and never opened",
    "a\\": "backslash",
    "a AND": "stops too early",
    "source:": "stops too early",
    "AND b": '"AND" (character 1) is out of place',
    "a OR OR b": '"OR" (character 6) is out of place',
    "[1 TO": "stops too early",
    "'a'": "(character 1) has no meaning there",
    "roam~": "an inexact word (~)",
    '"a b"~3': "words near each other (~)",
    "a^2": "a weight (^)",
    "/a.c/": "a regular expression",
    "a~1.2.3": "something is missing",
    "s*n": "one * at the end",
    "wh?t": "one * at the end",
    "*ing": "one * at the end",
    "a-b*": "can only end a single word",
    "...*": "no word to search for",
    '"—"': "no word to search for",
    "a && b": "AND, OR and NOT",
    "+a OR b": '"+" (must) has no meaning beside OR',
    "[1 TO 2]": "a range needs a field",
    ">3": "a range needs a field",
    "title:[a TO b]": '"title" has no order',
    "source:>b": '"source" has no order',
    "published:yesterday": '"yesterday" is not a date',
    "published:2019-02-30": "not in the calendar",
    "published:20*": "takes whole values",
    "revision:many": '"many" is not a number',
    "topics:asem": "topics.NAME",
    "topics:>1": "has no order",
    'source:""': "given no value",
    "topic:(source:a)": "stands within",
    "url:https://x.example/": "quotation marks",
    "(" * 60 + "a" + ")" * 60: "50 deep",
    "NOT " * 60 + "a": "50 deep",
    "a" * 4001: "longer than 4000",
    "a " * 300: "too many words",
}


@pytest.mark.parametrize("query", UNDERSTOOD)
def test_understood(query: str) -> None:
    assert parse_query(query).root == UNDERSTOOD[query]
    assert parse_query(query).text == query


@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:30])
def test_refused_in_words(query: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(query)
    assert REFUSED[query] in caught.value.message


@pytest.mark.parametrize(
    ("query", "field", "suggestion"),
    [
        ("titel:a", "titel", "title"),
        ("entty:a", "entty", "entity"),
        ("Entity:a", "Entity", "entity"),
        ("topic.asem:>0.5", "topic.asem", "topics.asem"),
        ("publishd:>2019", "publishd", "published"),
        ("a AND (b OR languge:fr)", "languge", "language"),
        ("terms.title:a", "terms.title", "title"),
        ("zzzzzz:a", "zzzzzz", None),
    ],
)
def test_a_misspelt_field_is_an_error_that_suggests_the_right_one(
    query: str, field: str, suggestion: str | None
) -> None:
    with pytest.raises(UnknownField) as caught:
        parse_query(query)
    assert (caught.value.field, caught.value.suggestion, caught.value.subject) == (field, suggestion, query)
    assert suggestion is None or suggestion in str(caught.value)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("a", True), ("topic:asem", False), ("-a", False), ("topic:asem a", True), ("entity:a", True), ("*", False)],
)
def test_only_words_rank(query: str, expected: bool) -> None:
    assert ranks(parse_query(query)) is expected


def test_leaves_say_what_is_negated() -> None:
    found = list(leaves(parse_query("topic:a -(topic:b -topic:c)").root))
    assert found == [(Exactly("topic", "a"), False), (Exactly("topic", "b"), True), (Exactly("topic", "c"), False)]


def test_field_names_come_from_the_mapping() -> None:
    assert {"id", "source", "entity", "topic", "topics", "published", "first_seen", "family"} <= set(fields())
    assert "terms" not in fields()
    assert all(field.about for field in fields().values())


_PIECES = st.sampled_from("柬埔寨 ខ្មែរ a \u200b \ud800".split(" ")) | st.sampled_from(
    r"""" ( ) [ ] { } AND OR NOT TO + - * ? ~ ^ / \ : > <= ' && title published topics.asem now 2019-06 0.5""".split(
        " "
    )
)


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join), st.lists(_PIECES).map(" ".join)))
def test_whatever_is_typed_gives_a_tree_or_a_query_error(query: str) -> None:
    with suppress(QueryError):
        assert isinstance(parse_query(query).root, Node)


@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_any_text_can_be_put_in_quotation_marks(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert parse_query(f"id:{quoted}").root == Exactly("id", text.strip())
