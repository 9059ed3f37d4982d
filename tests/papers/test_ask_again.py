"""The letter that asks again: what changed, until when, and that nothing need be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facecli.consent.notices import Notice
from facecli.papers.as_html import html
from facecli.papers.as_text import text
from facecli.papers.ask_again import letter
from facecli.papers.languages import choose
from tests.consent.conftest import TERMS
from tests.papers.conftest import HOSTILE, KEY, asked_again, change

ENGLISH, CHINESE = choose("en").language, choose("zh").language


def test_it_states_what_changed_until_when_and_how_to_agree() -> None:
    made = letter(asked_again(), change(scope="Every gate"), ENGLISH)
    words = text(made, 400)
    for stated in (
        "changed the purpose “Entry at the park gate” on November 29, 2026",
        "Where, and for which people: before", TERMS.scope,
        "Where, and for which people: now", "Every gate",
        "tell us by December 28, 2026", "privacy@park.example",
        "You need not do anything", TERMS.alternative, "version 2", "Li Wei", "A-1", KEY,
        "Legal basis",
    ):  # fmt: skip
        assert stated in words, stated
    assert "The text of the notice has changed" not in words


def test_a_notice_that_says_something_else_is_named_and_stands_whole() -> None:
    notice = Notice("en", "Another **notice**.")
    made = letter(
        asked_again(),
        change(notice=notice.text, notice_sha256=notice.sha256, further_notices=()),
        ENGLISH,
    )
    assert "The text of the notice has changed" in text(made)
    assert made.sections[-1].markdown == "Another **notice**."


@pytest.mark.parametrize(("language", "tag"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_the_notice_is_in_the_language_of_the_letter_where_there_is_one(
    language: object, tag: str
) -> None:
    made = letter(asked_again(), change(), language)  # type: ignore[arg-type]
    assert made.sections[-1].markdown_language == tag
    only = letter(asked_again(), change(further_notices=()), language)  # type: ignore[arg-type]
    assert only.sections[-1].markdown_language == "en"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_person_or_term_is_text(name: str) -> None:
    person = asked_again(name=name, ref=name, before=replace(TERMS, scope=name))
    page = html(letter(person, change(scope=name + "2", title=name), CHINESE))
    assert "<script" not in page
    assert "<img" not in page
    assert not {"\x1b", "\u202e"} & set(page)


def test_without_a_name_the_reference_stands_alone() -> None:
    made = letter(asked_again(name=None), change(), ENGLISH)
    assert made.sections[0].facts == (("Reference", "A-1"),)
