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
from tests.papers.conftest import CIRCUMSTANCES, HOSTILE, KEY, asked_again

ENGLISH, CHINESE = choose("en").language, choose("zh").language


def test_it_states_what_changed_until_when_and_how_to_agree() -> None:
    made = letter(asked_again(scope="Every gate"), CIRCUMSTANCES, ENGLISH)
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
        asked_again(notice=notice.text, notice_sha256=notice.sha256, further_notices=()),
        CIRCUMSTANCES,
        ENGLISH,
    )
    assert "The text of the notice has changed" in text(made)
    assert made.sections[-1].markdown == "Another **notice**."


@pytest.mark.parametrize(("language", "tag"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_the_notice_is_in_the_language_of_the_letter_where_there_is_one(
    language: object, tag: str
) -> None:
    made = letter(asked_again(), CIRCUMSTANCES, language)  # type: ignore[arg-type]
    assert made.sections[-1].markdown_language == tag
    only = letter(asked_again(further_notices=()), CIRCUMSTANCES, language)  # type: ignore[arg-type]
    assert only.sections[-1].markdown_language == "en"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_person_or_term_is_text(name: str) -> None:
    before = replace(TERMS, scope=name)
    person = asked_again(name, name, before, scope=name + "2", title=name)
    page = html(letter(person, CIRCUMSTANCES, CHINESE))
    assert "<script" not in page
    assert "<img" not in page
    assert not {"\x1b", "\u202e"} & set(page)


def test_without_a_name_the_reference_stands_alone() -> None:
    made = letter(asked_again(None), CIRCUMSTANCES, ENGLISH)
    assert made.sections[0].facts == (("Reference", "A-1"),)


def test_a_further_language_is_no_other_notice() -> None:
    further = (*TERMS.further_notices, Notice("fr", "Avis"))
    made = letter(asked_again(further_notices=further, scope="Every gate"), CIRCUMSTANCES, ENGLISH)
    assert "The text of the notice has changed" not in text(made)


def test_a_notice_that_changed_in_one_language_is_named_to_its_readers_only() -> None:
    further = (Notice("zh", "另一份告知书"),)
    words = [text(letter(asked_again(further_notices=further), CIRCUMSTANCES, language), 400)
             for language in (ENGLISH, CHINESE)]  # fmt: skip
    assert "Texts in another language have changed. Those in this one are as before." in words[0]
    assert "告知书的内容已变更" in words[1]
    assert "其他语言的文本已变更" not in words[1]


def test_whose_time_is_over_is_not_asked_to_agree_in_time() -> None:
    late = replace(asked_again(), due_at="2026-11-28T16:00:00Z", last_day="2026-11-27")
    headings = [one.heading for one in letter(late, CIRCUMSTANCES, ENGLISH).sections]
    assert "The time to agree is over" in headings
    assert not {"If you agree", "If you do not agree"} & set(headings)
