"""The terms of a purpose in words: every field has some, in both languages."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from facecli.consent.purpose_terms import Terms, compare
from facecli.papers.languages import choose
from facecli.papers.term_words import (
    UNSAID,
    changes,
    complaint,
    field_names,
    in_words,
    rights,
    sections,
)
from tests.consent.conftest import TERMS

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
