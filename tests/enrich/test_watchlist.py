"""The watch-list in Latin, Han and Khmer script."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.watchlist import WatchList
from pipeline.model import Label, WatchEntity
from pipeline.text import clean


def entity(name: str, label: Label, *aliases: str, needs: tuple[str, ...] = ()) -> WatchEntity:
    return WatchEntity(name, label, f"Q{sum(map(ord, name))}", None, None, aliases, needs)


ENTITIES = (
    entity("Wang Yi", "PERSON", "王毅", "វ៉ាង យី"),
    entity("Li Qiang", "PERSON", "李强"),
    entity("Hun Sen", "PERSON", "洪森", "ហ៊ុន សែន"),
    entity("China", "GPE", "PRC", "中国", "ចិន"),
    entity("Cambodia", "GPE", "Cambodge", "柬埔寨", "កម្ពុជា"),
    entity("Côte d'Ivoire", "GPE", "Ivory Coast"),
    entity("Phnom Penh", "GPE", "金边"),
    entity("Royal University of Phnom Penh", "ORG", "RUPP"),
    entity("World Health Organization", "ORG", "WHO"),
    entity("Association of Southeast Asian Nations", "ORG", "ASEAN", "东盟", "អាស៊ាន"),
    entity("Asia-Europe Meeting", "ORG", "ASEM", needs=("Asia-Europe", "summit", "亚欧")),
    entity("Assembly of Experts of Madeupland", "ORG", "AEM"),
)
WATCHLIST = WatchList(ENTITIES)


def names(text: str) -> list[tuple[str, str]]:
    found = WATCHLIST.find(text)
    assert all(text[each.start : each.end] == each.text for each in found)
    return [(each.text, each.name) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wang Yi’s visit to China", [("Wang Yi", "Wang Yi"), ("China", "China")]),
        ("China-Cambodia ties, CHINA", [("China", "China"), ("Cambodia", "Cambodia"), ("CHINA", "China")]),
        ("Wang\nYi and Cote d’Ivoire", [("Wang\nYi", "Wang Yi"), ("Cote d’Ivoire", "Côte d'Ivoire")]),
        ("at the Royal University of Phnom Penh", [("Royal University of Phnom Penh",) * 2]),
        ("李强总理访问柬埔寨", [("李强", "Li Qiang"), ("柬埔寨", "Cambodia")]),
        ("中國外交部長王毅", [("中國", "China"), ("王毅", "Wang Yi")]),
        ("洪森在金边会见王毅。", [("洪森", "Hun Sen"), ("金边", "Phnom Penh"), ("王毅", "Wang Yi")]),
        ("លោកហ៊ុនសែន ជួប វ៉ាង យី", [("ហ៊ុនសែន", "Hun Sen"), ("វ៉ាង យី", "Wang Yi")]),
        ("នៅប្រទេសចិន និងកម្ពុជា", [("ចិន", "China"), ("កម្ពុជា", "Cambodia")]),
    ],
)
def test_names_and_aliases_are_found_in_every_script(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Chinatown and Indochina",
        "cambodia in small letters is no name",
        "李强调合作",  # "Li stresses", not Li Qiang
        "ចិន្តា",  # a word that begins with the letters of China
        "who said so, and eu",
        "THE MAN WHO SOLD THE WORLD",
    ],
)
def test_parts_of_words_are_not_names(text: str) -> None:
    assert names(text) == []


def test_acronyms_are_matched_by_case_and_length() -> None:
    assert names("WHO, Who and RUPP, Rupp, rupp; Asean and ASEAN; prc") == [
        ("WHO", "World Health Organization"),
        ("RUPP", "Royal University of Phnom Penh"),
        ("Rupp", "Royal University of Phnom Penh"),
        ("Asean", "Association of Southeast Asian Nations"),
        ("ASEAN", "Association of Southeast Asian Nations"),
    ]


def test_a_number_may_follow_an_acronym() -> None:
    assert names("the Asem13 summit") == [("Asem", "Asia-Europe Meeting")]


def test_a_needed_word_must_stand_in_the_text() -> None:
    assert names("ASEM Holdings reports profits") == []
    assert names("ASEM reports to the Asia–Europe summit") == [("ASEM", "Asia-Europe Meeting")]
    assert names("ASEM: 亚欧会议") == [("ASEM", "Asia-Europe Meeting")]


def test_an_entity_whose_needed_word_is_there_comes_before_one_without_needs() -> None:
    both = WatchList([entity("Tower", "FAC"), entity("Tower Records", "ORG", "Tower", needs=("music",))])
    assert [each.name for each in both.find("Tower here")] == ["Tower"]
    assert [each.name for each in both.find("Tower sells music")] == ["Tower Records"]


def test_an_empty_list_finds_nothing() -> None:
    assert WatchList(()).find("China") == ()


@given(st.text(alphabet="王毅李强中国 ចិន្តាក WangYiChina,.-’\n13", max_size=60))
def test_mentions_are_ordered_and_never_overlap(raw: str) -> None:
    text = clean(raw)
    found = WATCHLIST.find(text)
    assert all(text[each.start : each.end] == each.text and each.label in get_args(Label) for each in found)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))


@given(st.sampled_from(ENTITIES), st.sampled_from(["", "In short: ", "他说：", "។ "]))
def test_every_name_is_found_alone_and_after_anything(one: WatchEntity, before: str) -> None:
    for written in (one.name, *one.aliases):
        text = f"{before}{written} (Asia-Europe summit)"
        assert (written, one.name) in names(text)


def test_where_others_found_a_name_words_begin_and_end() -> None:
    text = "他说李强势回归"
    assert WATCHLIST.find(text) == WATCHLIST.find(text, names=[(3, 5)]) == ()
    assert [each.name for each in WATCHLIST.find(text, names=[(2, 4)])] == ["Li Qiang"]
