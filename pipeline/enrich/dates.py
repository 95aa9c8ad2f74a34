"""The dates and periods that a text names, as it names them: "last April", "2019-2023", 周日, ខែកក្កដា ឆ្នាំ២០២៤.

Promises spans in order of place, that do not overlap, of days, months, years, ranges of these and words such as
"yesterday", in English, French, Chinese and Khmer; in other languages none. Names of days and months are those of
Unicode CLDR. It does not reckon which day is meant, and leaves times of day, ages and durations.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping

from babel import Locale

from pipeline.text import clean

Span = tuple[int, int]

_YEAR = r"(?:19|20)\d\d"
_NUMERIC = rf"{_YEAR}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}/{_YEAR}"
# Numbers that are no year: "2000 soldiers", "$2000", "2,000", "1996.5".
_LONE_YEAR = rf"(?<![\w$€£¥.,/-]){_YEAR}(?:[-–—](?:{_YEAR}|\d\d))?(?![\w%°]|[.,]\d|-\w)"
_SEASONS = "spring|summer|autumn|fall|winter"
_UNITS_EN = f"week|weekend|month|quarter|year|decade|century|{_SEASONS}"
_UNITS_FR = "semaine|mois|trimestre|année|an|décennie|siècle|printemps|été|automne|hiver|week-end"
_COUNTED_EN = (
    r"(?!\s+(?:people|soldiers|troops|workers|tonnes|tons|dollars|euros|riel|yuan|hectares|metres|miles|km|kg)\b)"
)
_COUNTED_FR = r"(?!\s+(?:personnes|soldats|ouvriers|tonnes|dollars|euros|riels|yuans|hectares|mètres|km|kg)\b)"
_DIGITS_ZH = "[0-9０-９〇零一二三四五六七八九十两]"
_DIGITS_KM = "[0-9០-៩]"


def find_dates(text: str, language: str | None) -> tuple[Span, ...]:
    """Where dates stand. `text` is normalised; offsets are into it."""
    pattern = _PATTERNS.get(language or "", _nothing)()
    return tuple(found.span() for found in pattern.finditer(text))


@functools.cache
def _nothing() -> re.Pattern[str]:
    return re.compile(r"(?!)")


@functools.cache
def _english() -> re.Pattern[str]:
    day, month = _days("en"), _months("en")
    number = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\b"
    relative = rf"(?:last|next|this|past|coming)\s+(?:{day}|{month}|{_UNITS_EN})"
    # "may" and "march" open sentences and are surnames, so that alone they need a word before them.
    alone = (
        rf"(?!(?:May|March)\b){month}|(?:{_behind('[Ii]n of [Bb]y from to [Ss]ince until late early')})(?:May|March)"
    )
    dated = (
        rf"{number}\s+(?:of\s+)?{month}(?:,?\s+{_YEAR})?|"
        rf"{month}\s+{number}(?!\s*%)(?:\s*[-–]\s*{number})?(?:,?\s+{_YEAR})?|{month},?\s+{_YEAR}|{alone}"
    )
    one = rf"(?:{relative}|(?:{day},?\s+)?(?:{dated})|{day}(?:\s+(?:morning|afternoon|evening|night))?)"
    ranged = rf"{one}(?:\s+(?:to|through|until)\s+{one})?"
    words = "(?:the day (?:before yesterday|after tomorrow)|[Yy]esterday|[Tt]oday|[Tt]omorrow|[Tt]onight)"
    return re.compile(rf"(?<!\w)(?:{ranged}|{words}|{_NUMERIC}|(?:{_YEAR}|\d0)s)(?!\w)|{_LONE_YEAR}{_COUNTED_EN}")


@functools.cache
def _french() -> re.Pattern[str]:
    day, month = f"(?:{_days('fr')})", f"(?:{_months('fr')})"
    number = r"(?:1er|[12]\d|3[01]|[1-9])(?:er)?"
    last = r"(?:derni(?:er|ère)|prochaine?|passée?)"
    tail = rf"(?:\s+(?:{last}|matin|soir|après-midi))?"
    behind = _behind("en de depuis dès fin début")
    one = (
        rf"(?:(?:{day}\s+)?(?:{number}\s+(?:au|et)\s+)?{number}\s+{month}(?:\s+{_YEAR})?|{month}\s+(?:{_YEAR}|{last})|"
        rf"(?:{behind}|(?<=mi-)){month}|{day}{tail})"
    )
    ranged = rf"{one}(?:\s+(?:au|à)\s+{one})?"
    relative = rf"(?:la|le|l['’])\s?(?:{_UNITS_FR})\s+{last}|cette\s(?:année|semaine)|ce mois-ci"
    words = "(?:[Aa]vant-hier|[Hh]ier(?: soir| matin)?|[Aa]ujourd['’]hui|(?:[Aa]près-)?[Dd]emain)"
    decades = r"(?:les )?années \d0"
    return re.compile(
        rf"(?<!\w)(?:{ranged}|{relative}|{words}|{decades}|{_NUMERIC})(?!\w)|{_LONE_YEAR}{_COUNTED_FR}", re.IGNORECASE
    )


@functools.cache
def _chinese() -> re.Pattern[str]:
    digits = _DIGITS_ZH
    year = rf"(?:{digits}{{4}}|[今去前明后]|同|当)年(?:[初底末中]|上半年|下半年|[春夏秋冬][季天])?"
    month = rf"(?:{digits}{{1,3}}月份?|[上下本当]个?月)(?:[初底末]|[上中下]旬)?"
    day = rf"{digits}{{1,3}}[日号]"
    week = "(?:[上下本这]个?)?(?:周|星期|礼拜)[一二三四五六日天末]|[上下本这]个?(?:周|星期|礼拜)"
    words = "(?:[昨今明前后当][天日晚]|[今昨明]晨)(?:[上下]午|晚间?|凌晨)?"
    century = rf"(?:{digits}{{1,4}}世纪(?:{digits}{{2,3}}年代)?|{digits}{{2,4}}年代)"
    dated = rf"{year}(?:{month}(?:{day})?)?|{month}(?:{day})?|(?<![第\w]){day}|(?<=[，。、（“了在于说至到]){day}"
    one = rf"(?:{century}|{week}|{words}|{dated})"
    return re.compile(rf"{one}(?:(?:至|到|—|–|-|~){one})?|{_NUMERIC}")


@functools.cache
def _khmer() -> re.Pattern[str]:
    digits = _DIGITS_KM
    week, month = f"(?:{_days('km')}|ចន្ទ|ពុធ|ព្រហស្បតិ៍)", _months("km")
    year = rf"ឆ្នាំ ?(?:{digits}{{4}}|មុន|ក្រោយ|នេះ|ទៅ)"
    months = rf"ខែ ?(?:{month}|មុន|ក្រោយ|នេះ)"
    day = rf"ថ្ងៃ ?(?:{week})?(?: ?ទី ?{digits}{{1,2}})?"
    full = rf"(?:(?:{day} )?{day} ?)?{months}(?: ?{year})?"
    words = "ម្សិលមិញ|ថ្ងៃនេះ|ថ្ងៃស្អែក|សប្តាហ៍ ?(?:មុន|ក្រោយ|នេះ)|សប្ដាហ៍ ?(?:មុន|ក្រោយ|នេះ)"
    single = rf"ថ្ងៃ ?(?:{week})(?: ?ទី ?{digits}{{1,2}})?|ថ្ងៃ ?ទី ?{digits}{{1,2}}"
    return re.compile(rf"{full}|{words}|{single}|{year}|{_NUMERIC}")


_PATTERNS: Mapping[str, Callable[[], re.Pattern[str]]] = {
    "en": _english,
    "fr": _french,
    "zh": _chinese,
    "km": _khmer,
}


def _days(language: str) -> str:
    """Names of the days of the week, to stand inside a pattern."""
    return _any(Locale(language).days["format"]["wide"].values())


def _months(language: str) -> str:
    return _any(Locale(language).months["format"]["wide"].values())


def _behind(words: str) -> str:
    """One of the words stands before."""
    return "|".join(rf"(?<=\b{word} )" for word in words.split())


def _any(names: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(map(clean, names), key=len, reverse=True))})"
