"""How fast texts are read here: by the whole annotator in each language, and by the English recogniser alone.

Promises characters or tokens per second of one core's time, not of the clock, so that other work on the machine counts
little; `measured` does so in a process of its own whose numpy has one thread, because idle threads of a matrix
product take time as well. What runs on spaCy is measured twice: on numpy's matrix product, and on spaCy's default,
BLIS. The recogniser of Chinese is numpy's alone, and Khmer has none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import spacy
from thinc.api import NumpyOps

from pipeline.config import load_config
from pipeline.enrich import french
from pipeline.enrich.annotator import Annotator
from pipeline.enrich.ner import FOLDER, Recogniser, load_pipeline
from pipeline.enrich.recognisers import FRENCH, Finder, recognisers
from pipeline.enrich.topics import TopicClassifier
from pipeline.enrich.watchlist import WatchList
from pipeline.model import TextItem
from pipeline.settings import load_settings
from training.newswire import newswire
from training.samples import data_folder
from training.topics_data import GOLD, LANGUAGES, rows

ROUNDS = 3  # the fastest counts
NUMPY, DEFAULT = "numpy", "default"
ENGLISH_NAMES = "names"

Speeds = Mapping[str, float]


def measured() -> tuple[Speeds, Speeds]:
    """On numpy's product and on spaCy's: tokens per second under ENGLISH_NAMES, characters per second by language."""
    alone = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    made = subprocess.run([sys.executable, "-m", "training.speed"], env=alone, capture_output=True, check=True)
    speeds = json.loads(made.stdout)
    return speeds[NUMPY], speeds[DEFAULT]


def main() -> None:
    texts = [sample.text for sample in newswire(data_folder(), "test")]
    config = load_config(load_settings().config)
    topics, watchlist = TopicClassifier.load(config.topics), WatchList(config.watchlist)
    speeds = {}
    for name in (NUMPY, DEFAULT):
        found = on_spacy(NumpyOps(use_blis=name == DEFAULT))
        whole = Annotator(topics, watchlist, {**recognisers(), **found})
        chosen = LANGUAGES if name == NUMPY else tuple(found)
        speeds[name] = {ENGLISH_NAMES: tokens(found["en"], texts)} | {
            language: characters(whole, language) for language in chosen
        }
    print(json.dumps(speeds))


def on_spacy(ops: NumpyOps) -> dict[str, Finder]:
    """The recognisers by language that are spaCy's, multiplying by `ops`."""
    of_french = load_pipeline(FRENCH, ops)
    return {"en": Recogniser(load_pipeline(FOLDER, ops)), "fr": Recogniser(of_french, french.reader(of_french))}


def characters(annotator: Annotator, language: str) -> float:
    """Characters per second of the whole annotator on the gold texts of a language."""
    items = [TextItem(row["id"], row["title"], row["text"], language) for row in rows(GOLD / f"{language}.jsonl")]
    return sum(len(item.raw) for item in items) / _seconds(lambda: list(annotator.annotate(items)))


def tokens(finder: Finder, texts: Sequence[str]) -> float:
    """Tokens per second of the recogniser on English texts."""
    nlp = spacy.blank("en")
    return sum(len(nlp(text)) for text in texts) / _seconds(lambda: finder.find(texts))


def _seconds(work: Callable[[], object]) -> float:
    work()  # loads what is loaded at first use
    return min(_once(work) for _ in range(ROUNDS))


def _once(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    main()
