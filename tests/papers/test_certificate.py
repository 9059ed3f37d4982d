"""The letter of an erasure: what is gone, why, and the person's number in the log."""

from __future__ import annotations

import pytest

from facecli.papers.as_text import text
from facecli.papers.certificate import letter
from facecli.papers.languages import choose
from tests.papers.conftest import erasure_facts

ENGLISH, CHINESE = choose("en").language, choose("zh").language
REASONS = ["withdrawn", "consent-expired", "retention-over", "inactive", "purpose-retired",
           "purpose-revised", "purpose-met", "no-consent"]  # fmt: skip


def test_a_whole_erasure_says_that_nothing_is_left_and_gives_the_number() -> None:
    made = letter(erasure_facts(), ENGLISH)
    assert "Li Wei" in made.opening[0]
    assert made.opening[1].startswith("We hold nothing on you any more")
    stated = dict(made.sections[0].facts)
    assert stated["Templates of your face"] == "3"
    assert stated["Name and reference"] == "1"
    assert "Photos" not in stated
    assert stated["Reason"] == "you withdrew your consent"
    assert "s-0f3a" in made.sections[1].paragraphs[0]
    assert made.check is not None
    assert made.check.sentence.startswith("Entry 12 of our log")


def test_an_erasure_for_one_purpose_says_that_others_remain() -> None:
    made = letter(erasure_facts(whole=False), ENGLISH)
    assert made.opening[1] == "Data for other purposes, to which you agreed, is still held."


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_a_sentence_in_both_languages(reason: str) -> None:
    for language in (ENGLISH, CHINESE):
        found = text(letter(erasure_facts(reasons=[reason]), language))
        assert reason not in found.split()
