"""Where words begin and end, by script.

Promises spans of the text given, in order and not overlapping, each one word: runs of letters, marks and digits
where words are parted by spaces; jieba's words in Han runs; khmer-nltk's in Khmer. Zero-width characters do not
part words (writers put them at line breaks as well) and spans never begin or end with one. The dictionaries are
loaded when their script is first met, quietly, and nothing is written to disk.
"""

from __future__ import annotations

import functools
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from pipeline.text.fold import fold
from pipeline.text.normalise import normalise
from pipeline.text.scripts import HAN, KHMER, marks

Span = tuple[int, int]

# The model saw whole sentences: spaces, digits and the dash between Khmer words are context for it. Runs are bounded,
# for what feeds send without a stop or space: features take 2 kB a cluster, jieba's graph half of that a character.
_LONGEST = 600
_HANGING = f"(?:[\u17b4-\u17d3\u17dd]|(?<=\u17d2)[{KHMER}]){{0,40}}"  # what belongs to the cluster before
_KHMER_RUN = re.compile(f"[{KHMER}](?:[{KHMER}\u17e0-\u17e9 0-9,.\\-]{{0,{_LONGEST}}}[{KHMER}])?{_HANGING}")
_loading = threading.Lock()
_tagging = threading.Lock()  # a CRFsuite tagger holds the sentence in hand


def segment(text: str, language: str | None) -> tuple[Span, ...]:
    """Word spans of `text`. In Japanese (`language` "ja") a Han run is one word: jieba knows Chinese."""
    normal = normalise(text)
    spans = tuple(_words(normal.text, language))
    if normal.text == text:
        return spans
    starts, ends = normal.places()
    return tuple((starts[start], ends[end - 1]) for start, end in spans)


def _words(text: str, language: str | None) -> Iterator[Span]:
    done = 0  # a Khmer sentence reaches over words of its own
    for run in _runs().finditer(text):
        if run.start() < done:
            continue
        if run.lastgroup == "khmer":
            sentence = _KHMER_RUN.match(text, run.start())
            assert sentence is not None
            yield from _khmer_words(text, *sentence.span())
            done = sentence.end()
        elif run.lastgroup == "han" and language != "ja":
            yield from _chinese_words(text, *run.span())
        else:
            yield run.span()


@functools.cache
def _runs() -> re.Pattern[str]:
    return re.compile(
        f"(?P<khmer>[{KHMER}])|(?P<han>[{HAN}]{{1,{_LONGEST}}})|(?:(?![{HAN}{KHMER}])(?:[^\\W_]|[{marks()}]))+"
    )


def _chinese_words(text: str, start: int, end: int) -> Iterator[Span]:
    for word in _chinese()(fold(text[start:end])):
        yield start, start + len(word)
        start += len(word)


def _khmer_words(text: str, start: int, end: int) -> Iterator[Span]:
    """Words of one sentence; a word that holds spaces, digits or signs is cut there."""
    begins, clusters = start, _khmer()(text[start:end])
    for cluster, opens in clusters:
        if opens and begins < start:
            yield from _pure(text, begins, start)
            begins = start
        start += len(cluster)
    yield from _pure(text, begins, end)


def _pure(text: str, start: int, end: int) -> Iterator[Span]:
    for run in re.finditer(f"[{KHMER}]+|[^\\W_]+", text[start:end]):
        yield start + run.start(), start + run.end()


@functools.cache
def _chinese() -> Callable[[str], Iterator[str]]:
    """jieba's cutter, with its dictionary read here: jieba would log and leave a cache in the shared /tmp."""
    with _loading, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jieba: Any = import_module("jieba")
        jieba.setLogLevel(logging.ERROR)
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
    cut: Callable[[str], Iterator[str]] = tokenizer.cut
    return cut


@functools.cache
def _khmer() -> Callable[[str], list[tuple[str, bool]]]:
    """khmer-nltk's tagger: clusters of a sentence, and whether a word opens with each.

    Its own `word_tokenize` rewrites the text first, so that its words are not always found in it again, and leaves
    the model in a temporary file.
    """
    with _loading, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("khmernltk.utils.log_utils").logger.setLevel(logging.ERROR)
        words: Any = import_module("khmernltk.word_tokenize")
        file = words.load_model(words.model_path).modelfile
        tagger: Any = import_module("pycrfsuite").Tagger()
        tagger.open(file.name)  # reads it whole
        file.cleanup()

    def tag(sentence: str) -> list[tuple[str, bool]]:
        clusters = words.seg_kcc(sentence.replace(" ", "\u200b \u200b"))
        with _tagging:
            marked = tagger.tag(words.create_kcc_features(clusters))
        return [(cluster, mark == "1") for cluster, mark in zip(clusters, marked, strict=True)]

    return tag
