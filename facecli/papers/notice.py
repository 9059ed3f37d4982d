"""The notice of a purpose on a sheet, in one of its languages, to read before one agrees."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from facecli.consent.notices import Notice
from facecli.consent.purpose_terms import Purpose
from facecli.papers import term_words
from facecli.papers.languages import ENGLISH, Language, choose
from facecli.papers.letter import Letter, Section


def before_agreeing(purpose: Purpose, notice: Notice, language: Language, zone: str) -> Letter:
    """Return all that a person reads before they agree: the terms of the purpose, then the notice.

    Args:
        language: of the words around the notice.
    """
    terms = purpose.terms.in_language(language.tag)
    longest = (language.say("Longest time of a consent"), language.length(terms.max_consent))
    return Letter(
        language=language,
        title=terms.title,
        controller=terms.controller_name,
        contact=terms.controller_contact,
        date=language.day(purpose.version_since, ZoneInfo(zone)),
        opening=(),
        sections=(
            Section("", facts=(longest,)),
            *term_words.sections(purpose.terms, purpose.version, language),
            Section(
                language.say("The notice"),
                markdown=notice.text,
                markdown_language=notice.language or "",
            ),
        ),
    )


def letter(purpose: Purpose, notice: Notice, zone: str) -> Letter:
    """Return the notice under the purpose, its version, and the day since which that is in force.

    The words around it are in the language of the notice, or in English where there is no
    catalogue for it.
    """
    language = choose(notice.language or ENGLISH).language
    terms = purpose.terms.in_language(notice.language or ENGLISH)
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
