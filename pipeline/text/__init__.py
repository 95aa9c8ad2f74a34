"""Scripts and languages: what every later step knows about characters and words.

Promises cheap imports: dictionaries and models are loaded when their language is first met.
"""

from pipeline.text.fold import fold
from pipeline.text.language import detect_language
from pipeline.text.normalise import Normalised, clean, normalise
from pipeline.text.scripts import Script, dominant_script, script
from pipeline.text.segment import segment
from pipeline.text.tokens import Token, search_terms, search_tokens

__all__ = [
    "Normalised",
    "Script",
    "Token",
    "clean",
    "detect_language",
    "dominant_script",
    "fold",
    "normalise",
    "script",
    "search_terms",
    "search_tokens",
    "segment",
]
