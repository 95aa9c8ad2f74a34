"""Families side by side with the naive way, in one run: `python -m benchmarks.families`.

Prints, for each language, how many copies each method finds (last third cut; another headline; cut, retitled and
with a credit line added), how many pairs of different articles it takes for copies, and what an article costs. The
naive way compares sets of word trigrams, all pairs, at the same similarity. Articles are those of the demonstration
feeds, and of NEWSWATCH_DATA where it is found (English and Khmer); nothing of them is printed or kept.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from ruamel.yaml import YAML

from pipeline.enrich.families import SIMILARITY, bands, choose_family, family_text, group, signature
from seeds.make_feeds import HERE, text_of

DATA = Path(os.environ.get("NEWSWATCH_DATA", HERE.parent.parent / "shared" / "data"))
CORPORA = {"en": "topics/unlabelled_news.jsonl", "km": "khmer/voa_khmer_articles.jsonl"}
MOST = 400  # articles of a language; the naive way compares all pairs
LEAST = 600  # characters; of a shorter text a third is not much
RETITLED = {"zh": "编辑另拟的标题", "km": "ចំណងជើងផ្សេង"}
CREDIT = {"zh": "\n\n（来源：本报综合，责任编辑）", "km": "\n\nប្រភព៖ សារព័ត៌មានផ្សេង"}

Article = tuple[str, str]


def copies(language: str, title: str, text: str) -> dict[str, Article]:
    retitled = RETITLED.get(language, "A headline that the desk found better than the agency's")
    credit = CREDIT.get(language, "\n\nThis report first appeared elsewhere. Follow us for more.")
    cut = text[: len(text) * 2 // 3]
    return {
        "last third cut": (title, cut),
        "other headline": (retitled, text),
        "cut, retitled, credited": (retitled, cut + credit),
    }


@dataclass
class Tally:
    found: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    seconds: float = 0.0  # to read and group all articles


def articles() -> Iterator[tuple[str, Article]]:
    """(language, (title, text)), each text once."""
    seen: set[str] = set()
    for feed in YAML(typ="safe").load((HERE / "items.yml").read_text(encoding="utf-8")):
        for item in feed["items"]:
            if (text := text_of(item)) not in seen and item.get("seed") != "two-thirds":
                seen.add(text)
                yield feed["language"], (item["title"], text)
    for language, name in CORPORA.items():
        if not (DATA / name).is_file():
            print(f"{DATA / name} is not there: measured without it")
            continue
        for line in (DATA / name).read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            if (text := article["text"].strip()) not in seen:
                seen.add(text)
                yield language, (article["title"], text)


def ours(language: str, sample: Sequence[Article]) -> Tally:
    tally = Tally()
    start = time.perf_counter()
    grouped = group([(str(at), family_text(*article), None) for at, article in enumerate(sample)])
    tally.seconds = time.perf_counter() - start
    tally.wrong = sum(member.article != member.family for member in grouped)
    for title, text in sample:
        first = signature(family_text(title, text))
        keys = set(bands(first))
        for name, copy in copies(language, title, text).items():
            signed = signature(family_text(*copy))
            met = not keys.isdisjoint(bands(signed))
            tally.found[name] += met and choose_family(signed, [("first", first)]) is not None
    return tally


def naive(language: str, sample: Sequence[Article]) -> Tally:
    tally = Tally()
    start = time.perf_counter()
    read = [_trigrams(*article) for article in sample]
    tally.wrong = sum(_jaccard(one, other) >= SIMILARITY for one, other in combinations(read, 2))
    tally.seconds = time.perf_counter() - start
    for (title, text), first in zip(sample, read, strict=True):
        for name, copy in copies(language, title, text).items():
            tally.found[name] += _jaccard(first, _trigrams(*copy)) >= SIMILARITY
    return tally


def _trigrams(title: str, text: str) -> frozenset[tuple[str, ...]]:
    words = f"{title}\n{text}".lower().split()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / (len(one | other) or 1)


def main() -> None:
    languages: dict[str, list[Article]] = {}
    for language, (title, text) in articles():
        if len(text) >= (LEAST if language != "zh" else LEAST // 3):
            languages.setdefault(language, []).append((title, text))
    for language, sample in languages.items():
        sample = sample[:MOST]
        size = sum(len(text) for _, text in sample) // len(sample)
        print(f"\n{language}: {len(sample)} articles of {size} characters on average")
        for name, method in (("newswatch", ours), ("naive", naive)):
            tally = method(language, sample)
            found = "  ".join(f"{kind} {count / len(sample):.1%}" for kind, count in tally.found.items())
            cost = tally.seconds / len(sample) * 1e6
            print(f"  {name:9}  {found}  wrong {tally.wrong}  {cost:.0f} us an article")


if __name__ == "__main__":
    main()
