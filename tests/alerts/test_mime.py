"""The bytes of a mail, read back by the standard library, and the templates they are made of."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from pipeline.alerts.mime import mail_bytes, printable
from pipeline.alerts.rendering import counted, render, wrap

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from(".\n=柬ខ"), max_size=400)


def parts(body: bytes) -> list[str]:
    message = message_from_bytes(body, policy=policy.default)
    return [str(part.get_content()).replace("\r\n", "\n").removesuffix("\n") for part in message.iter_parts()]


@pytest.mark.parametrize("text", ["From me\n.\n..\n--=_x\n", "x" * 3000, "ខ្មែរ\n.\n" * 300, "", "trailing  \n space "])
def test_awkward_texts_are_read_back(text: str) -> None:
    assert parts(mail_bytes((), text=text, html=f"<p>{text}", seed="s")) == [
        text.removesuffix("\n"),
        f"<p>{text}".removesuffix("\n"),
    ]


@hypothesis_settings(deadline=None)
@given(LINES, LINES, st.text(max_size=10))
def test_any_text_is_read_back_and_lines_are_short(text: str, html: str, seed: str) -> None:
    body = mail_bytes((), text=text, html=html, seed=seed)
    assert parts(body) == [text.removesuffix("\n"), html.removesuffix("\n")]
    assert body.isascii()
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert body == mail_bytes((), text=text, html=html, seed=seed)


@hypothesis_settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from("\r\n :\ud800"), max_size=200))
def test_no_value_ends_its_header(value: str) -> None:
    body = mail_bytes((("Subject", value), ("X-Next", "here")), text="t", html="h", seed="s")
    message = message_from_bytes(body, policy=policy.default)
    assert message.keys() == ["Subject", "X-Next", "Content-Type", "MIME-Version"]
    assert message["Subject"] == printable(value)
    assert message["X-Next"] == "here"


def test_an_address_longer_than_a_line_stays_in_one_piece() -> None:
    address = f"<https://example.org/{'x' * 400}>"
    assert f"List-Unsubscribe: {address}\r\n".encode() in mail_bytes(
        (("List-Unsubscribe", address),), text="", html="", seed="s"
    )


def test_a_template_that_misses_a_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("test.txt", recipient="a@example.org")


def test_plain_text_is_wrapped_between_words_only() -> None:
    assert wrap("one two", "  ") == "  one two"
    assert all(len(line) <= 76 for line in wrap("word " * 100, "    ").splitlines())
    assert wrap("x" * 100) == "x" * 100
    assert wrap("stronger-than-ever " * 5).splitlines()[0] == " ".join(["stronger-than-ever"] * 4)


@pytest.mark.parametrize(("number", "text"), [(0, "0 stories"), (1, "1 story"), (2, "2 stories")])
def test_numbers_agree_with_their_nouns(number: int, text: str) -> None:
    assert counted(number, "story", "stories") == text
