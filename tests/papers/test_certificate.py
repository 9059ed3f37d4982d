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
    assert made.opening[1].startswith("Our database holds nothing on you any more")
    stated = dict(made.sections[0].facts)
    assert stated["Templates of your face"] == "3"
    assert stated["Name and reference"] == "erased"
    assert "Photos" not in stated
    assert stated["Reason"] == "you withdrew your consent"
    assert "s-0f3a" in made.sections[1].paragraphs[0]
    assert made.check is not None
    assert made.check.sentence.startswith("Entry 12 of our log")


def test_an_erasure_for_one_purpose_says_that_others_remain() -> None:
    made = letter(erasure_facts(whole=False), ENGLISH)
    assert made.opening[1].startswith("Your name and reference are still held")
    assert "s-0f3a" not in text(made)  # with the REF it still leads to the person


def test_copies_and_what_is_held_elsewhere_are_stated() -> None:
    made = letter(
        erasure_facts(copies=["2026-11-27"], elsewhere=(("fingerprints", "the old gate"),)), ENGLISH
    )
    (remains,) = [one for one in made.sections if one.heading == "What remains"]
    assert "Backups of these days may still hold the data: November 27, 2026." in str(remains)
    assert remains.facts == (("fingerprints", "the old gate"),)
    assert "proof that it is deleted" in remains.paragraphs[-1]
    part = letter(erasure_facts(whole=False), ENGLISH)
    assert "What remains" not in [one.heading for one in part.sections]


def test_what_others_hold_of_an_erased_person_has_the_number_of_the_case() -> None:
    held = (("fingerprints", "the old gate"),)
    for language in (ENGLISH, CHINESE):
        assert "e460f9833ae0" in text(
            letter(erasure_facts(elsewhere=held, case="e460f9833ae0"), language), 300
        )
    assert "case number" not in text(letter(erasure_facts(elsewhere=held), ENGLISH), 300)


def test_the_letter_to_a_person_who_agreed_to_nothing_speaks_of_no_face_and_no_withdrawal() -> None:
    made = letter(erasure_facts(purposes=[], erased={"subject": 1}), ENGLISH)
    assert made.opening[0] == (
        "Park has erased the data on Li Wei on November 29, 2026, 12:30\u202fAM (GMT+08:00)."
    )
    assert made.sections[0].facts == (
        ("Name and reference", "erased"), ("Reason", "there was no consent"),
    )  # fmt: skip


def test_without_a_certificate_the_letter_says_how_to_get_one() -> None:
    made = letter(erasure_facts(certified=False), ENGLISH)
    assert made.check is not None
    assert "Ask for its certificate" in made.check.sentence


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_a_sentence_in_both_languages(reason: str) -> None:
    for language in (ENGLISH, CHINESE):
        found = text(letter(erasure_facts(reasons=[reason]), language))
        assert reason not in found.split()
