"""Codes as people read them: countries, languages, kinds of outlet, clauses of rules, moments.

Promises a string for every code: one that is not in the tables stands for itself. English only, like the mails.
"""

from __future__ import annotations

from datetime import UTC, datetime

# ISO 3166-1 for the partners of ASEM and where else the watched outlets are; "EU" and "UN" as sources write them.
_COUNTRIES = dict(
    line.split(" ", 1)
    for line in """AT Austria|AU Australia|BD Bangladesh|BE Belgium|BG Bulgaria|BN Brunei|CA Canada|CH Switzerland
CN China|CY Cyprus|CZ Czechia|DE Germany|DK Denmark|EE Estonia|ES Spain|EU European Union|FI Finland|FR France
GB United Kingdom|GR Greece|HK Hong Kong|HR Croatia|HU Hungary|ID Indonesia|IE Ireland|IN India|IT Italy|JP Japan
KH Cambodia|KP North Korea|KR South Korea|KZ Kazakhstan|LA Laos|LT Lithuania|LU Luxembourg|LV Latvia|MM Myanmar
MN Mongolia|MO Macao|MT Malta|MY Malaysia|NL Netherlands|NO Norway|NZ New Zealand|PH Philippines|PK Pakistan|PL Poland
PT Portugal|QA Qatar|RO Romania|RU Russia|SE Sweden|SG Singapore|SI Slovenia|SK Slovakia|TH Thailand|TL Timor-Leste
TW Taiwan|UN United Nations|US United States|VN Vietnam""".replace("\n", "|").split("|")
)
_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "id": "Indonesian",
    "ja": "Japanese",
    "km": "Khmer",
    "ko": "Korean",
    "lo": "Lao",
    "ru": "Russian",
    "th": "Thai",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
CLAUSES = {"topic": "Topic", "entity": "Named", "query": "Query", "source": "Outlet", "language": "Language"}
KINDS = {"state": "state media", "independent": "independent", "agency": "news agency", "institution": "institution"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def country(code: str) -> str:
    return _COUNTRIES.get(code, code)


def language(code: str) -> str:
    return _LANGUAGES.get(code, code)


def day(moment: datetime) -> str:
    """`9 Jun 2019`, in UTC, whatever the locale."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def minute(moment: datetime) -> str:
    """`9 Jun 2019, 13:05 UTC`."""
    return f"{day(moment)}, {moment.astimezone(UTC):%H:%M} UTC"
