"""Acronyms, and the words that a text spells them out with."""

from __future__ import annotations

import pytest

from pipeline.enrich.acronyms import spelled_out


@pytest.mark.parametrize(
    ("text", "long"),
    [
        (
            "The Association of Southern European Manufacturers (ASEM) met.",
            "Association of Southern European Manufacturers",
        ),
        ("L'Association suisse des étudiants en médecine (ASEM)", "Association suisse des étudiants en médecine"),
        ("the Atomistic Spin-Environment Model (“ASEM”)", "Atomistic Spin-Environment Model"),
        ("The Academy of State Emergency Managers, or ASEM, met.", "Academy of State Emergency Managers"),
        ("ASEM (American Society for Engineering Management)", "American Society for Engineering Management"),
        ("the Asia-Europe Meeting (ASEM)", None),
        ("ASEM (51 partners)", None),
        ("A summit every May. ASEM met.", None),
        ("A summit every May ASEM met.", None),
        ("(ASEM)", None),
        ("", None),
    ],
)
def test_the_long_form_beside_an_acronym(text: str, long: str | None) -> None:
    at = max(0, text.find("ASEM"))
    found = spelled_out(text, at, at + len("ASEM"))
    assert (text[slice(*found)] if found else None) == long
