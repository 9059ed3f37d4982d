"""The texts of a purpose in further languages: how they are stored and named."""

from __future__ import annotations

from dataclasses import fields

from facecli.consent.purpose_file_texts import STATED_BY_CONTROLLER
from facecli.consent.purpose_terms import Terms
from facecli.consent.purpose_texts import (
    OF_CONTROLLER,
    OF_PURPOSE,
    Texts,
    by_field,
    from_json,
    to_json,
)
from tests.consent.conftest import TERMS

TEXTS = (
    Texts("zh", {"title": "门", "data": ("人脸模板", "照片")}),
    Texts("fr", {"title": "Porte"}),
)


def test_texts_are_read_as_they_were_stored() -> None:
    assert from_json(to_json(TEXTS)) == TEXTS
    assert from_json(to_json(TERMS.texts)) == TERMS.texts
    assert from_json(to_json(())) == ()
    assert "门" in to_json(TEXTS)  # no escapes: a search in the database finds it


def test_a_text_is_named_by_its_field_and_its_language() -> None:
    named = {"title.zh": "门", "data.zh": ("人脸模板", "照片"), "title.fr": "Porte"}
    assert by_field(TEXTS) == named


def test_every_text_belongs_to_a_field_of_the_terms() -> None:
    terms = {one.name for one in fields(Terms)}
    prefixed = {f"controller_{name}" for name in set(OF_CONTROLLER) - STATED_BY_CONTROLLER}
    assert prefixed | STATED_BY_CONTROLLER | set(OF_PURPOSE) <= terms
