"""The notice of a purpose on a sheet, in one of its languages, to read before one agrees."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from facecli.consent.notices import Notice
from facecli.consent.purpose_terms import Purpose
from facecli.papers.languages import ENGLISH, choose
from facecli.papers.letter import Letter, Section


def letter(purpose: Purpose, notice: Notice, zone: str) -> Letter:
    """Return the notice under the purpose, its version, and the day since which that is in force.

    The words around it are in the language of the notice, or in English where there is no
    catalogue for it.
    """
    language, terms = choose(notice.language or ENGLISH).language, purpose.terms
    title = language.say("{title}, version {version}", title=terms.title, version=purpose.version)
    section = Section("", markdown=notice.text, markdown_language=notice.language or "")
    return Letter(
        language=language,
        title=title,
        controller=terms.controller_name,
        contact=terms.controller_contact,
        date=language.day(purpose.version_since, ZoneInfo(zone)),
        opening=(),
        sections=(section,),
    )
