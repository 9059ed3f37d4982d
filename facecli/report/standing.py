"""The purposes in use, as a reader of a language reads them."""

from __future__ import annotations

from dataclasses import replace

from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.papers.languages import Language
from facecli.store.database import Database


def in_language(db: Database, language: Language) -> list[Purpose]:
    """Return the purposes in use, with their texts in this language where the file has them."""
    return [
        replace(one, terms=one.terms.in_language(language.tag))
        for one in purposes.list_all(db)
        if one.retired_at is None
    ]
