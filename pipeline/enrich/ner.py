"""The trained entity recogniser: spaCy's transition-based NER on hash-embedded words.

Promises, for each text and in order, spans with one of the seven labels that begin and end with a word, hold no
leading article, title or trailing possessive, and lie on one line. Any string is accepted: lone surrogates and runs
that no word is as long as are blanked, because the tokeniser refuses or takes quadratic time on them. It knows
English only, and no names: see `watchlist` and `resolution`. Weights are loaded when first asked for (Lample et
al., 2016, with spaCy's hash embeddings, Miranda et al., 2022).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pipeline.errors import ModelError
from pipeline.model import Label

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

FOLDER = Path(__file__).parent / "models" / "ner-en"
LABELS: dict[str, Label] = {label: label for label in get_args(Label)}

_UNREADABLE = re.compile(r"\S{200,}|[\ud800-\udfff]")
_ARTICLE = re.compile(r"(?:[Tt]he|THE|an?)\s+(?=\S)")  # not "An" of An Giang
_POSSESSIVE = re.compile(r"['’ʼ]s?$")
_TITLE_WORDS = (
    r"(?:Deputy |Vice[ -]|Acting |Former |Then |Senior |Prime |Foreign |Defen[cs]e |Interior |Finance |State )*"
    r"(?:President|Premier|Minister|Ministers|Counsellor|Councill?or|Secretary[- ]General|Secretary of State|Secretary|"
    r"Chancellor|Ambassador|Senator|Governor|General|Commissioner|Chairman|Chairwoman|Chair|King|Queen|Prince|Princess|"
    r"Samdech Techo|Samdech|Techo|Oknha|Lok Chumteav|Excellency|Spokesman|Spokeswoman|Spokesperson|Speaker|Director|"
    r"Professor|Prof\.?|Doctor|Dr\.?|Mr\.?|Mrs\.?|Ms\.?|Mme\.?|Sir|Lord|Judge|Colonel|Major|Captain|Lieutenant|Marshal|"
    r"Venerable|Imam|Pope|H\.?E\.?)"
)
_TITLE = re.compile(rf"{_TITLE_WORDS}(?=\s)\s+", re.IGNORECASE)
_ONLY_TITLE = re.compile(rf"(?:{_TITLE_WORDS}|State|Kingdom|Government|Ministry|Cabinet)s?", re.IGNORECASE)
_NO_NAME = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|"
    r"november|december|https?|www|covid-19|covid",
    re.IGNORECASE,
)
# Documents and programmes are names, but of none of the seven kinds: "Action Plan ... on Strengthening Ties".
_GERUND = re.compile(r"(?:Building|Strengthening|Enhancing|Promoting|Deepening|Establishing|Developing|Advancing) ")
_PAPER = re.compile(r".* (?:Plan|Partnership|Agreement|Strategy|Treaty|Statement|Declaration|Memorandum|Pact|Accord)s?")
_MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A span the model calls a name."""

    start: int
    end: int
    label: Label


class Recogniser:
    """The loaded model. Safe to use again and again; memory does not grow with the texts seen."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Recogniser:
        """The recogniser with the weights in `folder`. Raises ModelError if they are missing or do not fit."""
        return cls(_load(folder))

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        """The names of each text, in the order of the texts."""
        found: list[tuple[Found, ...]] = [()] * len(texts)
        with self._nlp.memory_zone():
            numbered = ((_readable(text), number) for number, text in enumerate(texts))
            for doc, number in self._nlp.pipe(numbered, as_tuples=True, batch_size=max(1, len(texts))):
                found[number] = tuple(_names(doc))
        return found


@functools.cache
def _load(folder: Path) -> Language:
    import spacy  # half a second, and not needed by whoever only imports the package

    try:
        nlp = spacy.load(folder)
        _prepare(nlp)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(folder.name, f"the weights do not load: {error}; run `make train`") from error
    # The annotator cuts long texts itself, at a length that bounds memory.
    nlp.max_length = 10**9
    return nlp


def _prepare(nlp: Language) -> None:
    """Weights are stored in half precision, and numpy multiplies them two to three times faster than BLIS."""
    from spacy.pipeline import EntityRecognizer
    from thinc.api import NumpyOps

    ops = NumpyOps(use_blis=False)
    for recogniser in (part for _, part in nlp.components if isinstance(part, EntityRecognizer)):
        for node in recogniser.model.walk():
            node.ops = ops
            for parameter in node.param_names:
                if node.has_param(parameter):
                    node.set_param(parameter, node.get_param(parameter).astype("float32"))


def _readable(text: str) -> str:
    return _UNREADABLE.sub(lambda run: " " * len(run[0]), text)


def _names(doc: Doc) -> Iterator[Found]:
    text = doc.text
    for entity in doc.ents:
        label = LABELS.get(entity.label_)
        if label is None:
            continue
        start, end = trimmed(text, entity.start_char, entity.end_char, label)
        label = "EVENT" if label == "ORG" and text[start:end].endswith(" Summit") else label
        if _is_name(text[start:end], label):
            yield Found(start, end, label)


def trimmed(text: str, start: int, end: int, label: Label) -> tuple[int, int]:
    """The span without what does not belong to a name: quotes, articles, the titles of a person, a possessive."""
    start, end = _strip(text, start, end)
    if article := _ARTICLE.match(text, start, end):
        start = article.end()
    while label == "PERSON" and (title := _TITLE.match(text, start, end)) and title.end() < end:
        start = title.end()
    if possessive := _POSSESSIVE.search(text[start:end]):
        end = start + possessive.start()
    return _strip(text, start, end)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not (text[start].isalnum()):
        start += 1
    while start < end and not (text[end - 1].isalnum() or text[end - 1] in ".)"):
        end -= 1
    if start < end and text[end - 1] == ")" and "(" not in text[start:end]:
        end -= 1
    if start < end and text[end - 1] == "." and "." not in text[start : end - 1]:
        end -= 1
    return start, end


def _is_name(name: str, label: Label) -> bool:
    if not 1 < len(name) <= _MAX_NAME or "\n" in name or not any(char.isupper() for char in name):
        return False
    if _ONLY_TITLE.fullmatch(name) or _NO_NAME.fullmatch(name) or _GERUND.match(name):
        return False
    if label == "PERSON":
        return name[0].isupper() and not any(char.isdigit() or char in "@/&" for char in name)
    return label not in ("EVENT", "FAC") or not _PAPER.fullmatch(name)
