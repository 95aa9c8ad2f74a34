"""Articles as documents, the mapping they must fit, and what importing search loads."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pipeline.index import document, match_queries
from pipeline.model import Quote, Span, TopicScore
from pipeline.query import fields, parse_query
from pipeline.query.fields import MAPPINGS, load, schema, shown
from pipeline.settings import ROOT
from tests.index.corpus import KNOWN, SEEN, WANG, annotated, documents


def test_an_article_becomes_everything_known_of_it() -> None:
    moment = datetime(2019, 6, 9, 20, 5, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
    one = annotated(
        "a",
        title="T\u200bitle",
        text="PHNOM PENH (Xinhua) -- Text",
        published=moment,
        author="Sok Pisey",
        mentions=(
            ("Wang Yi", "PERSON", "Wang Yi", "Q701149"),
            ("Wang", "PERSON", "Wang Yi", "Q701149"),
            ("Beijing", "GPE", "Beijing", None),
            ("Chinese", "NORP", "Chinese", None),
        ),
        revision=4,
    )
    scores = (
        TopicScore("asem", 0.91239, True, (Span("ASEM", 0, 4), Span("the summit", 5, 15))),
        TopicScore("trade", 0.1, False),
    )
    one = replace(one, annotation=replace(one.annotation, topics=scores), alerts=("kingdom",), version=6)
    made = document(one, known=KNOWN)
    assert (made.id, made.revision) == ("a", 6)
    assert made.body == {
        "id": "a",
        "source": "example",
        "source_name": "The example",
        "country": "KH",
        "kind": "independent",
        "url": "https://example.example/a",
        "title": "Title",
        "text": "PHNOM PENH (Xinhua) -- Text",
        "language": "en",
        "authors": ["Sok Pisey"],
        "published": "2019-06-09T13:05:00Z",
        "first_seen": "2020-01-15T08:30:00Z",
        "lag": 18991500,
        "date": "2019-06-09T13:05:00Z",
        "wire": "xinhua",
        "topic": ["asem"],
        "topics": {"asem": 0.9124, "trade": 0.1},
        "evidence": ["ASEM", "the summit"],
        "alerts": ["kingdom"],
        "entity": ["Wang Yi", "Q701149", *WANG.aliases, "Wang", "Beijing", "Chinese"],
        "entity_name": ["Wang Yi", "Beijing", "Chinese"],
        "entity_country": ["CN"],
        "entities": [
            {
                "name": "Wang Yi",
                "wikidata": "Q701149",
                "label": "PERSON",
                "country": "CN",
                "kind": "minister",
                "mentions": 2,
                "in_title": True,
            },
            {"name": "Beijing", "label": "GPE", "mentions": 1, "in_title": True},
            {"name": "Chinese", "label": "NORP", "mentions": 1, "in_title": True},
        ],
        "wikidata": ["Q701149"],
        "person": ["Wang Yi"],
        "place": ["Beijing"],
        "family": "a",
        "revision": 4,
    }


def test_quotes_are_words_speakers_and_both_together() -> None:
    raw = "Talks\n“No\u200b, never again.” So it is, he said. So it is, he said."
    one = annotated("a", title="Talks", text=raw.removeprefix("Talks\n"))
    said, so, again = raw.index("No"), raw.index("So"), raw.rindex("So")
    quotes = (
        Quote(said, raw.index("”"), "direct", "Wang Yi", 0, 5),
        Quote(so, so + len("So it is"), "reported"),
        Quote(again, again + len("So it is"), "reported"),
    )
    body = document(one, quotes=quotes).body
    assert body["quote"] == ["No, never again.", "So it is"]
    assert body["speaker"] == ["Wang Yi"]
    assert body["quotes"] == [
        {"text": "No, never again.", "kind": "direct", "speaker": "Wang Yi"},
        {"text": "So it is", "kind": "reported"},
    ]


def test_what_is_unknown_has_no_key() -> None:
    body = document(annotated("a", title="", text="", language=None)).body
    assert set(body) == {
        "id", "source", "source_name", "country", "kind", "url", "first_seen", "date", "family", "revision",
    }  # fmt: skip
    assert body["date"] == body["first_seen"]


def test_documents_are_json_by_the_fields_of_the_mapping() -> None:
    for one in documents():
        assert set(one.body) <= set(fields()) | shown()
        assert json.loads(json.dumps(one.body, ensure_ascii=False).encode("utf-8")) == one.body


def test_dates_no_index_can_hold_are_left_out() -> None:
    body = document(annotated("a", published=datetime(1, 1, 1, tzinfo=UTC))).body
    assert "published" not in body


def test_a_delay_beyond_counting_is_left_out() -> None:
    assert document(annotated("a", published=SEEN + timedelta(hours=1))).body["lag"] == -3600
    old = document(annotated("a", published=datetime(1931, 5, 1, tzinfo=UTC))).body
    assert "published" in old
    assert "lag" not in old


def test_a_mention_in_the_headline_is_told_from_one_in_the_text() -> None:
    one = annotated("a", title="Talks", text="Wang Yi", mentions=(("Wang Yi", "PERSON", "Wang Yi", None),))
    at = len("Talks\n")
    moved = replace(one.annotation.mentions[0], start=at, end=at + len("Wang Yi"))
    below = replace(one, annotation=replace(one.annotation, mentions=(moved,)))
    (entity,) = document(below, known=KNOWN).body["entities"]
    assert entity["in_title"] is False
    assert entity["country"] == "CN"


def test_of_a_namesake_the_watch_list_says_nothing() -> None:
    one = annotated("a", title="Wang Yi skates", mentions=(("Wang Yi", "PERSON", "Wang Yi", None),))
    other = replace(one.annotation.mentions[0], namesake=True)
    body = document(replace(one, annotation=replace(one.annotation, mentions=(other,))), known=KNOWN).body
    assert body["entity"] == ["Wang Yi"]
    assert "entity_country" not in body


def test_a_changed_mapping_has_a_new_schema_number() -> None:
    """An index made by the old one would answer wrongly: raise _meta.schema, then put the new digest here."""
    kept: dict[str, Any] = json.loads((MAPPINGS / "component-fields.json").read_text(encoding="utf-8"))["template"]
    for field in kept["mappings"]["properties"].values():
        field.pop("meta", None)
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    assert (schema(), digest[:16]) == (6, "3950314b33caaee1")


def test_every_text_field_has_its_terms_and_every_description_fits() -> None:
    properties = load()["properties"]
    words = {name for name, made in properties.items() if made.get("type") == "text"}
    assert set(properties["terms"]["properties"]) == words
    assert all(len(made.get("meta", {}).get("about", "")) <= 50 for made in properties.values())


def test_matching_in_memory_needs_no_time_unless_the_query_asks_for_it() -> None:
    queries = {"rice": parse_query("rice"), "none": parse_query("xylophone"), "all": parse_query("*")}
    found = match_queries(queries, documents())
    assert "kd-20190611-04" in found["rice"]
    assert found["none"] == frozenset()
    assert found["all"] == {one.id for one in documents()}
    assert match_queries(queries, []) == dict.fromkeys(queries, frozenset())
    assert match_queries({}, documents()) == {}


def test_importing_search_loads_no_search_engine() -> None:
    loaded = "{'elasticsearch', 'tantivy', 'spacy'} & set(sys.modules)"
    asked = f"import sys, pipeline.query, pipeline.index; print(*{loaded})"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
