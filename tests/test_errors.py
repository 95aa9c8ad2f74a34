"""The tree of errors: drawn as it is, whole after pickling, each with a code of its own."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Callable, Iterator

import pytest

from pipeline import errors
from pipeline.errors import ConfigError, HttpStatus, MailUnavailable, NewswatchError, UnknownField

# What each class with a constructor of its own is made with; the others take a subject and a message.
MADE: dict[type[NewswatchError], Callable[[], NewswatchError]] = {
    ConfigError: lambda: ConfigError("feeds.yml", 7, "sources.0.url", "is missing"),
    HttpStatus: lambda: HttpStatus("https://outlet.example/feed", 503, retry_after=120.0),
    UnknownField: lambda: UnknownField("topik:asem", "topik", "topic"),
    MailUnavailable: lambda: MailUnavailable("localhost:25", "the connection broke", maybe_sent=True),
}


def tree(root: type[NewswatchError] = NewswatchError, depth: int = 0) -> Iterator[tuple[int, type[NewswatchError]]]:
    """(depth, class) of `root` and all below it."""
    yield depth, root
    for kind in root.__subclasses__():
        yield from tree(kind, depth + 1)


KINDS = [kind for _, kind in tree()]


def drawn() -> list[tuple[int, str, str]]:
    """(depth, name, whether trying again can help) of each line of the docstring's picture."""
    lines = re.findall(
        r"^ {4}((?:  )*)(\w+)(?: {2,}\S.*?)??(?: +(permanent|transient|by status))?$", _docstring(), re.M
    )
    return [(len(indent) // 2, name, said) for indent, name, said in lines]


def _docstring() -> str:
    return errors.__doc__ or ""


def make(kind: type[NewswatchError]) -> NewswatchError:
    return MADE[kind]() if kind in MADE else kind("the subject", "what is wrong")


def test_the_picture_is_the_tree() -> None:
    assert sorted((depth, name) for depth, name, _ in drawn()) == sorted(
        (depth, kind.__name__) for depth, kind in tree()
    )


def test_the_picture_shows_each_under_its_parent() -> None:
    above: dict[int, str] = {}
    for depth, name, _ in drawn():
        above[depth] = name
        if depth:
            assert getattr(errors, name).__bases__ == (getattr(errors, above[depth - 1]),)


def test_the_picture_says_what_is_transient() -> None:
    said = {name: word for _, name, word in drawn() if word in ("permanent", "transient")}
    leaves = {kind.__name__ for kind in KINDS if not kind.__subclasses__()} - {"HttpStatus"}
    assert said == {name: "transient" if getattr(errors, name).transient else "permanent" for name in leaves}


def test_errors_are_born_nowhere_else() -> None:
    assert all(kind.__module__ == "pipeline.errors" for kind in KINDS)
    written = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, BaseException)}
    assert written == {kind.__name__ for kind in KINDS}


def test_every_code_is_one_class_only() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_pickling(kind: type[NewswatchError]) -> None:
    error = make(kind)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is kind
        assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))
        assert again.transient == error.transient
    assert str(copy.deepcopy(error)) == str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_its_subject_and_what_is_wrong(kind: type[NewswatchError]) -> None:
    error = make(kind)
    assert error.subject
    assert str(error) == f"{error.subject}: {error.message}"


def test_no_subject_leaves_no_colon() -> None:
    assert str(NewswatchError("", "nothing works")) == "nothing works"


@pytest.mark.parametrize(
    ("status", "transient"), [(404, False), (410, False), (408, True), (425, True), (429, True), (503, True)]
)
def test_a_status_says_whether_trying_again_can_help(status: int, transient: bool) -> None:
    assert HttpStatus("https://outlet.example/", status).transient is transient


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConfigError("feeds.yml", 7, "sources.0.url", "is missing"), "feeds.yml:7: sources.0.url: is missing"),
        (ConfigError("feeds.yml", None, "", "is not UTF-8 text"), "feeds.yml: is not UTF-8 text"),
        (UnknownField("topik:asem", "topik", "topic"), 'topik:asem: there is no field "topik"; did you mean "topic"?'),
        (UnknownField("zzz:1", "zzz", None), 'zzz:1: there is no field "zzz"'),
        (HttpStatus("https://outlet.example/", 404), "https://outlet.example/: the server answered 404"),
    ],
)
def test_what_errors_say(error: NewswatchError, said: str) -> None:
    assert str(error) == said
