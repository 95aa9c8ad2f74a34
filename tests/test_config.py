"""Configuration: what is right is read whole, and each kind of mistake names file, line, key and what was meant."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.config import Config, load_config
from pipeline.errors import ConfigError
from pipeline.model import Rule, Source, SourceKind, TopicPatterns, WatchEntity
from pipeline.settings import ROOT

SOURCE = "{id: post, name: The Post, url: 'https://post.example/feed', country: KH, language: en, kind: independent}"
TOPIC = "{name: asem, title: ASEM}"
ENTITY = "{name: Wang Yi, label: PERSON}"
RULE = "{name: desk, recipients: [desk@example.org], topics: [asem]}"
FILES = {
    "feeds": ("sources", SOURCE),
    "topics": ("topics", TOPIC),
    "watchlist": ("entities", ENTITY),
    "alerts": ("alerts", RULE),
}


def write(folder: Path, **rows: tuple[str, ...]) -> None:
    """The four files, with one good row each, or the rows given for a file; the first row is on line 3."""
    for name, (key, good) in FILES.items():
        listed = "\n".join(f"  - {row}" for row in rows.get(name, (good,)))
        (folder / f"{name}.yml").write_text(f"# a comment\n{key}:\n{listed}\n", encoding="utf-8")


def refusal(folder: Path, *, demo: bool = False) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(folder, demo=demo)
    return caught.value


def changed(row: str, old: str, new: str) -> str:
    assert old in row
    return row.replace(old, new)


def more(row: str, pairs: str) -> str:
    return f"{row[:-1]}, {pairs}}}"


# --- what is right ------------------------------------------------------------------------------------------


def test_everything_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        feeds=(more(SOURCE, "home: 'https://post.example/', every: 30m, pages: never, allow_private: true"),),
        topics=("{name: asem, title: ASEM, threshold: 0.6, patterns: {en: {terms: [ASEM], pairs: [[[a], [b, c]]]}}}",),
        watchlist=("{name: Wang Yi, label: PERSON, country: CN, aliases: [王毅], needs: [minister]}",),
        alerts=(
            "{name: desk, recipients: [a@example.org], query: 'entity:\"Wang Yi\"', sources: [post], when: digest}",
        ),
    )
    found = load_config(tmp_path)
    assert found.sources == (
        Source(
            id="post",
            name="The Post",
            url="https://post.example/feed",
            home="https://post.example/",
            country="KH",
            language="en",
            kind=SourceKind.INDEPENDENT,
            pages="never",
            every=timedelta(minutes=30),
            allow_private=True,
        ),
    )
    (topic,) = found.topics
    assert (topic.name, topic.threshold, topic.candidate) == ("asem", 0.6, 0.15)
    assert topic.patterns == {"en": TopicPatterns(terms=("ASEM",), pairs=((("a",), ("b", "c")),))}
    assert found.watchlist == (
        WatchEntity("Wang Yi", "PERSON", None, "CN", None, aliases=("王毅",), needs=("minister",)),
    )
    assert found.rules == (
        Rule("desk", ("a@example.org",), query='entity:"Wang Yi"', sources=("post",), when="digest"),
    )


def test_the_configuration_of_the_project_is_right() -> None:
    found = load_config(ROOT / "config", demo=True)
    assert len(found.sources) >= 46
    assert {topic.name for topic in found.topics} == {"cambodia_china", "asem"}


def test_demonstration_feeds_are_read_only_when_asked_for(tmp_path: Path) -> None:
    write(tmp_path)
    assert [source.id for source in load_config(tmp_path).sources] == ["post"]
    assert refusal(tmp_path, demo=True).file == str(tmp_path / "demo.yml")
    shown = changed(changed(SOURCE, "id: post", "id: show"), "post.example", "show.example")
    (tmp_path / "demo.yml").write_text(f"sources:\n  - {more(shown, 'demo: true')}\n", encoding="utf-8")
    assert [(each.id, each.demo) for each in load_config(tmp_path, demo=True).sources] == [
        ("post", False),
        ("show", True),
    ]


def test_empty_lists_are_right(tmp_path: Path) -> None:
    for name, (key, _) in FILES.items():
        (tmp_path / f"{name}.yml").write_text(f"{key}: []\n", encoding="utf-8")
    assert load_config(tmp_path) == Config((), (), (), ())


def test_an_office_is_held_from_its_first_day_on_and_no_more_on_its_last(tmp_path: Path) -> None:
    write(tmp_path, watchlist=(more(ENTITY, "offices: [{title: Minister, since: 2016-04, until: 2023-08-22}]"),))
    ((office,),) = (each.offices for each in load_config(tmp_path).watchlist)
    days = (date(2016, 3, 31), date(2016, 4, 1), date(2023, 8, 21), date(2023, 8, 22))
    assert [office.held(day) for day in days] == [False, True, True, False]


def test_norway_is_a_country(tmp_path: Path) -> None:
    write(tmp_path, feeds=(changed(changed(SOURCE, "KH", "NO"), "language: en", "language: no"),))
    (source,) = load_config(tmp_path).sources
    assert (source.country, source.language) == ("NO", "no")


# --- mistakes in a row --------------------------------------------------------------------------------------

ROWS = [
    ("feeds", more(SOURCE, "evry: 30m"), "sources.0.evry", 'there is no such key; did you mean "every"?'),
    ("feeds", changed(SOURCE, "name:", "nam:"), "sources.0.nam", 'there is no such key; did you mean "name"?'),
    ("feeds", more(SOURCE, "colour: red"), "sources.0.colour", "there is no such key"),
    ("feeds", changed(SOURCE, "name: The Post, ", ""), "sources.0.name", "is missing"),
    ("feeds", changed(SOURCE, "The Post", "12"), "sources.0.name", 'must be text; put it between "quotation marks"'),
    ("feeds", changed(SOURCE, "The Post", "' '"), "sources.0.name", "must be text, and not empty"),
    (
        "feeds",
        changed(SOURCE, "id: post", "id: The Post"),
        "sources.0.id",
        '"The Post" must be small letters a-z, digits',
    ),
    ("feeds", changed(SOURCE, "KH", "kh"), "sources.0.country", '"kh" must be a country\'s code'),
    ("feeds", changed(SOURCE, ": en", ": english"), "sources.0.language", '"english" must be a language\'s code'),
    ("feeds", changed(SOURCE, "independent", "independant"), "sources.0.kind", 'did you mean "independent"?'),
    ("feeds", more(SOURCE, "pages: alway"), "sources.0.pages", 'auto, always, never; did you mean "always"?'),
    ("feeds", more(SOURCE, "every: 30"), "sources.0.every", "write a number and s, m, h, d or w"),
    ("feeds", more(SOURCE, "every: 0m"), "sources.0.every", "is not a span of time"),
    ("feeds", more(SOURCE, "demo: maybe"), "sources.0.demo", "must be true or false"),
    ("feeds", more(SOURCE, "home: post.example"), "sources.0.home", "is not an http or https address"),
    ("feeds", "the post", "sources.0", "must be keys with values"),
    ("topics", more(TOPIC, "treshold: 0.5"), "topics.0.treshold", 'did you mean "threshold"?'),
    ("topics", more(TOPIC, "threshold: 2"), "topics.0.threshold", "less than or equal to 1"),
    ("topics", more(TOPIC, "threshold: high"), "topics.0.threshold", "must be a number"),
    ("topics", more(TOPIC, "patterns: {en: {termz: [a]}}"), "topics.0.patterns.en.termz", 'did you mean "terms"?'),
    ("topics", more(TOPIC, "patterns: {English: {}}"), "topics.0.patterns.English", "must be a language's code"),
    ("topics", more(TOPIC, "patterns: {en: {terms: a}}"), "topics.0.patterns.en.terms", "must be a list"),
    ("topics", changed(TOPIC, "asem", "As em"), "topics.0.name", "must be small letters"),
    ("watchlist", changed(ENTITY, "PERSON", "PERSN"), "entities.0.label", 'did you mean "PERSON"?'),
    ("watchlist", changed(ENTITY, "PERSON", "person"), "entities.0.label", 'did you mean "PERSON"?'),
    ("watchlist", more(ENTITY, "wikidata: W1"), "entities.0.wikidata", "must be an id of Wikidata"),
    ("watchlist", more(ENTITY, "alias: [a]"), "entities.0.alias", 'did you mean "aliases"?'),
    (
        "watchlist",
        more(ENTITY, "offices: [{title: Minister, since: 2023-13-01}]"),
        "entities.0.offices.0.since",
        '"2023-13-01" is not a day or month such as 2023-08-22 or 2023-08',
    ),
    (
        "watchlist",
        more(ENTITY, "offices: [{title: Minister, since: 2023-08-22, until: 2023-08}]"),
        "entities.0.offices.0",
        "until 2023-08-01 is not after since 2023-08-22",
    ),
    ("alerts", changed(RULE, "[asem]", "[asme]"), "alerts.0.topics.0", 'no topic "asme"; did you mean "asem"?'),
    ("alerts", more(RULE, "sources: [pots]"), "alerts.0.sources.0", 'no source "pots"; did you mean "post"?'),
    ("alerts", more(RULE, "query: 'topik:asem'"), "alerts.0.query", 'no field "topik"; did you mean "topic"?'),
    ("alerts", more(RULE, "query: 'topic:asme'"), "alerts.0.query", 'no topic "asme"; did you mean "asem"?'),
    ("alerts", more(RULE, "query: 'x OR source:pots'"), "alerts.0.query", 'no source "pots"; did you mean "post"?'),
    ("alerts", more(RULE, "query: '(asem'"), "alerts.0.query", "(asem: "),
    ("alerts", changed(RULE, "[desk@example.org]", "[desk]"), "alerts.0.recipients.0", '"desk" is not a mail address'),
    ("alerts", changed(RULE, "[desk@example.org]", "[]"), "alerts.0.recipients", "must be a list that is not empty"),
    ("alerts", changed(RULE, "[desk@example.org]", "a@b.org"), "alerts.0.recipients", "must be a list"),
    (
        "alerts",
        changed(RULE, ", topics: [asem]", ""),
        "alerts.0",
        "needs topics, entities, query, sources or languages",
    ),
    ("alerts", more(RULE, "when: dayly"), "alerts.0.when", "instant, digest"),
    ("alerts", changed(RULE, "recipients", "recipient"), "alerts.0.recipient", 'did you mean "recipients"?'),
]


@pytest.mark.parametrize(("name", "row", "key", "said"), ROWS)
def test_a_mistake_in_a_row_names_its_place_and_what_was_meant(
    tmp_path: Path, name: str, row: str, key: str, said: str
) -> None:
    write(tmp_path, **{name: (row,)})
    error = refusal(tmp_path)
    assert (error.file, error.line, error.key) == (str(tmp_path / f"{name}.yml"), 3, key)
    assert said in error.message
    assert str(error).startswith(f"{tmp_path / name}.yml:3: {key}: ")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://post.example/feed",
        "post.example/feed",
        "https:///feed",
        "https://[::1",
        "https://post.example:99999/feed",
        "https://post.example:0/feed",
        "https://post.example/my feed",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    write(tmp_path, feeds=(changed(SOURCE, "https://post.example/feed", url),))
    error = refusal(tmp_path)
    assert (error.line, error.key) == (3, "sources.0.url")
    assert error.message.endswith(f'"{url}" is not an http or https address')


def test_a_password_in_an_address_is_refused_and_not_shown(tmp_path: Path) -> None:
    write(tmp_path, feeds=(changed(SOURCE, "https://", "https://user:hunter2@"),))
    error = refusal(tmp_path)
    assert "must not hold a user name or password" in error.message
    assert "hunter2" not in str(error)


def test_a_file_address_must_be_allowed(tmp_path: Path) -> None:
    local = changed(SOURCE, "https://post.example/feed", "file:feed.xml")
    write(tmp_path, feeds=(local,))
    assert "allow_private: true" in refusal(tmp_path).message
    write(tmp_path, feeds=(more(local, "allow_private: true"),))
    assert load_config(tmp_path).sources[0].url == "file:feed.xml"


def test_the_line_is_that_of_the_key(tmp_path: Path) -> None:
    write(tmp_path)
    long = "sources:\n- id: post\n  name: The Post\n  url: ftp://post.example\n  country: KH\n  language: en\n"
    (tmp_path / "feeds.yml").write_text(long, encoding="utf-8")
    assert (refusal(tmp_path).line, refusal(tmp_path).key) == (4, "sources.0.url")
    deep = "topics:\n- name: asem\n  title: ASEM\n  patterns:\n    en:\n      terms: [a]\n      excludin: [b]\n"
    write(tmp_path)
    (tmp_path / "topics.yml").write_text(deep, encoding="utf-8")
    assert (refusal(tmp_path).line, refusal(tmp_path).key) == (7, "topics.0.patterns.en.excludin")


# --- mistakes between rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "row", "field", "value"),
    [
        ("feeds", changed(SOURCE, "post.example", "other.example"), "sources.1.id", "post"),
        ("feeds", changed(SOURCE, "id: post", "id: other"), "sources.1.url", "https://post.example/feed"),
        (
            "feeds",
            changed(changed(SOURCE, "id: post", "id: other"), "post.example", "other.example"),
            "sources.1.name",
            "The Post",
        ),
        ("topics", changed(TOPIC, "title: ASEM", "title: Summit"), "topics.1.name", "asem"),
        ("watchlist", changed(ENTITY, "PERSON", "ORG"), "entities.1.name", "Wang Yi"),
        ("alerts", changed(RULE, "desk@", "news@"), "alerts.1.name", "desk"),
    ],
)
def test_a_second_use_of_a_name_points_to_the_first(
    tmp_path: Path, name: str, row: str, field: str, value: str
) -> None:
    write(tmp_path, **{name: (FILES[name][1], row)})
    error = refusal(tmp_path)
    assert (error.line, error.key) == (4, field)
    assert error.message.endswith(f'"{value}" is there twice, first at line 3')


def test_a_demonstration_feed_may_not_take_a_name(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "demo.yml").write_text(f"sources:\n  - {SOURCE}\n", encoding="utf-8")
    error = refusal(tmp_path, demo=True)
    assert (error.file, error.line, error.key) == (str(tmp_path / "demo.yml"), 2, "sources.0.id")


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("sources:\n  - {id: a\n  - x: ]\n", 3, "cannot be read as YAML"),
        ("sources:\n\t- a\n", 2, "cannot start any token"),
        ("sources: []\nsources: []\n", 2, 'duplicate key "sources"'),
        ("sources: []\n---\nsources: []\n", 2, "single document"),
        ("sources: *other\n", 1, "undefined alias"),
        ("sources: \x00\n", None, "cannot be read as YAML"),
        ("source: []\n", 1, 'there is no such key; did you mean "sources"?'),
        ("sources: []\nother: 1\n", 2, "there is no such key"),
        ("sources:\n", 1, "must hold a list named sources"),
        ("sources: {}\n", 1, "must hold a list named sources"),
        ("", 1, "must be a mapping"),
        ("- a\n", 1, "must be a mapping"),
    ],
)
def test_a_file_that_cannot_be_understood(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    write(tmp_path)
    (tmp_path / "feeds.yml").write_text(text, encoding="utf-8")
    error = refusal(tmp_path)
    assert (error.file, error.line) == (str(tmp_path / "feeds.yml"), line)
    assert said in error.message
    assert "\n" not in str(error)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "alerts.yml").unlink()
    assert str(refusal(tmp_path)) == f"{tmp_path}/alerts.yml: cannot be read: No such file or directory"
    (tmp_path / "alerts.yml").write_bytes(b"alerts: []  # \xff\n")
    assert "is not UTF-8 text" in refusal(tmp_path).message
