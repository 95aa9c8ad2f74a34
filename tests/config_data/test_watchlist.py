"""config/watchlist.yml and config/alerts.yml: every name can be found, and means one entity."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipeline.config import Config, load_config
from pipeline.enrich.watchlist import WatchList
from pipeline.model import WatchEntity
from pipeline.text import fold, script

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(CONFIG)


def names(entity: WatchEntity) -> tuple[str, ...]:
    return (entity.name, *entity.aliases)


def test_knows_people_organisations_places_works_and_events(config: Config) -> None:
    labels = Counter(entity.label for entity in config.watchlist)
    assert len(config.watchlist) >= 150
    assert all(labels[label] >= 5 for label in ("PERSON", "ORG", "GPE", "LOC", "FAC", "EVENT"))


def test_writes_names_in_three_scripts(config: Config) -> None:
    scripts = Counter(script(name[0]) for entity in config.watchlist for name in names(entity))
    assert scripts["han"] >= 200
    assert scripts["khmer"] >= 200
    assert scripts["latin"] >= 400


def test_names_are_normalised_and_long_enough(config: Config) -> None:
    for entity in config.watchlist:
        for name in names(entity):
            assert len(name) >= 2, entity.name
            assert name == unicodedata.normalize("NFC", name), entity.name
            assert "\u200b" not in name, entity.name


def test_no_name_means_two_entities(config: Config) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for entity in config.watchlist:
        if not entity.needs:
            for name in names(entity):
                owners["".join(fold(name).split())].add(entity.name)
    assert {name: sorted(both) for name, both in owners.items() if len(both) > 1} == {}


def test_repeats_no_name_within_an_entity(config: Config) -> None:
    for entity in config.watchlist:
        assert max(Counter(map(fold, names(entity))).values()) == 1, entity.name


def test_wikidata_ids_are_of_one_entity_each(config: Config) -> None:
    ids = {entity.name: entity.wikidata for entity in config.watchlist if entity.wikidata}
    assert len(set(ids.values())) == len(ids)
    assert ids["Cambodia"] == "Q424"
    assert ids["China"] == "Q148"
    assert ids["Prak Sokhonn"] == "Q23771428"


def test_every_name_is_found(config: Config) -> None:
    """In a text of its own, with a needed word where there are any."""
    watchlist = WatchList(config.watchlist)
    missing = []
    for entity in config.watchlist:
        for name in names(entity):
            text = f"{name}\n{' / '.join(entity.needs)}"
            if not any(found.name == entity.name and found.start == 0 for found in watchlist.find(text)):
                missing.append((entity.name, name))
    assert missing == []


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("ASEM S.p.A. shows new panel PCs for the packaging line in Italy", "Asia-Europe Meeting"),
        ("Li Qiang won the table tennis match", "Li Qiang"),
        ("李强调中国发展", "Li Qiang"),
        ("a ream of paper", "Ream"),
        ("The CPP standard library", "Cambodian People's Party"),
        ("他信任我们", "Thaksin Shinawatra"),
        ("il a eu chaud", "European Union"),
    ],
)
def test_is_silent_on_others_of_the_name(config: Config, text: str, silent: str) -> None:
    assert silent not in {found.name for found in WatchList(config.watchlist).find(text)}


def test_a_short_name_may_stand_beside_a_longer_one_without_a_space(config: Config) -> None:
    found = WatchList(config.watchlist).find("习近平在北京人民大会堂会见洪森。中国银行在北京大学旁。")
    names = [(mention.text, mention.name) for mention in found]
    assert names[1:] == [
        ("北京", "Beijing"),
        ("人民大会堂", "Great Hall of the People"),
        ("洪森", "Hun Sen"),
        ("中国银行", "Bank of China"),
    ]


def test_alerts_name_entities_that_exist(config: Config) -> None:
    known = {entity.name for entity in config.watchlist}
    assert {name for rule in config.rules for name in rule.entities} <= known


def test_there_is_an_alert_for_each_topic_and_one_for_entities(config: Config) -> None:
    assert {topic for rule in config.rules for topic in rule.topics} == {topic.name for topic in config.topics}
    assert any(rule.entities for rule in config.rules)
    assert {address for rule in config.rules for address in rule.recipients} == {"analyst@example.org"}
