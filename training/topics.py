"""`python -m training.topics`: trains the topic classifier and writes pipeline/enrich/models/topics.

Promises the same weights from the same data (fixed seeds, one thread) in a few minutes on one core. The model's
opinions that the logistic functions are fitted on come from cross-validation by story, so that a memory of its own
training texts is not mistaken for knowledge. The test split of the gold texts is not read: see `evaluate_topics`. The
dev split is for choosing settings (train without it, score on it); what ships has learned from it too.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from pipeline.enrich.patterns import PatternMatcher
from pipeline.enrich.signals import FEATURES
from pipeline.enrich.topicfit import fit
from pipeline.enrich.topicmodel import FOLDER
from pipeline.enrich.topics import ANY_TOPIC, Weights, logit
from pipeline.enrich.topictraining import Example, Tokens, cross_validated, save, signals, tokens_of, train
from training.topics_data import background, data_folder, gold, topics
from training.topics_variants import variants

ENOUGH = 0.52  # score of a text that names a term once, for a topic that nothing else is known of
META = {
    "name": "newswatch_topics",
    "version": "0.1.0",
    "description": "Topic probabilities of news in English, French, Chinese and Khmer, from title and lead",
    "license": "CC BY-SA 4.0",
    "sources": [
        {"name": "Newswatch gold texts (training/gold), written for this project", "license": "CC BY-SA 4.0"},
        {"name": "ianrastall/current-events-context: Wikipedia Current Events portal", "license": "CC BY-SA 4.0"},
        {"name": "brian14708/wh-briefings: White House briefings", "license": "US public domain"},
        {"name": "VOANews/cambodia-election: Voice of America", "license": "US public domain"},
        {"name": "UniversalNER/UNER_Chinese-GSDSIMP (text only)", "license": "CC BY-SA 4.0"},
    ],
}


def main() -> int:
    argparse.ArgumentParser(description=__doc__.split("\n", 1)[0]).parse_args()
    started = time.monotonic()
    chosen = topics()
    names = [topic.name for topic in chosen]
    matcher = PatternMatcher(chosen)
    examples = [*gold("train", "dev")]
    examples += variants(examples, names, matcher)
    folder = data_folder()
    if folder is None:
        print("NEWSWATCH_DATA names no folder: training on the gold texts alone", file=sys.stderr)
    else:
        examples += background(folder, matcher)
    tokens = [tokens_of(one) for one in examples]
    print(f"{len(examples)} examples, {len(gold('train', 'dev'))} of them gold", file=sys.stderr)
    combination = combine(examples, tokens, names, matcher)
    save(train(examples, tokens, names), combination, FOLDER, meta=META)
    print(f"{FOLDER.name} written after {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


def combine(
    examples: Sequence[Example], tokens: Sequence[Tokens], names: Sequence[str], matcher: PatternMatcher
) -> dict[str, Weights]:
    """The logistic function of each topic, and the one for topics without a model."""
    opinions = cross_validated(examples, tokens, names)
    found = [signals(one, matcher) for one in examples]
    weights = [one.weight for one in examples]
    combination, pooled, pooled_labels = {}, [], list[bool]()
    for number, name in enumerate(names):
        features = [row[number].features for row in found]
        labels = [name in one.topics for one in examples]
        rows = [(*row, logit(opinion[name])) for row, opinion in zip(features, opinions, strict=True)]
        combination[name] = fit(rows, labels, weights, model=True)
        pooled += [*features, *(without_context(row) for row in features)]
        pooled_labels += labels * 2
    combination[ANY_TOPIC] = term_enough(fit(pooled, pooled_labels, weights * 2 * len(names), model=False))
    return combination


def term_enough(weights: Weights) -> Weights:
    """The same for a topic of words alone, whose terms must be enough by themselves in title or lead.

    The topics that ship teach otherwise, because others bear their acronyms too.
    """
    row = dict(zip(FEATURES, weights.features, strict=True))
    needed = round(logit(ENOUGH) - weights.bias - row["terms"] * math.log1p(1), 4)
    row |= {name: max(row[name], needed) for name in ("title_term", "lead_term")}
    return replace(weights, features=tuple(row[name] for name in FEATURES))


def without_context(features: Sequence[float]) -> tuple[float, ...]:
    """The same text's signals for a topic whose owner has listed no words of context: terms must be enough."""
    row = dict(zip(FEATURES, features, strict=True))
    row |= {"context": 0.0, "lead_context": 0.0, "pairs": 0.0, "lead_pair": 0.0}
    row["bare_pair"] = max(row["bare_pair"], features[FEATURES.index("lead_pair")])
    return tuple(row[name] for name in FEATURES)


if __name__ == "__main__":
    sys.exit(main())
