"""The terms of a purpose in words: all of them for a notice or receipt, or those that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from facecli.consent import purpose_languages
from facecli.consent.dates import is_date, last_day
from facecli.consent.purpose_languages import SENTENCES
from facecli.consent.purpose_revisions import ANSWER_WITHIN, LENGTHS
from facecli.consent.purpose_terms import LISTS, OVERALL, Terms
from facecli.papers.languages import ENGLISH, Language
from facecli.papers.letter import Section

Facts = tuple[tuple[str, str], ...]
UNSAID = {
    "notice", "notice_sha256", "notice_lang", "further_notices", "notice_correction", "review_by",
    "in_force_since", "language", "texts",
}  # fmt: skip
"""Fields that a letter does not state as facts: the notices are in it whole, and the days are for
the controller."""
IN_SHORT = ("legal_basis", "data", "recipients", "transfers")
"""Fields that an answer states of each consent, where they state something."""


def sections(terms: Terms, version: int, language: Language) -> tuple[Section, ...]:
    """Return the sections of a letter on the processing, the retention and the rights.

    The first says which texts are not there in the language of the letter.
    """
    say, read = language.say, terms.in_language(language.tag)
    title = say("{title}, version {version}", title=read.title, version=version)
    return (
        Section(
            say("What it allows"),
            paragraphs=untranslated([terms], SENTENCES, language),
            facts=((say("Purpose"), title), *_processing(read, language)),
        ),
        Section(say("How long data is kept"), facts=_retention(read, language)),
        Section(say("Your rights"), paragraphs=tuple(rights(read, language))),
    )


def in_short(terms: Terms, language: Language) -> Facts:
    """Return the ground, the data, who else gets it, and how long it is kept."""
    read = terms.in_language(language.tag)
    stated = [name for name in IN_SHORT if getattr(terms, name)]
    return (*_facts(stated, read, language), *_retention(read, language))


def untranslated(
    all_terms: Iterable[Terms], names: Sequence[str], language: Language
) -> tuple[str, ...]:
    """Return a sentence on each other language that has texts which this letter's has not.

    Args:
        names: the fields whose texts the letter states.
    """
    missing: dict[str | None, dict[str, None]] = {}
    for terms in all_terms:
        for name in purpose_languages.untranslated(terms, names, language.tag):
            missing.setdefault(terms.own_language, {})[name] = None
    return tuple(
        sentence
        for other, found in missing.items()
        if (sentence := _untranslated(other, list(found), language))
    )


def _untranslated(other: str | None, names: Sequence[str], language: Language) -> str:
    labels = field_names(language)
    listed = language.listed([labels[name] for name in names])
    if other is not None:
        return language.say(
            "These texts are there in another language only, {other}: {terms}.",
            other=language.name_of(other),
            terms=listed,
        )
    if language.tag == ENGLISH:  # most files that do not state their language are in English
        return ""
    return language.say("There is no translation of these texts: {terms}.", terms=listed)


def validity(expires_at: str, zone: str, language: Language) -> tuple[str, str]:
    """Return the end of a consent as a fact: a whole day, or a moment inside one."""
    say = language.say
    whole = is_date(last_day(expires_at, zone))
    label = say("Valid until, this day included") if whole else say("Valid until")
    return label, language.end(expires_at, zone)


def rights(terms: Terms, language: Language) -> Iterator[str]:
    """Yield the paragraphs on the rights of a person who agreed."""
    yield terms.rights
    yield language.say(
        "You can withdraw your consent at any time, in one step and without giving a reason: "
        "{contact}. Your face is then no longer used, and the data is erased.",
        contact=terms.controller_contact,
    )
    yield complaint(terms.authority, language)


def complaint(authority: str | None, language: Language) -> str:
    """Return the sentence on the right to complain, with the authority where it is stated."""
    if authority is None:
        return language.say(
            "You can also complain to the authority for the protection of personal data."
        )
    return language.say("You can also complain to {authority}.", authority=authority)


def changes(fields: Sequence[tuple[str, Any, Any]], language: Language) -> Facts:
    """Return two facts, before and now, for each field that changed and concerns the person.

    Args:
        fields: name, before and after, as `purpose_terms.compare` returns them.
    """
    names = field_names(language)
    return tuple(
        fact
        for name, old, new in fields
        if name not in UNSAID
        for fact in (
            (
                language.say("{term}: before", term=names.get(name, name)),
                in_words(name, old, language),
            ),
            (
                language.say("{term}: now", term=names.get(name, name)),
                in_words(name, new, language),
            ),
        )
    )


def field_names(language: Language) -> dict[str, str]:
    """Return the name of each field that a letter states."""
    say = language.say
    return {
        "controller_name": say("Who is responsible"),
        "controller_contact": say("Contact"),
        "controller_address": say("Address"),
        "controller_officer": say("Data protection officer"),
        "title": say("Purpose"),
        "method": say("Method"),
        "scope": say("Where, and for which people"),
        "data": say("Data"),
        "necessity": say("Why it is necessary"),
        "impact": say("What it means for you"),
        "legal_basis": say("Legal basis"),
        "alternative": say("Without your face"),
        "impact_assessment": say("Impact assessment"),
        "recipients": say("Who else gets data"),
        "transfers": say("Transfers to other countries"),
        "security": say("How data is protected"),
        "processing_locations": say("Where data is processed"),
        "jurisdiction": say("Law that applies"),
        "authority": say("Supervisory authority"),
        "rights": say("Your rights"),
        "max_consent": say("Longest time of a consent"),
        "retain_template": say("Template of your face"),
        "retain_photo": say("Photo"),
        "retain_match": say("Record of a match"),
        "inactive_after": say("If you do not come"),
        "ask_again_within": say("Time to agree to a new version"),
        "threshold_fmr": say("Wrong matches with other people"),
        "calibration": say("That rate holds"),
        "max_templates": say("Most templates of your face"),
        "case_required": say("A case for each search"),
        "operators": say("Who may search"),
        "answer_within": say("Time to answer a request"),
    }


def in_words(name: str, value: Any, language: Language) -> str:
    """Return the value of a field in words."""
    say = language.say
    if name == "calibration":
        if value == OVERALL:
            return say("for all people together, and not in every group of them")
        return say("in every group of people that was measured")
    if name == "case_required":
        return say("required") if value else say("not required")
    if name == "operators":  # their names are nobody's business who consents
        number = language.number(len(value))
        return say("{number} named users", number=number) if value else say("every user")
    if name == "answer_within":
        return language.length(value or ANSWER_WITHIN)
    if value in (None, (), ""):
        return say("not stated")
    if name == "retain_template":
        return say("at most {length}; at once when the consent ends", length=language.length(value))
    if name == "inactive_after":
        return say("everything is erased after {length}", length=language.length(value))
    if name in LENGTHS or name == "ask_again_within":
        return language.length(value) if int(value[:-1]) else say("not kept")
    if name == "threshold_fmr":
        return say("at most 1 in {number} comparisons", number=language.number(round(1 / value)))
    if name == "max_templates":
        return language.number(value) if value else say("no limit")
    return language.listed(list(value)) if name in LISTS else str(value)


def _processing(terms: Terms, language: Language) -> Facts:
    stated = (
        "scope", "data", "necessity", "impact", "threshold_fmr", "calibration", "legal_basis",
        "alternative", "impact_assessment",
    )  # fmt: skip
    optional = (
        "operators", "case_required", "recipients", "transfers", "security",
        "processing_locations", "jurisdiction", "authority", "controller_officer",
    )  # fmt: skip
    return _facts((*stated, *(name for name in optional if getattr(terms, name))), terms, language)


def _retention(terms: Terms, language: Language) -> Facts:
    stated = ("retain_template", "retain_photo", "retain_match", "inactive_after")
    cap = ("max_templates",) if terms.max_templates else ()
    return _facts((*cap, *stated, "answer_within"), terms, language)


def _facts(names: Sequence[str], terms: Terms, language: Language) -> Facts:
    labels = field_names(language)
    return tuple((labels[name], in_words(name, getattr(terms, name), language)) for name in names)
