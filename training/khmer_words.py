"""`python -m training.khmer_words`: the Khmer words that are no part of a name, for pipeline/enrich/khmer.py.

Writes pipeline/enrich/models/names-km/common.txt: the words that khmer-nltk's tagger calls a verb, an adjective or a
function word, mostly and more than once, in the even-numbered VOA articles of the data folder. Promises the same file
for the same articles.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from pathlib import Path

from pipeline.enrich.khmer import COMMON
from pipeline.text import clean
from training.samples import data_folder

ARTICLES = Path("khmer", "voa_khmer_articles.jsonl")
_NOUNS = frozenset({"n", "1", "."})


def words(articles: Path) -> list[str]:
    """In order; `articles` are JSON Lines with "text"."""
    tag = import_module("khmernltk").pos_tag
    seen, common = Counter[str](), Counter[str]()
    for line in articles.read_text(encoding="utf-8").splitlines()[::2]:
        for sentence in clean(json.loads(line)["text"]).split("។"):
            for word, kind in tag(sentence):
                seen[word] += 1
                common[word] += kind not in _NOUNS
    return sorted(
        word
        for word, count in common.items()
        if count > 1 and count > seen[word] / 2 and "\u1780" <= word[0] <= "\u17b3"
    )


def main() -> None:
    COMMON.write_text("\n".join(words(data_folder() / ARTICLES)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
