"""How fast texts are read here: by the whole annotator in each language, and by the English recogniser alone.

Promises characters or tokens per second of one core's time, not of the clock, so that other work on the machine counts
little; `measured` does so in a process of its own whose numpy has one thread, because idle threads of a matrix
product take time as well. The recogniser is measured twice: on numpy's matrix product, as it runs, and on spaCy's
default, BLIS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import spacy
from spacy.pipeline import EntityRecognizer
from thinc.api import NumpyOps, Ops

from pipeline.enrich.annotator import Annotator
from pipeline.enrich.ner import FOLDER, Recogniser
from pipeline.model import TextItem
from training.evaluate_linking import annotator
from training.newswire import newswire
from training.samples import data_folder
from training.topics_data import GOLD, LANGUAGES, rows

ROUNDS = 3  # the fastest counts
NUMPY, DEFAULT = "numpy", "default"


def measured() -> Mapping[str, float]:
    """Tokens per second of the recogniser under NUMPY and DEFAULT, characters per second under each language."""
    alone = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    made = subprocess.run([sys.executable, "-m", "training.speed"], env=alone, capture_output=True, check=True)
    return {str(name): float(value) for name, value in json.loads(made.stdout).items()}


def main() -> None:
    texts = [sample.text for sample in newswire(data_folder(), "test")]
    speeds = {name: tokens(recogniser(NumpyOps(use_blis=name == DEFAULT)), texts) for name in (NUMPY, DEFAULT)}
    whole = annotator()
    print(json.dumps(speeds | {language: characters(whole, language) for language in LANGUAGES}))


def characters(annotator: Annotator, language: str) -> float:
    """Characters per second of the whole annotator on the gold texts of a language."""
    items = [TextItem(row["id"], row["title"], row["text"], language) for row in rows(GOLD / f"{language}.jsonl")]
    return sum(len(item.raw) for item in items) / _seconds(lambda: list(annotator.annotate(items)))


def recogniser(ops: Ops) -> Recogniser:
    """The shipped weights on other operations than the usual ones."""
    nlp = spacy.load(FOLDER)
    for part in (part for _, part in nlp.components if isinstance(part, EntityRecognizer)):
        for node in part.model.walk():
            node.ops = ops
            for name in node.param_names:
                if node.has_param(name):
                    node.set_param(name, node.get_param(name).astype("float32"))
    return Recogniser(nlp)


def tokens(finder: Recogniser, texts: Sequence[str]) -> float:
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
