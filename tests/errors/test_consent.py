"""The message of a REF that looks like another shows where the two differ."""

from __future__ import annotations

import pytest

from facecli.errors.consent import ConfusableRef


@pytest.mark.parametrize(
    ("ref", "other", "said"),
    [
        ("a-1", "A-1", "The REF a-1 can be confused with A-1"),
        ("\u0410-1", "A-1", "The REF \u0410-1 (with U+0410) can be confused with A-1"),
        ("\u5f20-l", "\u5f20-1", "The REF \u5f20-l can be confused with \u5f20-1"),
    ],
)
def test_characters_that_only_one_of_them_has_are_named(ref: str, other: str, said: str) -> None:
    error = ConfusableRef(ref=ref, other=other)
    assert error.message.startswith(said)
    assert error.reason == "confusable"
    assert "--distinct" in str(error)
