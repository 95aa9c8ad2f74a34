"""The trained half of topic classification: a spaCy `textcat_multilabel` over the words of title and lead.

Promises one probability per label the model was trained on, the same for the same words, and constant memory
however many texts it sees. Words come from our own segmenter, folded, because one bag-of-words model serves four
languages of which two write no spaces. It does not know thresholds or patterns: see `topics`. Training:
`topictraining`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.pipeline.textcat_multilabel import MultiLabel_TextCategorizer
from spacy.tokens import Doc
from thinc.api import NumpyOps

from pipeline.enrich.passing import passing_spans
from pipeline.errors import ModelError
from pipeline.text.fold import fold
from pipeline.text.segment import segment

FOLDER = Path(__file__).parent / "models" / "topics"
PIPE = "textcat_multilabel"
REMEDY = "run `make train`"
LEFT_OUT = ("vocab", "tokenizer")  # words are hashed: no list of them is needed, nor shipped
WORDS = 160  # of title and lead; what comes later says little about the subject
BEGINNING = 1200  # code points, enough for that many words in any script
_NUMBER = re.compile(r"\d+")


def beginning(text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    """Word spans of the part of a normalised text that the model reads."""
    return segment(text[:BEGINNING], language)


def words(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The words that the model sees: folded, numbers alike, by-lines and captions left out."""
    passing = passing_spans(text[:BEGINNING])
    spoken = (
        fold(text[start:end]) for start, end in spans if not any(left <= start < right for left, right in passing)
    )
    return [_NUMBER.sub("0", word) for _, word in zip(range(WORDS), spoken, strict=False)]


def make_doc(nlp: Language, tokens: Sequence[str]) -> Doc:
    """A Doc of these words; an empty text is one line break, since spaCy's n-grams need a token."""
    return Doc(nlp.vocab, words=list(tokens) or ["\n"])


class TopicModel:
    """The loaded model. `labels` are the topics it was trained on."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._pipe = categorizer(nlp)
        self.labels: tuple[str, ...] = tuple(self._pipe.labels)

    def predict(self, texts: Sequence[Sequence[str]]) -> list[dict[str, float]]:
        """Label -> probability for each text, given as its words."""
        if not texts:
            return []
        with self._nlp.memory_zone():
            docs = [make_doc(self._nlp, tokens) for tokens in texts]
            scores = self._pipe.predict(docs)
            return [dict(zip(self.labels, map(float, row), strict=True)) for row in scores]


def load_model(folder: Path, *, remedy: str = REMEDY) -> TopicModel:
    """The model in `folder`. Raises ModelError if it is not there or this spaCy cannot read it."""
    try:
        nlp = spacy.load(folder, exclude=list(LEFT_OUT))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(folder.name, f"the topic model cannot be loaded: {error}; {remedy}") from error
    return TopicModel(nlp)


@lru_cache(maxsize=2)
def shipped_model(folder: Path = FOLDER) -> TopicModel:
    """The same, read once: it does not change while we run."""
    return load_model(folder)


def categorizer(nlp: Language) -> MultiLabel_TextCategorizer:
    """The one component of the pipeline, on numpy's own matrix product: spaCy's bundled BLIS is slower here."""
    pipe = nlp.get_pipe(PIPE)
    if not isinstance(pipe, MultiLabel_TextCategorizer):
        raise ModelError(PIPE, f"is a {type(pipe).__name__}; run `make train`")
    for node in pipe.model.walk():
        node.ops = NumpyOps(use_blis=False)
    return pipe
