"""The trained entity recogniser: spaCy's transition-based NER on hash-embedded words and vectors of words.

Promises, for each text and in order, spans with one of the seven labels that begin and end with a word, hold no
leading article, title or trailing possessive, and lie on one line. Any string is accepted: lone surrogates and runs
that no word is as long as are blanked, because the tokeniser refuses or takes quadratic time on them. It knows
English only, and no names: see `watchlist` and `resolution`. Weights are loaded when first asked for (Lample et
al., 2016, with spaCy's hash embeddings, Miranda et al., 2022).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pipeline.enrich.products import fastest, one_thread
from pipeline.errors import ModelError
from pipeline.model import Label

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from thinc.api import NumpyOps

FOLDER = Path(__file__).parent / "models" / "ner-en"
LABELS: dict[str, Label] = {label: label for label in get_args(Label)}

_OTHER_PARTS = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer")
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


Reader = Callable[["Doc"], Iterator[Found]]


class Recogniser:
    """A loaded model. Safe to use again and again; memory does not grow with the texts seen."""

    def __init__(self, nlp: Language, read: Reader | None = None) -> None:
        """`read` makes names of the entities of a text; those of an English model by default."""
        self._nlp = nlp
        self._read = read or _names

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Recogniser:
        """The recogniser with the weights in `folder`. Raises ModelError if they are missing or do not fit."""
        return cls(load_pipeline(folder))

    def find(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        """The names of each text, in the order of the texts."""
        found: list[tuple[Found, ...]] = [()] * len(texts)
        with self._nlp.memory_zone(), one_thread():
            numbered = ((_readable(text), number) for number, text in enumerate(texts))
            for doc, number in self._nlp.pipe(numbered, as_tuples=True, batch_size=max(1, len(texts))):
                found[number] = tuple(self._read(doc))
        return found


@functools.cache
def load_pipeline(source: Path | str, ops: NumpyOps | None = None) -> Language:
    """The recogniser's part of a folder of weights, or of an installed spaCy package. Raises ModelError.

    It multiplies by `ops`, or by what is fastest here.
    """
    import spacy  # half a second, and not needed by whoever only imports the package

    try:
        nlp = spacy.load(source, exclude=_OTHER_PARTS)
        _prepare(nlp, ops or fastest())
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        name, cure = (source.name, "; run `make train`") if isinstance(source, Path) else (source, "")
        raise ModelError(name, f"the weights do not load: {error}{cure}") from error
    # The annotator cuts long texts itself, at a length that bounds memory.
    nlp.max_length = 10**9
    return nlp


def _prepare(nlp: Language, ops: NumpyOps) -> None:
    """Weights and vectors are stored in half precision; what no recogniser listens to is left out."""
    from spacy.pipeline import EntityRecognizer

    nlp.vocab.vectors.data = nlp.vocab.vectors.data.astype("float32")
    found = [part for _, part in nlp.components if isinstance(part, EntityRecognizer)]
    listened = {node.name for part in found for node in part.model.walk() if node.name.endswith("-listener")}
    for name in [name for name in nlp.pipe_names if f"{name}-listener" not in listened]:
        if not isinstance(nlp.get_pipe(name), EntityRecognizer):
            nlp.remove_pipe(name)
    for part in found:
        for node in part.model.walk():
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
