"""Which recogniser reads which language: those that ship, or installed spaCy packages that the settings name.

Promises to load a recogniser when a text first needs it, English apart, and to say at once, naming the setting, that a
package is not installed. A package's labels become ours; what is none of our kinds (dates, sums, works of art) is left
out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Protocol

from pipeline.enrich import french
from pipeline.enrich.chinese import ChineseRecogniser
from pipeline.enrich.khmer import KhmerRecogniser
from pipeline.enrich.ner import LABELS, Found, Recogniser, load_pipeline
from pipeline.errors import SettingsError
from pipeline.model import Label

if TYPE_CHECKING:
    from spacy.tokens import Doc

FRENCH = "fr_core_news_sm"
_LABELS: Mapping[str, Label] = LABELS | {"PER": "PERSON"}


class Finder(Protocol):
    """Finds names: for each text and in order, spans that do not overlap."""

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]: ...


@dataclass(frozen=True, slots=True)
class Late:
    """A finder that is loaded when it is first asked."""

    load: Callable[[], Finder]

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        return self.load().find(texts) if any(texts) else [()] * len(texts)


def recognisers(packages: Mapping[str, str] | None = None) -> Mapping[str, Finder]:
    """By language; `packages` are spaCy's by language, in place of what ships.

    Raises SettingsError for a package that is not installed, and ModelError if the English weights are missing.
    """
    named = packages or {}
    for language, package in named.items():
        if not _installed(package):
            setting = f"NEWSWATCH_NER_{language.upper()}"
            raise SettingsError(setting, f'the spaCy package "{package}" is not installed')
    return {
        "en": _english(named["en"]) if "en" in named else Recogniser.load(),
        "fr": Late(functools.partial(_french, named.get("fr", FRENCH))),
        "zh": Late(functools.partial(_chinese, named.get("zh"))),
        "km": KhmerRecogniser(),
    }


@functools.cache
def _english(package: str) -> Finder:
    return Recogniser(load_pipeline(package))


@functools.cache
def _french(package: str) -> Finder:
    nlp = load_pipeline(package)
    return Recogniser(nlp, french.reader(nlp))


@functools.cache
def _chinese(package: str | None) -> Finder:
    return Recogniser(load_pipeline(package), _as_labelled) if package else ChineseRecogniser.load()


def _as_labelled(doc: Doc) -> Iterator[Found]:
    for entity in doc.ents:
        if label := _LABELS.get(entity.label_):
            yield Found(entity.start_char, entity.end_char, label)


def _installed(package: str) -> bool:
    try:
        distribution(package)
    except (PackageNotFoundError, ValueError):
        return False
    return True
