"""Names of countries and of great cities, as Unicode CLDR has them in many languages.

Promises names without invisible characters and without what stands in brackets. Countries are all territories with a
letter code, less the unions; cities are those that time zones are called after, some four hundred.
"""

from __future__ import annotations

import functools
import re

from babel import Locale

from pipeline.text import clean

_UNIONS = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})  # codes that stand for no country
_BRACKET = re.compile(r"\s*[\[(（].*")


@functools.cache
def countries(language: str) -> frozenset[str]:
    """By their usual names in the language."""
    names = Locale(language).territories
    return frozenset(_plain(name) for code, name in names.items() if code.isalpha() and code not in _UNIONS)


@functools.cache
def cities(language: str) -> frozenset[str]:
    """Those that the language has a name of its own for; bases in Antarctica are none."""
    zones = Locale(language).time_zones
    return frozenset(
        _plain(zone["city"]) for id, zone in zones.items() if "city" in zone and not id.startswith("Antarctica/")
    )


def _plain(name: str) -> str:
    return _BRACKET.sub("", clean(name))
