"""Names in Chinese texts: which characters, of which kind, whatever stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.enrich.chinese import ChineseRecogniser
from pipeline.enrich.lac import Tagger
from pipeline.text import fold


@pytest.fixture(scope="module")
def recogniser() -> ChineseRecogniser:
    return ChineseRecogniser.load()


def names(recogniser: ChineseRecogniser, text: str) -> list[tuple[str, str]]:
    (found,) = recogniser.find([text])
    return [(text[each.start : each.end], each.label) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "国务院总理李强在北京会见了德国总理朔尔茨。",
            ["国务院 ORG", "李强 PERSON", "北京 GPE", "德国 GPE", "朔尔茨 PERSON"],
        ),
        ("國務院總理李強在臺北會見記者。", ["國務院 ORG", "李強 PERSON", "臺北 GPE"]),
        ("日本政府说，东京南部停电。", ["日本 GPE", "东京 GPE"]),
        ("中国人喜欢巴黎。", ["中国人 NORP", "巴黎 GPE"]),
        ("联合国秘书长古特雷斯抵达日内瓦。", ["联合国 ORG", "古特雷斯 PERSON", "日内瓦 GPE"]),
        ("中国队三比零胜柬埔寨队。", ["中国队 ORG", "柬埔寨队 ORG"]),
        ("他从北京首都国际机场出发。", ["北京首都国际机场 FAC"]),
        ("渔船在太平洋沉没。", ["太平洋 LOC"]),
        ("中柬关系良好，柬方感谢中方。", []),
        ("今天天气很好，我们去吃饭。", []),
        ("", []),
    ],
)
def test_names_and_their_kinds(recogniser: ChineseRecogniser, text: str, expected: list[str]) -> None:
    assert [" ".join(name) for name in names(recogniser, text)] == expected


def test_each_text_is_read_by_itself(recogniser: ChineseRecogniser) -> None:
    texts = ["王毅访问金边。", "", "李强在上海。" * 400, "王毅访问金边。"]
    together = recogniser.find(texts)
    assert together == [recogniser.find([text])[0] for text in texts]
    assert together[0] == together[3]
    assert len(together[2]) == 800


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("中国人民王毅北京政府队三比胜金边·，。 \nA1៛"), max_size=60))
def test_whatever_the_text_names_are_in_order_and_on_one_line(text: str) -> None:
    (found,) = ChineseRecogniser.load().find([text])
    end = 0
    for each in found:
        assert end <= each.start < each.end <= len(text)
        assert "\n" not in text[each.start : each.end]
        assert "，" not in text[each.start : each.end]
        end = each.end


@pytest.mark.parametrize("text", ["中国" * 20_000, "，" * 5_000, "a" * 3_000, "\ud800", " \n" * 500])
def test_every_character_has_a_tag(text: str) -> None:
    (tags,) = Tagger.load().tag([text])
    assert len(tags) == len(text)


def test_traditional_and_full_width_are_read_alike() -> None:
    text = "國務院總理李強２０２４年訪問ＡＳＥＡＮ秘書處。"
    traditional, simple = Tagger.load().tag([text, fold(text)])
    assert traditional == simple
