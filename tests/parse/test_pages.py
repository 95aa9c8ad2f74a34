from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.errors import NotAPage
from pipeline.model import Page
from pipeline.parse.pages import parse_page

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://outlet.example/news/1"
NAVIGATION = "<header><nav><a href=/>Front page</a><a href=/world>World</a></nav></header>"
ENGLISH = (
    "Relations and mutual trust between Cambodia and China are stronger than ever, the minister said on Sunday.",
    "He had met the premier and the state councillor during an official visit from Thursday to Saturday, he added.",
    "The two countries agreed to carry out the action plan that was signed in April, a press release said.",
)
CHINESE = (
    "新华社金边6月9日电 柬埔寨副首相兼外交大臣布拉索昆9日表示，柬中关系和政治互信处于历史最好时期。",
    "他说，双方同意落实好构建中柬命运共同体行动计划。",
    "王毅表示，中方愿同柬方加强合作。",
)
KHMER = (
    "ឧបនាយករដ្ឋមន្ត្រី ប្រាក់ សុខុន បានថ្លែងថា ទំនាក់ទំនងកម្ពុជា-ចិន កាន់តែរឹងមាំជាងពេលណាៗទាំងអស់។",
    "លោកបានជួបជាមួយលោក វ៉ាង យី រដ្ឋមន្ត្រីការបរទេសចិន នៅក្រុងប៉េកាំង។",
)


def page(
    paragraphs: tuple[str, ...], *, lang: str = "en", head: str = "", title: str = "A headline for the page"
) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>{NAVIGATION}'
        f"<div id=main><h1>{title}</h1><div class=content>{body}</div></div>"
        "<footer>Copyright</footer></body></html>"
    )


def parse(text: str | bytes, **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_page(text if isinstance(text, bytes) else text.encode(), url=URL, headers=named, now=NOW)


@pytest.mark.parametrize(
    ("paragraphs", "lang"), [(ENGLISH * 2, "en"), (CHINESE, "zh-CN"), (KHMER * 3, "km"), (CHINESE * 4, "zh-CN")]
)
def test_the_article_without_what_stands_around_it(paragraphs: tuple[str, ...], lang: str) -> None:
    got = parse(page(paragraphs, lang=lang))
    assert got.text is not None
    assert got.text.split("\n")[-len(paragraphs) :] == list(paragraphs)
    assert "Front page" not in got.text
    assert "Copyright" not in got.text
    assert (got.title, got.language, got.problems) == ("A headline for the page", lang, ())


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = page(CHINESE, head=f'<meta charset="{encoding}">')
    assert CHINESE[0] in (parse(text.encode(encoding)).text or "")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="article:published_time" content="2019-06-09T23:40:00+07:00">', "2019-06-09T16:40:00"),
        ('<meta content="2019-06-09T23:40:00Z" property="article:published_time">', "2019-06-09T23:40:00"),
        ('<script type="application/ld+json">{"datePublished":"2019-06-09T23:40:00Z"}</script>', "2019-06-09T23:40:00"),
        ('<meta itemprop="datePublished" content="2019-06-09">', "2019-06-09T00:00:00"),
        ('<meta name="date" content="2019-06-09">', "2019-06-09T00:00:00"),
    ],
)
def test_dates(head: str, expected: str) -> None:
    assert parse(page(ENGLISH * 2, head=head)).published == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_date_in_the_future_is_none() -> None:
    assert (
        parse(page(ENGLISH * 2, head='<meta property="article:published_time" content="2031-01-01">')).published is None
    )


def test_languages_come_from_page_or_header() -> None:
    body = page(ENGLISH * 2).replace('<html lang="en">', "<html>")
    assert parse(body).language is None
    assert parse(body, Content_Language="fr").language == "fr"
    assert parse(body.replace("<title>", '<meta property="og:locale" content="km_KH"><title>')).language == "km-KH"


def test_a_page_without_article_says_so() -> None:
    got = parse("<html><head><title>Empty</title></head><body></body></html>")
    assert (got.title, got.text) == ("Empty", None)
    assert [problem.code for problem in got.problems] == ["no_text"]


def test_what_is_no_page_is_refused() -> None:
    with pytest.raises(NotAPage, match="empty"):
        parse("")
