"""Mails as their readers' programs see them: parsed with email.policy.default and an HTML parser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.alerts import compose
from pipeline.alerts.words import visible
from pipeline.errors import MailRefused, SettingsError
from pipeline.model import SourceKind
from tests.alerts.examples import (
    NOW,
    RECIPIENT,
    annotated,
    items,
    later,
    mail,
    parsed,
    part,
    rule,
    seed,
    settings,
    source,
)

HREF = re.compile(r'href="([^"]*)"')


class Tags(HTMLParser):
    """Start tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def one(title: str = "China came", text: str = "China and Cambodia", **changes: Any) -> str:
    """The HTML of a mail about one article."""
    return part(
        mail(items([rule()], [annotated(title, text, topics={"cambodia_china": ("China",)}, **changes)])), "html"
    )


def one_with(**changes: Any) -> str:
    return part(mail(items([rule()], [seed()]), **changes), "html")


def test_headers_are_those_of_an_automatic_mail() -> None:
    sent = mail(items([rule()], [seed()]))
    headers = parsed(sent)
    assert headers["From"] == "Newswatch <newswatch@example.org>"
    assert headers["To"] == RECIPIENT
    assert headers["Subject"] == sent.subject
    assert sent.subject == "Cambodia-China relations: Cambodia-China ties ‘stronger than ever’, says Sokhonn"
    assert headers["Message-ID"] == f"<{sent.id}>"
    assert re.fullmatch(r"[0-9a-f]{32}@example\.org", sent.id)
    assert parsedate_to_datetime(headers["Date"]) == NOW
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Id"] == "Newswatch alerts <newswatch.example.org>"
    assert headers["List-Unsubscribe"] == "<mailto:newswatch@example.org?subject=unsubscribe>"
    assert headers["List-Unsubscribe-Post"] is None
    assert headers.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in headers.iter_parts()] == ["text/plain", "text/html"]
    assert len(headers.keys()) == len({name.lower() for name in headers})


@pytest.mark.parametrize(
    ("setting", "header", "one_click"),
    [
        ("https://stop.example/{recipient}", "<https://stop.example/analyst%40example.org>", True),
        ("http://stop.example/me", "<http://stop.example/me>", False),
        ("mailto:desk@example.org", "<mailto:desk@example.org?subject=unsubscribe>", False),
        ("mailto:desk@example.org?subject=stop now", "<mailto:desk@example.org?subject=stop%20now>", False),
        ("desk@example.org", "<mailto:desk@example.org?subject=unsubscribe>", False),
        (f"https://stop.example/{'x' * 300}", f"<https://stop.example/{'x' * 300}>", True),
    ],
)
def test_unsubscribing_is_as_set(setting: str, header: str, one_click: bool) -> None:
    headers = parsed(mail(items([rule()], [seed()]), mail_unsubscribe=setting))
    assert headers["List-Unsubscribe"] == header
    assert (headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click") is one_click


@pytest.mark.parametrize(
    ("name", "value"),
    [("mail_unsubscribe", "javascript:alert(1)"), ("mail_unsubscribe", "nobody"), ("mail_from", "me")],
)
def test_a_wrong_setting_is_named_and_blames_no_message(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"NEWSWATCH_{name.upper()}"):
        one_with(**{name: value})


def test_the_same_notifications_give_the_same_bytes() -> None:
    given_items = items([rule(), rule("asem", topics=("asem",))], [seed()])
    first = mail(given_items)
    assert mail(given_items).body == first.body
    assert first.notifications == tuple(notification.id for notification, _, _ in given_items)


def test_the_message_id_depends_on_recipient_members_and_kind_only() -> None:
    two = items([rule(), rule("asem", topics=("asem",))], [seed()])
    first = mail(two)
    tomorrow = mail(two, now=NOW + timedelta(days=1))
    assert tomorrow.id == first.id == mail(two[::-1]).id
    assert tomorrow.body.replace(b"10 Jun 2019", b"09 Jun 2019").replace(b"Mon,", b"Sun,") == first.body
    others = [mail(two[:1]), mail(two, kind="digest"), mail(two, recipient="other@example.org")]
    assert len({first.id, *(other.id for other in others)}) == 4


def test_a_mail_is_plain_ascii_with_short_lines_and_crlf() -> None:
    text = f"China {'word' * 900} កម្ពុជា\n.\nFrom here\n" + "中柬" * 900
    sent = mail(items([rule()], [annotated("中柬关系 " * 80, text, topics={"cambodia_china": ("China",)})]))
    assert sent.body.isascii()
    assert sent.body.endswith(b"\r\n")
    lines = sent.body.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not any(b"\r" in line or b"\n" in line for line in lines)


@pytest.mark.parametrize(
    "title", ["x\r\nBcc: victim@example.org", "x\nBcc: v@e.org\n\n<b>body", "x\rBcc: a", "x\u2028Bcc: a\x85"]
)
def test_a_title_cannot_start_a_header(title: str) -> None:
    sent = mail(items([rule()], [annotated(title, "China", topics={"cambodia_china": ("China",)})]))
    headers = parsed(sent)
    assert headers["Bcc"] is None
    assert headers["Subject"] == f"Cambodia-China relations: {visible(title).strip()}"
    assert b"\r\nbcc" not in sent.body.lower()


@given(st.text(max_size=300) | st.text("a 柬\u3000\u1680\u200b\u202e\u00a0\u2028\n=?", max_size=300))
@hypothesis_settings(deadline=None)
def test_any_title_survives_in_the_subject(title: str) -> None:
    sent = mail(items([rule()], [annotated(title, "China", topics={"cambodia_china": ("China",)})]))
    headers = parsed(sent)
    assert headers["Subject"] == sent.subject
    assert len(sent.subject) < 200
    assert len(list(headers.iter_parts())) == 2
    assert headers.defects == []


HOSTILE = '<script>alert(1)</script><img src="https://track.example/x.png" onerror=alert(1)>"\'>&amp;'


def test_everything_from_outside_is_escaped() -> None:
    outlet = source(name=HOSTILE)
    article = annotated(HOSTILE, f"China {HOSTILE}", outlet=outlet, topics={"cambodia_china": ("China", HOSTILE)})
    copy = annotated(HOSTILE, "China", id="a2", family="a1", outlet=source("other", name=HOSTILE))
    wanted = rule("r", query=HOSTILE, topics=("cambodia_china",))
    for kind in ("instant", "digest"):
        sent = mail(items([wanted], [article], copies=[copy], hits={"r": frozenset({"a1"})}), kind=kind)
        tags = Tags(part(sent, "html"))
        assert {tag for tag, _ in tags.tags} <= {
            *("html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "a", "strong", "span", "mark"),
            *("table", "tr", "td", "code", "br", "hr"),
        }
        assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on")]
        assert "<script>alert(1)</script>" in tags.text
        assert HOSTILE in part(sent, "plain").replace("\n  ", " ")


def test_nothing_remote_is_loaded() -> None:
    sent = mail(items([rule()], [seed()]), link_base="https://search.example/")
    html = part(sent, "html")
    assert not re.search(
        r"<(img|link|script|iframe|object|video|audio|form|input)|url\(|@import|src=|background=", html
    )
    assert {re.sub(r"[?#].*", "", url) for url in HREF.findall(html)} == {
        "https://kingdom-daily.example/a1",
        "https://search.example/",
    }


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "javascript://x.example/%0Aalert(1)",
        "ftp://x.example/",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x.example/",
        "",
        None,
        "https://",
        "https://\\x.example",
    ],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    html = one(url=url)
    assert HREF.findall(html) == []
    assert "China</mark> came" in html


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/x?a=1&b='2'", "https://a.example/x?a=1&amp;b=%272%27"),
        ('https://a.example/"onclick=x', "https://a.example/%22onclick=x"),
        (
            "https://a.example/新闻/កម្ពុជា",
            "https://a.example/%E6%96%B0%E9%97%BB/%E1%9E%80%E1%9E%98%E1%9F%92%E1%9E%96%E1%9E%BB%E1%9E%87%E1%9E%B6",
        ),
        ("https://新闻.example/a%20b", "https://xn--efvy88h.example/a%20b"),
    ],
)
def test_links_are_made_safe_not_dropped(url: str, link: str) -> None:
    assert set(HREF.findall(one(url=url))) == {link}


def test_why_it_matched_is_said() -> None:
    wanted = [
        rule(),
        rule("people", entities=("Wang Yi",), query='entity:"Wang Yi"', languages=("en",), sources=("kingdom-daily",)),
    ]
    sent = mail(items(wanted, [seed()], hits={"people": frozenset({"a1"})}))
    for text in (part(sent, "plain"), Tags(part(sent, "html")).text.replace("“", '"').replace("”", '"')):
        flat = " ".join(text.split())
        for words in (
            "people",
            "cambodia-china",
            '"Cambodia and China"',
            'entity:"Wang Yi"',
            "English",
            "Kingdom Daily",
        ):
            assert words in flat, words
    assert "*Cambodia and China*" in " ".join(part(sent, "plain").split())
    assert ">Cambodia and China</mark>" in part(sent, "html")


def test_one_story_is_told_once_with_both_rules() -> None:
    text = part(mail(items([rule(), rule("asem", topics=("asem",))], [seed()])), "plain")
    assert text.count("newswatch show a1") == 1
    assert text.count("Rule: ") == 2


def test_copies_are_listed_with_outlets_and_links() -> None:
    copies = [
        seed(title="Wire title", id="c1", family="a1", url="https://wire.example/1", published=later(-2),
             outlet=source("wire", name="Wire", country="CN", kind=SourceKind.AGENCY)),
        seed(title="No link", id="c2", family="a1", url=None, published=later(3)),
    ]  # fmt: skip
    text = part(mail(items([rule()], [seed()], copies=[*copies, seed()])), "plain")
    assert "OTHER PRINTINGS OF THIS TEXT (2 outlets in all)" in text
    wire = text.index(
        "- Wire title\n    Wire (China, news agency), 9 Jun 2019, 11:05 UTC, first to print it\n    https://wire.example/1"
    )
    assert wire < text.index("- No link")
    assert text.count("first to print it") == 1


def test_many_copies_are_bounded_and_counted() -> None:
    copies = [seed(id=f"c{n:02}", family="a1", outlet=source(f"s{n}"), published=later(n)) for n in range(1, 26)]
    sent = mail(items([rule()], [seed()], copies=copies))
    assert "(26 outlets in all)" in part(sent, "plain")
    assert "- and 15 more" in part(sent, "plain")
    assert "and 15 more" in part(sent, "html")


def test_texts_carry_their_language() -> None:
    km = annotated("កម្ពុជា", "ចិន និងកម្ពុជា", language="km", topics={"cambodia_china": ("ចិន",)})
    zh = annotated("中柬", "中柬", id="z", family="a1", language="zh", outlet=source("zh", name="湄公日报"))
    tags = Tags(part(mail(items([rule()], [km], copies=[zh])), "html")).tags
    assert ("h1", "km") in {(tag, attributes.get("lang")) for tag, attributes in tags}
    assert ("p", "km") in {(tag, attributes.get("lang")) for tag, attributes in tags}
    assert ("span", "zh") in {(tag, attributes.get("lang")) for tag, attributes in tags}
    assert tags[0] == ("html", {"lang": "en"})


def test_a_search_link_holds_the_query_where_it_is_asked_for() -> None:
    html = one_with(link_base="https://kibana.example/app?q={query}&x=1")
    assert "https://kibana.example/app?q=family%3A%22a1%22&amp;x=1" in HREF.findall(html)


def test_an_article_without_title_date_or_text_still_makes_a_mail() -> None:
    bare = annotated("", "", published=None, url=None, topics={"cambodia_china": ()})
    sent = mail(items([rule()], [bare]))
    assert sent.subject == "Cambodia-China relations: (no headline)"
    assert "seen 9 Jun 2019, 14:00 UTC" in part(sent, "plain")


def test_a_missing_title_is_replaced_by_the_text() -> None:
    assert mail(
        items([rule()], [annotated("", "China came.", topics={"cambodia_china": ("China",)})])
    ).subject.endswith(": China came.")


def test_several_families_in_one_instant_mail_are_counted() -> None:
    sent = mail(items([rule()], [seed(id="a1"), seed(id="b1", title="Newer", published=later(1)), seed(id="c1")]))
    assert sent.subject == "Cambodia-China relations: Newer (and 2 more stories)"
    assert part(sent, "plain").count("WHY IT MATCHED") == 3


def test_a_topic_without_title_and_a_rule_without_topic_name_themselves() -> None:
    named = compose(
        recipient=RECIPIENT, notifications=items([rule()], [seed()]), kind="instant", settings=settings(), now=NOW
    )
    assert named.subject.startswith("cambodia_china: ")
    assert mail(items([rule("french", languages=("en",))], [seed()])).subject.startswith("french: ")


@pytest.mark.parametrize(
    ("recipient", "why"),
    [
        ("nobody", "not a mail address"),
        ("a@b.example\r\nBcc: c@d.example", "not a mail address"),
        ("a b@c.example", "not a mail address"),
        ("សុខ@example.org", "SMTPUTF8"),
        ("a@" + "x" * 70 + ".example", "not a mail address"),
        ("a@" + "ខ" * 70 + ".example", "ASCII form"),
        ("<a@b.example>", "not a mail address"),
    ],
)
def test_a_recipient_that_cannot_be_written_to_is_refused(recipient: str, why: str) -> None:
    with pytest.raises(MailRefused, match=why) as refused:
        mail(items([rule()], [seed()]), recipient=recipient)
    assert refused.value.subject == recipient


def test_an_international_domain_is_written_in_ascii() -> None:
    headers = parsed(mail(items([rule()], [seed()]), recipient="desk@Bücher.example"))
    assert headers["To"] == "desk@xn--bcher-kva.example"


def test_a_sender_may_have_a_name_in_any_script() -> None:
    headers = parsed(mail(items([rule()], [seed()]), mail_from="湄公，观察 <watch@example.org>"))
    assert headers["From"].addresses[0].display_name == "湄公，观察"
    assert headers["From"].addresses[0].addr_spec == "watch@example.org"


def test_no_notifications_no_mail() -> None:
    with pytest.raises(ValueError, match="at least one notification"):
        mail(())


def test_a_notification_whose_words_are_many_is_bounded() -> None:
    ((notification, article, copies),) = items([rule()], [seed()])
    many = replace(notification.reasons[0], words=tuple(f"word{n}" for n in range(40)))
    text = part(mail([(replace(notification, reasons=(many,)), article, copies)]), "plain")
    assert '"word5" and 34 more' in " ".join(text.split())


def test_the_topic_with_most_evidence_names_the_mail() -> None:
    about = seed()
    rules = [rule("asem", topics=("asem",)), rule()]
    sent = mail(items(rules, [about]))
    assert sent.subject.startswith("Cambodia-China relations: ")
