"""The letters of refusals: the reason in words, the way without the face, and the rights."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import facecli
from facecli.errors.recognition import EnrolmentRefused, PresentationRefused
from facecli.papers import refusal
from facecli.papers.as_html import html
from facecli.papers.as_text import text
from facecli.papers.languages import Language, choose
from tests.papers.conftest import HOSTILE, KEY, refusal_facts

ENGLISH, CHINESE = choose("en").language, choose("zh").language
WORDED = [
    "no-consent", "consent-expired", "consent-other-version", "form-already-used",
    "notice-not-shown", "notice-declined", "no-guardian", "alternative-only", "restricted",
    "other-face", "duplicate-identity", "already-enrolled", "too-many-templates", "web-collected",
    "purpose-retired", "identity-changed", "no-face", "several-faces", "face-too-small", "blurred",
    "too-dark", "too-bright", "turned-away", "rotated", "not-a-face",
]  # fmt: skip


def test_an_enrolment_that_was_refused_states_why_and_the_way_without_the_face() -> None:
    made = refusal.enrolment(refusal_facts(), ["notice-not-shown", "blurred"], ENGLISH)
    words = text(made, 300)
    for stated in ("Park has not stored the face of Li Wei", "Entry", "Nobody has confirmed",
                   "a card", "Your face is not sharp in the picture.", "Ask at the desk.",
                   "complain to CAC", KEY):  # fmt: skip
        assert stated in words, stated


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_every_reason_has_words_of_its_own(language: Language) -> None:
    found = {
        reason: refusal.enrolment(refusal_facts(), [reason], language).sections[0].paragraphs[0]
        for reason in WORDED
    }
    assert len(set(found.values())) == len(WORDED)
    assert not any(reason in words.split() for reason, words in found.items())


@pytest.mark.parametrize("reason", [*EnrolmentRefused.WORDS, *PresentationRefused.WORDS])
def test_a_reason_about_the_picture_is_worded_and_one_of_the_check_has_its_code(
    reason: str,
) -> None:
    (words,) = refusal.enrolment(refusal_facts(), [reason], ENGLISH).sections[0].paragraphs
    assert (reason in WORDED) == (reason in EnrolmentRefused.WORDS)
    assert ("ode of the reason" in words) == (reason in PresentationRefused.WORDS)
    assert "Ask for the reason" not in words
    assert ("in front of the camera was not passed" in words) == (
        reason in PresentationRefused.WORDS
    )


def test_the_codes_of_consent_that_refuse_an_enrolment_are_worded() -> None:
    source = Path(str(facecli.__file__)).with_name("errors").joinpath("consent.py").read_text()
    classes = [one for one in ast.parse(source).body if isinstance(one, ast.ClassDef)]
    codes = {
        code
        for one in classes
        if {"NoConsent", "SubjectRestricted"} & {ast.unparse(base) for base in one.bases}
        for code in re.findall(r"code = '([a-z-]+)'", ast.unparse(one))
    }
    searches = {"case-required", "other-operator"}  # they refuse a search, and no enrolment
    assert codes - {"purpose-closed"} - searches <= set(WORDED)


@pytest.mark.parametrize("kind", ["access", "erase", "correct", "complain"])
def test_a_refused_request_states_what_was_asked_and_the_reason(kind: str) -> None:
    for language in (ENGLISH, CHINESE):
        made = refusal.request(refusal_facts(), kind, "2026-11-20", "A court asks.", language)
        source, reason = made.sections[0].paragraphs
        assert reason == "A court asks."
        assert source.startswith("Park")
        assert ("not translated" in source, "未经翻译" in source) == (
            language is ENGLISH, language is CHINESE,
        )  # fmt: skip
        assert language.date("2026-11-20") in made.opening[0]
        rights = made.sections[1].paragraphs
        assert language.say("You can also bring the matter before a court.") in rights
    assert "Purpose" in dict(refusal.request(
        refusal_facts(), kind, "2026-11-20", "x", ENGLISH).sections[0].facts)  # fmt: skip


def test_a_hold_states_that_the_withdrawal_counts_and_until_when_data_is_kept() -> None:
    made = refusal.postponed(refusal_facts(), "2027-06-30T16:00:00Z", "case 7", ENGLISH)
    assert made.title == "Your consent is withdrawn; your data is not erased yet"
    assert "must be kept until June 30, 2027" in made.opening[0]
    assert made.sections[0].paragraphs[-1] == "case 7"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reason_is_text(name: str) -> None:
    page = html(refusal.request(refusal_facts(person=name), "erase", "2026-11-20", name, CHINESE))
    assert "<script" not in page
    assert "<img" not in page
