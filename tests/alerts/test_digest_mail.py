"""The daily digest as a mail, and the test mail."""

from __future__ import annotations

import re

from pipeline.alerts import test_message as make_test_message
from tests.alerts.examples import NOW, RECIPIENT, items, later, mail, parsed, part, rule, seed, settings, source


def titles(text: str) -> list[str]:
    return re.findall(r"^\* (.*)$", text, re.M)


def test_a_digest_is_grouped_by_rule_newest_first() -> None:
    rules = [rule("zeta", sources=("z",), when="digest"), rule("alpha", topics=("asem",), when="digest")]
    batch = [
        seed(id="1", title="Old", published=later(-5)),
        seed(id="2", title="New"),
        seed(id="3", title="Other", outlet=source("z"), topics={}),
    ]
    sent = mail(items(rules, batch), kind="digest")
    assert sent.subject == "Digest of 9 Jun 2019: 3 new stories (alpha, zeta)"
    text = part(sent, "plain")
    assert titles(text) == ["New", "Old", "Other"]
    assert text.index("alpha (2)") < text.index("* New") < text.index("zeta (1)") < text.index("* Other")


def test_a_story_of_two_rules_is_told_once() -> None:
    rules = [rule("b", when="digest"), rule("a", topics=("asem",), when="digest")]
    sent = mail(items(rules, [seed()]), kind="digest")
    text = part(sent, "plain")
    assert len(titles(text)) == 1
    assert "also b" in text
    assert sent.subject == "Digest of 9 Jun 2019: 1 new story (a, b)"
    assert len(sent.notifications) == 2


def test_a_long_digest_shows_a_hundred_and_counts_the_rest() -> None:
    batch = [seed(id=f"n{n}", title=f"Story {n}", text="China", published=later(-n)) for n in range(130)]
    batch += [seed(id="z", title="Rare", text="China", outlet=source("z"), topics={}, published=later(-500))]
    rules = [rule("often", when="digest"), rule("rare", sources=("z",), when="digest")]
    sent = mail(items(rules, batch), kind="digest")
    text = part(sent, "plain")
    assert len(titles(text)) == 100
    assert titles(text)[:2] == ["Story 0", "Story 1"]
    assert titles(text)[-1] == "Rare"
    assert "and 31 more" in text
    assert "and 31 more" in part(sent, "html")
    assert "131 new stories" in sent.subject
    assert len(sent.notifications) == 131
    assert len(sent.body) < 1_000_000


def test_copies_are_counted_not_listed() -> None:
    copies = [seed(id=f"c{n}", family="a1", outlet=source(f"s{n}")) for n in range(3)]
    text = part(mail(items([rule(when="digest")], [seed()], copies=copies), kind="digest"), "plain")
    assert "in 4 outlets" in text


def test_a_test_mail_says_by_which_way_it_came() -> None:
    by_server = make_test_message(RECIPIENT, settings=settings(smtp_host="mail.example", smtp_port=587), now=NOW)
    assert by_server.recipient == RECIPIENT
    assert by_server.notifications == ()
    assert "mail.example:587" in part(by_server, "plain").replace("\n", " ")
    assert parsed(by_server)["Message-ID"] == f"<{by_server.id}>"
    by_file = make_test_message(RECIPIENT, settings=settings(), now=later(1))
    assert "put into a file" in part(by_file, "html")
    assert by_file.id != by_server.id
