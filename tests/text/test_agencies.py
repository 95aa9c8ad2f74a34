"""Whose text it is, as the text itself says."""

from __future__ import annotations

import pytest

from pipeline.text.agencies import wire_agency

LONG = "The minister said that the road would be finished by the end of the year. " * 8


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("PHNOM PENH, Nov. 8 (Xinhua) -- Cambodia will host the summit.", "xinhua"),
        ("BEIJING (AFP) - China said on Monday ...", "afp"),
        ("PARIS (AFP) Le ministre des affaires étrangères ...", "afp"),
        ("Phnom Penh, le 3 mars (Reuters) – Le Cambodge ...", "reuters"),
        ("AKP Phnom Penh, June 09, 2019 -- Deputy Prime Minister ...", "akp"),
        ("Reuters - Leaders of Asia and Europe ...", "reuters"),
        ("新华社金边11月8日电（记者张三）柬埔寨首相 ...", "xinhua"),
        ("（新华社记者张三）新华社北京3月2日电 外交部 ...", "xinhua"),
        ("中新社北京3月2日电 外交部发言人 ...", "cns"),
        ("（法新社）欧盟 ...", "afp"),
        ("ភ្នំពេញ (ស៊ិនហួ) នាយករដ្ឋមន្ត្រី ...", "xinhua"),
        (f"{LONG}\nSource: Xinhua\nEditor: Li Yan", "xinhua"),
        (f"{LONG}\n来源：新华社", "xinhua"),
        (f"{LONG} (AP)", "ap"),
        (f"{LONG}—AFP", "afp"),
        (f"{LONG}\nBernama", "bernama"),
        (f"{LONG}© Reuters 2019", "reuters"),
    ],
)
def test_a_text_that_gives_itself_out_as_an_agencys(text: str, agency: str) -> None:
    assert wire_agency(text) == agency


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        LONG,
        "He told Xinhua on Monday that the road was open. According to AFP, it is not.",
        "The Associated Press (AP) and Agence France-Presse (AFP) sent reporters to the trial.",
        "Fields near Takeo (Xinhua/Nhean). The minister said on Monday ...",
        f"Photo by Wu Changwei/Xinhua\n{LONG}",
        f"{LONG}(Photo: AFP)",
        "AP Moller sends ships to Sihanoukville.",
        "Reuters journalists were freed on Tuesday, and left for Bangkok.",
        "新华社社长访问柬埔寨。",
        f"The paper works with the national agency (AKP) of Cambodia. {LONG}",
    ],
)
def test_a_text_that_only_speaks_of_an_agency(text: str) -> None:
    assert wire_agency(text) is None


def test_a_by_line_says_it_too() -> None:
    assert wire_agency(LONG, authors=("Agence France-Presse",)) == "afp"
    assert wire_agency(LONG, authors=("By Reuters staff",)) == "reuters"
    assert wire_agency(LONG, authors=("Sok Pisey", "Reuters Chan")) is None
