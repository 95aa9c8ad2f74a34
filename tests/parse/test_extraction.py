"""Full text of 181 real article pages against their gold bodies, scored as the benchmark's authors do.

Shingles of four words; precision and recall are means over pages, F1 is of these means (scrapinghub,
article-extraction-benchmark). The corpus is outside the tree: see `conftest.py`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import datetime
from statistics import mean

from pipeline.parse import Worker
from tests.parse.data import FOLDER, archive

FLOOR = 0.95
ARCHIVE = FOLDER / "html" / "article-extraction-benchmark.tar.gz"


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def score(found: str, gold: str) -> tuple[float, float]:
    one, other = shingles(found), shingles(gold)
    shared = sum((one & other).values())
    return shared / one.total() if found else 0.0, shared / other.total()


def test_articles_are_found_on_real_pages(worker: Worker, now: datetime) -> None:
    files = dict(archive(ARCHIVE))
    gold = json.loads(next(body for name, body in files.items() if name.endswith("ground-truth.json")))
    scores = []
    for name, body in files.items():
        key = name.rpartition("/")[2].removesuffix(".html.gz")
        if key in gold:
            page = worker.page(gzip.decompress(body), url=gold[key]["url"], now=now)
            assert page.url == gold[key]["url"]
            scores.append(score(page.text or "", gold[key]["articleBody"]))
    precision, recall = (mean(column) for column in zip(*scores, strict=True))
    f1 = 2 * precision * recall / (precision + recall)
    print(f"{len(scores)} pages: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    assert len(scores) == len(gold)
    assert f1 >= FLOOR
