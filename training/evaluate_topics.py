"""`python -m training.evaluate_topics`: how well topics are told, on texts that nothing was trained on.

Prints precision, recall and F1 for each topic and language on the test split of the gold texts, on the unseen ones, and
on the first by their titles alone, and how many hand-labelled real reports (hardly any of them about a topic) were
judged wrongly. `--errors` lists every mistake. It changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.enrich.topiclearning import Result
from pipeline.enrich.topics import TopicClassifier
from pipeline.enrich.topictraining import Example
from pipeline.model import Topic, TopicScore
from training.topics_data import LANGUAGES, data_folder, gold, hand_labelled, khmer_reports, topics, unseen


@dataclass(frozen=True, slots=True)
class Judged:
    """One topic of one example: what the label and the classifier say."""

    example: Example
    score: TopicScore
    wanted: bool


def judge(classifier: TopicClassifier, examples: Sequence[Example]) -> list[Judged]:
    scored = classifier.classify([(one.title, one.text, one.language) for one in examples])
    return [
        Judged(one, score, score.topic in one.topics)
        for one, scores in zip(examples, scored, strict=True)
        for score in scores
    ]


def measure(judged: Iterable[Judged]) -> Result:
    rows = [(one.wanted, one.score.match) for one in judged]
    return Result(rows.count((True, True)), rows.count((False, True)), rows.count((True, False)))


def main(arguments: Sequence[str]) -> int:
    chosen = topics()
    classifier = TopicClassifier.load(chosen)
    held_out = gold("test")
    sets = {"gold": judge(classifier, held_out), "unseen": judge(classifier, unseen())}
    titles = [replace(one, text="") for one in held_out if not one.text or not one.topics]
    sets["titles"] = judge(classifier, titles)
    for name, judged in sets.items():
        _print_table(name, judged, chosen)
    if folder := data_folder():
        sets["real English"] = judge(classifier, hand_labelled(folder, "test"))
        sets["real Khmer"] = judge(classifier, khmer_reports(folder, training=False))
        _print_real(sets)
    else:
        print("real reports: left out, NEWSWATCH_DATA names no folder")
    if "--errors" in arguments:
        _print_errors([one for judged in sets.values() for one in judged])
    return 0


def _print_table(name: str, judged: Sequence[Judged], chosen: Sequence[Topic]) -> None:
    print(f"{name:<10}{'topic':<16}{'':<5}{'texts':>6}{'about':>6}{'precision':>11}{'recall':>8}{'F1':>6}")
    for topic in chosen:
        for language in (*LANGUAGES, "all"):
            rows = [one for one in judged if one.score.topic == topic.name]
            rows = [one for one in rows if language in (one.example.language, "all")]
            found, about = measure(rows), sum(one.wanted for one in rows)
            measures = f"{found.precision:>11.2f}{found.recall:>8.2f}{found.f1:>6.2f}"
            print(f"{'':<10}{topic.name:<16}{language:<5}{len(rows):>6}{about:>6}{measures}")


def _print_real(sets: dict[str, list[Judged]]) -> None:
    for name in ("real English", "real Khmer"):
        texts = len({(one.example.title, one.example.text) for one in sets[name]})
        found, about = measure(sets[name]), sum(one.wanted for one in sets[name])
        print(f"{name}: {texts} reports, {about} about a topic: {found.false} wrong matches, {found.missed} missed")


def _print_errors(judged: Iterable[Judged]) -> None:
    for one in judged:
        if one.wanted != one.score.match:
            words = ", ".join(span.text for span in one.score.evidence)
            kind = "missed" if one.wanted else "wrong"
            print(f"{kind} {one.score.topic} {one.score.score:.2f} {one.example.story} {one.example.title} [{words}]")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
