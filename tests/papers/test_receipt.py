"""The letter of a consent receipt holds the facts, in the person's language."""

from __future__ import annotations

import pytest

from facecli.papers.as_text import text
from facecli.papers.languages import choose
from facecli.papers.receipt import letter
from tests.consent.conftest import TERMS
from tests.papers.conftest import KEY, receipt_facts

ENGLISH, CHINESE = choose("en").language, choose("zh").language


def facts_of(heading: str, lang: object = ENGLISH, **changes: object) -> dict[str, str]:
    made = letter(receipt_facts(**changes), lang)  # type: ignore[arg-type]
    (section,) = [one for one in made.sections if one.heading == heading]
    return dict(section.facts)


def test_a_receipt_states_who_what_until_when_and_how_to_check_it() -> None:
    made = letter(receipt_facts(), ENGLISH)
    assert (made.title, made.date) == ("Receipt of your consent", "November 29, 2026")
    assert TERMS.controller_name in made.opening[0]
    assert "Li Wei agreed" in made.opening[0]
    stated = facts_of("Your consent")
    assert stated["Reference"] == "A-1001"
    assert stated["Given on"] == "November 29, 2026"
    assert stated["Valid until, this day included"] == "November 28, 2027"
    assert stated["Signed form"] == "none"
    assert "Withdrawn on" not in stated
    assert made.check is not None
    assert made.check.command == f"facecli log verify --receipt receipt.json --trust-key '{KEY}'"
    assert made.check.code.splitlines()[1] == KEY
    (notice,) = [one for one in made.sections if one.markdown]
    assert (notice.markdown, notice.markdown_language) == (TERMS.notice, "en")


def test_an_end_within_a_day_states_its_time() -> None:
    stated = facts_of("Your consent", expires_at="2027-11-28T20:49:53Z")
    assert stated["Valid until"] == "November 29, 2027, 4:49\u202fAM (GMT+08:00)"


def test_a_withdrawal_a_guardian_and_a_form_are_stated() -> None:
    facts = receipt_facts(
        withdrawn_at="2026-12-01T00:00:00Z", guardian="Li Na", evidence_sha256="ab" * 32
    )
    made = letter(facts, ENGLISH)
    assert made.title == "Receipt of your consent and of its withdrawal"
    assert "Li Na, as guardian, agreed" in made.opening[0]
    stated = dict(made.sections[0].facts)
    assert stated["Withdrawn on"] == "December 1, 2026"
    assert "ab" * 32 in stated["Signed form"]
    kept = facts_of("Your consent", evidence_sha256="ab" * 32, evidence_kept=True)
    assert kept["Signed form"] == "stored with us"


def test_lengths_of_zero_are_not_kept() -> None:
    stated = facts_of("How long data is kept")
    assert stated["Photo"] == "not kept"
    assert stated["Record of a match"] == ENGLISH.length(TERMS.retain_match)


def test_without_a_name_the_reference_stands_for_the_person() -> None:
    assert "A-1001 agreed" in letter(receipt_facts(name=None), ENGLISH).opening[0]


@pytest.mark.parametrize("changes", [{}, {"withdrawn_at": "2026-12-01T00:00:00Z"}])
def test_a_chinese_letter_has_no_english_sentence(changes: dict[str, str]) -> None:
    made = letter(receipt_facts(**changes), CHINESE)
    words = [made.title, *made.opening, *(one.heading for one in made.sections)]
    words += [name for one in made.sections for name, _ in one.facts]
    for one in words:
        assert any("\u4e00" <= character <= "\u9fff" for character in one), one
    assert "2027年11月28日" in text(made)
