"""`python -m training.evaluate`: the table of published scores, from the weights and the configuration that ship.

Promises every figure in one run, each beside its goal and, where there is one, the model to beat, and hides no row that
falls short. `--markdown` writes the table into README.md and docs/quality.md; `--only NAME` measures one section, and
with `--markdown` replaces the rows of that one. What the sets are, and how far their figures can be trusted:
docs/quality.md. The figures of other machines differ in speed only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from pipeline.enrich.ner import Recogniser
from pipeline.enrich.topics import TopicClassifier
from pipeline.index.embedded import EmbeddedIndex
from training import evaluate_language, evaluate_linking, evaluate_names, evaluate_ner, evaluate_topics, recall, speed
from training.samples import data_folder
from training.scores import Row, publish, renewed, table, text
from training.sources import faults
from training.topics_data import LANGUAGES, gold, topics, unseen

IN_WORDS = {"en": "English", "fr": "French", "zh": "Chinese", "km": "Khmer"}
F1 = {"cambodia_china": {"en": 0.90, "fr": 0.85, "zh": 0.85, "km": 0.85}, "asem": dict.fromkeys(LANGUAGES, 0.90)}
CHOSEN_BY = "newswire dev"  # models are chosen by it, so that its figure is no measure
PUBLIC = ("UNER EWT test", "CrossNER politics test", "GUM news")


def language_rows(folder: Path) -> Iterator[Row]:
    """Share of headlines, and of real Khmer texts, whose language is told."""
    written = evaluate_language.headlines()
    sets = {f"titles, {IN_WORDS[code]}": [one for one in written if one[0] == code] for code in LANGUAGES}
    sets["VOA articles, Khmer, titles and openings"] = list(evaluate_language.khmer(folder))
    for name, chosen in sets.items():
        yield Row("language, accuracy", f"{name}: {len(chosen)}", evaluate_language.accuracy(chosen), 0.98)


def topic_rows(folder: Path) -> Iterator[Row]:
    """F1 by topic and language, and how many of the texts about a topic are matched, on held-out texts."""
    classifier = TopicClassifier.load(topics())
    judged = evaluate_topics.judge(classifier, gold("test"))
    for topic, goals in F1.items():
        for language, goal in goals.items():
            rows = [one for one in judged if (one.score.topic, one.example.language) == (topic, language)]
            wanted = sum(one.wanted for one in rows)
            size = f"gold test, {IN_WORDS[language]}: {len(rows)} texts, {wanted} about it"
            yield Row(f"{topic}, F1", size, evaluate_topics.measure(rows).f1, goal)
    for topic in F1:
        about = [one for one in judged if one.score.topic == topic and one.wanted]
        clear = [one for one in about if topic in one.example.clear]
        size = f"gold test, clearly about it: {len(clear)}"
        yield Row(f"{topic}, recall", size, evaluate_topics.measure(clear).recall, 0.97)
        size = f"gold test, all about it: {len(about)}"
        yield Row(f"{topic}, recall", size, evaluate_topics.measure(about).recall)
    judged = evaluate_topics.judge(classifier, unseen())
    for topic in F1:
        rows = [one for one in judged if one.score.topic == topic]
        clear = [one for one in rows if topic in one.example.clear]
        size = f"{topic}: {len(rows)} texts, {sum(one.wanted for one in rows)} about it"
        yield Row("unseen texts, F1", size, evaluate_topics.measure(rows).f1, 0.90)
        size = f"{topic}, clearly about it: {len(clear)}"
        yield Row("unseen texts, recall", size, evaluate_topics.measure(clear).recall, 0.97)


def name_rows(folder: Path) -> Iterator[Row]:
    """F1 of people, bodies and places: of English, and of the other languages, on sets nothing was chosen by."""
    yield from _english_rows(folder)
    for tests, finder in evaluate_names.tests(folder, evaluate_linking.annotator()):
        if tests.name.endswith("test"):
            found = evaluate_ner.measure(finder, tests)[""]
            goal = 0.60 if tests.name.startswith("UNER") else None
            yield Row("other languages' names, F1", f"{tests.name}: {found.gold:,} names", found.f1, goal)


def _english_rows(folder: Path) -> Iterator[Row]:
    """Ours beside en_core_web_sm; none of the public sets may be below it."""
    ours, stock = Recogniser.load(), evaluate_ner.stock()
    gains = []
    for tests in evaluate_ner.test_sets(folder):
        if tests.name == CHOSEN_BY:
            continue
        found, beside = (evaluate_ner.measure(finder, tests)[""] for finder in (ours, stock))
        public = tests.name in PUBLIC
        gains += [found.f1 - beside.f1] if public else []
        size = f"{tests.name}: {found.gold:,} names"
        yield Row("English names, F1, beside en_core_web_sm", size, found.f1, beside.f1 if public else None, beside.f1)
    yield Row(
        "English names, F1, gain over en_core_web_sm", f"mean of the {len(gains)} public sets", fmean(gains), 0.09
    )


def linking_rows(folder: Path) -> Iterator[Row]:
    """Links to entries of the watch-list, on the half of the sentences that nothing was mended by."""
    linked = evaluate_linking.link(evaluate_linking.annotator(), evaluate_linking.sentences("test"))
    for language in LANGUAGES:
        chosen = [one for one in linked if one.sentence.language == language]
        found = evaluate_linking.measure(chosen)
        size = f"linking test, {IN_WORDS[language]}: {sum(len(one.sentence.links) for one in chosen)} links"
        yield Row("watch-list linking, precision", size, found.precision, 0.97)
        yield Row("watch-list linking, recall", size, found.recall, 0.95)


def query_rows(folder: Path) -> Iterator[Row]:
    """What the embedded index finds of what stands in unspaced texts."""
    with TemporaryDirectory() as home:
        index = EmbeddedIndex(Path(home))
        recall.fill(index)
        for language in ("km", "zh"):
            for public in (False, True):
                asked = recall.queries(language, public)
                expected = [recall.truth(query, language) for query in asked]
                found = recall.score(recall.embedded(index, [f'"{query}"' for query in asked]), expected)
                size = f"{len(asked)} queries, {'public' if public else 'own'} {IN_WORDS[language]} texts"
                yield Row("search, recall", size, found.recall, 0.98)


def speed_rows(folder: Path) -> Iterator[Row]:
    """Of one core: tokens per second for English names, and characters per second of everything."""
    ours, default = speed.measured()
    names = speed.ENGLISH_NAMES
    yield Row("English names, tokens/s, beside default ops", "newswire test", ours[names], 15_000, default[names])
    for language in LANGUAGES:
        on = f"gold texts, {IN_WORDS[language]}"
        yield Row("everything, characters/s, beside default ops", on, ours[language], beside=default.get(language))


SECTIONS: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    "language": language_rows,
    "topics": topic_rows,
    "names": name_rows,
    "linking": linking_rows,
    "search": query_rows,
    "speed": speed_rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="write the table into README.md and docs/quality.md")
    parser.add_argument("--only", choices=SECTIONS, help="measure only this")
    options = parser.parse_args()
    folder = data_folder()
    if found := list(faults(folder)):
        raise SystemExit("\n".join(found))
    chosen = [options.only] if options.only else list(SECTIONS)
    rows = [row for name in chosen for row in SECTIONS[name](folder)]
    print("\n".join(text(rows)))
    if options.markdown:
        publish([row.cells for row in rows] if options.only is None else renewed(table(), rows))


if __name__ == "__main__":
    main()
