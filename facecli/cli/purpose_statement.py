"""The text that a person is shown before consenting to a purpose."""

from __future__ import annotations

from facecli.cli import tables
from facecli.consent import purpose_terms
from facecli.consent.purpose_terms import Purpose


def statement(purpose: Purpose, width: int | None) -> str:
    """Return every field of a purpose, then its notice, in lines of at most `width` columns."""
    fields = tables.listing(purpose_terms.statement(purpose), width)
    return f"{fields}\n{tables.wrapped_text(purpose.terms.notice, width)}"
