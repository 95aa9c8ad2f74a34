"""Text as it is compared: case, accents, width, digits and Chinese variants folded, one character for one.

Promises `len(fold(text)) == len(text)` and `fold(fold(text)) == fold(text)`, so that offsets into the folded text
are offsets into the text. Accents are folded on Latin and Greek letters only (Cyrillic "й" and Khmer or Indic signs
tell words apart); traditional characters become simplified by themselves, not by phrase, which is enough to compare
and not enough to read. It expects NFC (see `normalise`) and leaves what would need two characters: "ß", "œ", "ﬁ".
"""

from __future__ import annotations

import functools
import unicodedata
from importlib.resources import files

# Letters that Unicode does not decompose, but that people leave the stroke or the dot off.
_STROKES = dict(zip("đħıłøŧƀɨɵʉⱥɇɉɍɏ", "dhilotbioujejry", strict=False)) | {"ς": "σ", "ё": "е"}
_MARKS = "LATIN ", "GREEK "


class _Table(dict[int, int]):
    """What `str.translate` asks; each character is worked out when it is first met."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = _fold_code(code)
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    """`text` for comparison, of the same length."""
    return text.lower() if text.isascii() else text.translate(_TABLE)


def _fold_code(code: int) -> int:
    """Each rule can open the way for another ("İ" without its dot still has its case), so all until none changes."""
    char = chr(code)
    while (folded := _once(char)) != char:
        char = folded
    return ord(char)


def _once(char: str) -> str:
    char = _single(unicodedata.normalize("NFKC", char), char)
    char = _plain(_single(char.casefold(), _single(char.lower(), char)))
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    return _simplified().get(char, char) if char >= "\u2e80" else char


def _plain(char: str) -> str:
    """The letter without its accents: Latin and Greek only."""
    base = unicodedata.normalize("NFD", char)
    if len(base) > 1 and unicodedata.name(base[0], "").startswith(_MARKS) and all(map(unicodedata.combining, base[1:])):
        char = base[0]
    return _STROKES.get(char, char)


def _single(folded: str, otherwise: str) -> str:
    """`folded` if it is one character, else `otherwise`."""
    return folded if len(folded) == 1 else otherwise


@functools.cache
def _simplified() -> dict[str, str]:
    """Traditional to simplified characters, by OpenCC's table; the first choice where there are several."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    table = {traditional: choices.split(" ")[0] for traditional, choices in pairs if len(traditional) == 1}
    return {traditional: simple for traditional, simple in table.items() if len(simple) == 1}
