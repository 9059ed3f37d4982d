"""The terms of a purpose in words: every field has some, in both languages."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from facecli.consent.purpose_terms import Terms, compare
from facecli.consent.purpose_texts import Texts
from facecli.papers import ask_again, notice, receipt
from facecli.papers.as_text import text
from facecli.papers.languages import choose
from facecli.papers.term_words import (
    UNSAID,
    changes,
    complaint,
    field_names,
    in_words,
    rights,
    sections,
    untranslated,
)
from tests.consent.conftest import TERMS
from tests.papers.conftest import CIRCUMSTANCES, asked_again, receipt_facts

ENGLISH, CHINESE = choose("en").language, choose("zh").language


def test_every_field_of_the_terms_has_a_name_or_is_for_the_controller() -> None:
    stated = {field.name for field in fields(Terms)}
    assert set(field_names(ENGLISH)) | UNSAID == stated
    assert not set(field_names(ENGLISH)) & UNSAID
    assert all(name.isascii() is False for name in field_names(CHINESE).values())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("scope", "Gate 1", "Gate 1"),
        ("data", ("face template", "photo"), "face template and photo"),
        ("processing_locations", (), "not stated"),
        ("jurisdiction", None, "not stated"),
        ("retain_template", "1y", "at most 1 year; at once when the consent ends"),
        ("retain_photo", "0d", "not kept"),
        ("retain_match", "30d", "30 days"),
        ("inactive_after", "180d", "everything is erased after 180 days"),
        ("max_consent", "2y", "2 years"),
        ("ask_again_within", "20d", "20 days"),
        ("threshold_fmr", 1e-4, "at most 1 in 10,000 comparisons"),
        ("max_templates", 0, "no limit"),
        ("max_templates", 3, "3"),
    ],
)
def test_a_value_in_words(name: str, value: Any, words: str) -> None:
    assert in_words(name, value, ENGLISH) == words


def test_a_change_states_before_and_now() -> None:
    after = replace(TERMS, scope="Every gate", retain_match="60d", review_by="2027-01-01")
    changed, _ = compare(TERMS, after)
    assert changes(changed, ENGLISH) == (
        ("Where, and for which people: before", TERMS.scope),
        ("Where, and for which people: now", "Every gate"),
        ("Record of a match: before", "30 days"),
        ("Record of a match: now", "60 days"),
    )


def test_a_field_that_has_no_words_yet_is_not_left_out() -> None:
    assert changes([("new_field", "a", "b")], ENGLISH)[1] == ("new_field: now", "b")


def test_places_cap_and_authority_are_stated_only_where_the_terms_do() -> None:
    def stated(terms: Terms) -> dict[str, str]:
        return {name: value for one in sections(terms, 2, ENGLISH) for name, value in one.facts}

    plain = stated(TERMS)
    assert plain["Purpose"] == f"{TERMS.title}, version 2"
    optional = {"Where data is processed", "Law that applies", "Supervisory authority",
                "Most templates of your face"}  # fmt: skip
    assert not optional & set(plain)
    full = replace(TERMS, jurisdiction="PRC", authority="CAC", processing_locations=("Hangzhou",),
                   max_templates=3)  # fmt: skip
    assert [stated(full)[name] for name in sorted(optional)] == ["PRC", "3", "CAC", "Hangzhou"]


def test_who_complains_is_named_the_authority_if_it_is_stated() -> None:
    assert complaint("CAC Zhejiang", ENGLISH) == "You can also complain to CAC Zhejiang."
    assert "the authority" in complaint(None, ENGLISH)
    assert TERMS.controller_contact in list(rights(TERMS, ENGLISH))[1]


# -- texts in the language of the letter ------------------------------------------------------

OWN = [TERMS.title, TERMS.scope, TERMS.necessity, TERMS.impact, TERMS.legal_basis, *TERMS.data,
       TERMS.alternative, TERMS.rights]  # fmt: skip
PURPOSE = asked_again().purpose
LETTERS = {
    "receipt": lambda terms: receipt.letter(replace(receipt_facts(), terms=terms), CHINESE),
    "before-agreeing": lambda terms: notice.before_agreeing(
        replace(PURPOSE, terms=terms), TERMS.further_notices[0], CHINESE, "Asia/Shanghai"
    ),
    "ask-again": lambda terms: ask_again.letter(
        replace(asked_again(), before=terms, purpose=replace(PURPOSE, terms=terms)),
        CIRCUMSTANCES, CHINESE,
    ),
}  # fmt: skip


@pytest.mark.rule("readable-papers")
@pytest.mark.parametrize("kind", LETTERS)
def test_a_chinese_letter_states_the_terms_in_chinese(kind: str) -> None:
    words = text(LETTERS[kind](replace(TERMS, notice=TERMS.further_notices[0].text)), 2000)
    assert [one for one in OWN if one in words] == []
    assert [one for one in TERMS.texts[0].values.values() if "".join(one) not in words] == []
    assert "以下内容只有" not in words


@pytest.mark.rule("readable-papers")
@pytest.mark.parametrize("kind", LETTERS)
def test_a_chinese_letter_says_which_terms_are_there_in_english_only(kind: str) -> None:
    values = {name: one for name, one in TERMS.texts[0].values.items() if name != "scope"}
    terms = replace(TERMS, texts=(Texts("zh", values),), recipients="the bank")
    words = text(LETTERS[kind](terms), 2000)
    assert "以下内容只有英语文本" in words
    assert TERMS.scope in words
    (said,) = [line for line in words.splitlines() if "以下内容只有" in line]
    names = field_names(CHINESE)
    assert [names[one] in said for one in ("scope", "recipients", "title")] == [True, True, False]


def test_an_english_letter_says_which_terms_are_there_in_chinese_only() -> None:
    terms = replace(TERMS, language="zh", texts=())
    assert untranslated([terms, terms], ("title", "rights"), ENGLISH) == (
        "These texts are there in another language only, Chinese: Purpose and Your rights.",
    )


def test_of_terms_in_an_unknown_language_a_letter_says_that_there_is_no_translation() -> None:
    terms = replace(TERMS, language=None, notice_lang=None, texts=())
    assert untranslated([terms], ("title",), ENGLISH) == ()
    (said,) = untranslated([terms], ("title",), CHINESE)
    assert said.startswith("以下内容没有译文")


def test_a_language_without_a_name_here_is_named_by_its_tag() -> None:
    assert ENGLISH.name_of("zh-CN") == "Chinese"
    assert CHINESE.name_of("EN-gb") == "英语"
    assert ENGLISH.name_of("qx-Latn") == "qx-Latn"
