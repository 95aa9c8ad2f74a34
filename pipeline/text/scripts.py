"""Which script a character is written in, as far as the pipeline must treat scripts differently.

Promises ranges (for regular expressions) and counts for Latin, Han and Khmer; everything else is "other". It does
not name languages: see `language`. Ranges follow Unicode 15 Scripts.txt; the Khmer range leaves out the block's
digits (they are numbers, like any others) and punctuation.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Literal

Script = Literal["latin", "han", "khmer", "other"]

LATIN = (
    "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u02e0-\u02e4\u1d00-\u1d25\u1d2c-\u1d5c\u1d62-\u1d65"
    "\u1d6b-\u1d77\u1d79-\u1dbe\u1e00-\u1eff\u2071\u207f\u2090-\u209c\u212a-\u212b\u2132\u214e\u2160-\u2188"
    "\u2c60-\u2c7f\ua722-\ua787\ua78b-\ua7ca\ua7d0-\ua7d9\ua7f2-\ua7ff\uab30-\uab5a\uab5c-\uab69\ufb00-\ufb06\uff21-\uff3a"
    "\uff41-\uff5a\U0001df00-\U0001df2a"
)
HAN = (
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufa6d\ufa70-\ufad9\U00016fe2\U00016fe3\U00016ff0\U00016ff1\U00020000-\U0002a6df"
    "\U0002a700-\U0002ebe0\U0002ebf0-\U0002ee5d\U0002f800-\U0002fa1d\U00030000-\U0003134a\U00031350-\U000323af"
)
KHMER = "\u1780-\u17d3\u17d7\u17dc\u17dd"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"

# Scripts that put no space between words, each with its marks; digits are left out, as above.
UNSPACED = {
    "han": HAN,
    "khmer": KHMER,
    "kana": KANA,
    "thai": "\u0e01-\u0e3a\u0e40-\u0e4e",
    "lao": "\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf",
    "burmese": "\u1000-\u103f\u1050-\u108f\u109a-\u109f",
}

# A Han character says about as much as three letters (GB/T and UN parallel texts run at 1:2.8 to 1:3.5), so that
# counting it once would call a Chinese text that names many foreign companies Latin.
HAN_WEIGHT = 3

_RUNS: dict[Script, re.Pattern[str]] = {
    "latin": re.compile(f"[{LATIN}]+"),
    "han": re.compile(f"[{HAN}]+"),
    "khmer": re.compile(f"[{KHMER}]+"),
    "other": re.compile(f"[^\\W\\d_{LATIN}{HAN}{KHMER}]+"),
}


def script(char: str) -> Script:
    """The script of one character; digits, punctuation and spaces are "other"."""
    if "a" <= char <= "z" or "A" <= char <= "Z":
        return "latin"
    return next((name for name, runs in _RUNS.items() if runs.match(char)), "other")


def dominant_script(text: str) -> Script:
    """The script most letters of `text` are in, a Han character counting three times; "other" if it has no letters."""
    counts = {name: sum(map(len, runs.findall(text))) for name, runs in _RUNS.items()}
    counts["han"] *= HAN_WEIGHT
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "other"


@functools.cache
def marks() -> str:
    """Ranges of all combining marks (categories Mn, Mc, Me), to stand inside a regular expression's brackets.

    Python's `\\w` leaves them out, and would cut Thai, Hindi or Burmese words at their vowel signs.
    """
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0)):
        if not unicodedata.category(chr(code)).startswith("M"):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
