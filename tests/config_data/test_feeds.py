"""config/feeds.yml: enough outlets, in four languages, of every kind, none of them claimed to be checked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.config import load_config
from pipeline.model import Source, SourceKind

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    return load_config(CONFIG).sources


def test_follows_many_outlets_in_four_languages(sources: tuple[Source, ...]) -> None:
    languages = Counter(source.language for source in sources)
    assert len(sources) >= 60
    assert set(languages) == {"en", "fr", "zh", "km"}
    assert min(languages.values()) >= 10


def test_follows_outlets_of_every_kind(sources: tuple[Source, ...]) -> None:
    kinds = Counter(source.kind for source in sources)
    assert set(kinds) == set(SourceKind)
    assert min(kinds.values()) >= 5


def test_covers_cambodia_china_asean_and_asem(sources: tuple[Source, ...]) -> None:
    countries = Counter(source.country for source in sources)
    assert countries["KH"] >= 15
    assert countries["CN"] >= 10
    assert {"asean", "asef", "asem-infoboard", "eeas"} <= {source.id for source in sources}
    assert {"TH", "VN", "LA", "MY", "SG", "ID", "PH", "MM"} <= set(countries)


def test_names_each_outlet_and_feed_once(sources: tuple[Source, ...]) -> None:
    for field in ("id", "name", "url"):
        values = [getattr(source, field) for source in sources]
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_every_source_is_on_the_public_web(sources: tuple[Source, ...]) -> None:
    for source in sources:
        for address in (source.url, source.home or ""):
            parts = urlsplit(address)
            assert parts.scheme in ("http", "https"), source.id
            assert parts.hostname is not None, source.id
            assert "." in parts.hostname, source.id
        assert not source.allow_private
        assert not source.demo


def test_says_that_no_address_was_checked() -> None:
    head = (CONFIG / "feeds.yml").read_text(encoding="utf-8").split("sources:")[0]
    assert "UNCHECKED" in head
    assert "newswatch feeds check" in head


@pytest.mark.parametrize("name", ["feeds.yml", "watchlist.yml", "alerts.yml", "demo.yml"])
def test_files_are_plain_to_read(name: str) -> None:
    lines = (CONFIG / name).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert max(map(len, lines)) <= 120
    assert [line for line in lines if line != line.rstrip() or "\t" in line] == []
