"""The public retention policy, from the purposes as they stand.

BIPA 15(a) asks for a published retention schedule and for guidelines of permanent destruction,
Colorado HB24-1130 for the same with a shorter time of inactivity.
"""

from __future__ import annotations

from collections.abc import Iterator

from facecli.consent import dates
from facecli.consent.purpose_terms import Purpose
from facecli.papers.languages import Language
from facecli.report import standing
from facecli.report.document import Document, Fact, Section
from facecli.store.database import Database
from facecli.times import is_longer

SCHEMA = "retention-policy"
INACTIVE = (("Colorado HB24-1130", "24m"), ("BIPA 15(a)", "3y"))
"""Laws with the longest time after the last interaction that each of them allows."""


def document(db: Database, language: Language, now: str) -> Document:
    """Return the policy: a section for each purpose in use, and how data is destroyed."""
    say = language.say
    used = standing.in_language(db, language)
    return Document(
        schema=SCHEMA,
        language=language,
        title=say("Retention of facial data"),
        at=now,
        zone=dates.zone_of(db),
        opening=(
            say(
                "This policy states how long facial data is kept, and how it is destroyed. It is "
                "made from the purposes to which people consent."
            ),
        ),
        facts=controllers(used, language),
        sections=(*(_of_purpose(one, language) for one in used), _destruction(language)),
    )


def controllers(used: list[Purpose], language: Language) -> tuple[Fact, ...]:
    """Return the name and contact of the controller; of several, each one once."""
    names = dict.fromkeys(one.terms.controller_name for one in used)
    contacts = dict.fromkeys(one.terms.controller_contact for one in used)
    say = language.say
    law = "BIPA 15(a), GDPR 30(1)(a), PIPL 17"
    return (
        Fact("controller", say("Controller"), "; ".join(names) or None, needed=law),
        Fact("contact", say("Contact"), "; ".join(contacts) or None, needed=law),
    )


def _of_purpose(purpose: Purpose, language: Language) -> Section:
    say, terms = language.say, purpose.terms
    return Section(
        f"purpose-{purpose.code}",
        terms.title,
        sentences=tuple(_sentences(purpose, language)),
        facts=(
            Fact("version", say("Version"), purpose.version, "number"),
            Fact("version_since", say("In force since"), purpose.version_since, "moment"),
            Fact("scope", say("Scope"), terms.scope),
            Fact("data", say("Data"), ", ".join(terms.data)),
            Fact("necessity", say("Why it is necessary"), terms.necessity),
            Fact("alternative", say("Alternative without the face"), terms.alternative),
            Fact("max_consent", say("A consent lasts at most"), terms.max_consent, "length"),
            Fact("retain_template", say("Longest retention of templates"), terms.retain_template,
                 "length"),
            Fact("retain_photo", say("Longest retention of photos"), terms.retain_photo, "length"),
            Fact("retain_match", say("Longest retention of matches"), terms.retain_match, "length"),
            Fact("inactive_after", say("Erased after this time without an interaction"),
                 terms.inactive_after, "length"),
            Fact("ask_again_within", say("After a change, erased without a new consent within"),
                 terms.ask_again_within, "length"),
            Fact("rights", say("Your rights"), terms.rights),
        ),
    )  # fmt: skip


def _sentences(purpose: Purpose, language: Language) -> Iterator[str]:
    """Yield what a law allows and the purpose exceeds, and what is not known of it."""
    if purpose.is_lost:
        yield language.say("The terms of this purpose were lost in a restore. It is not in use.")
    for law, longest in INACTIVE:
        if is_longer(purpose.terms.inactive_after, longest):
            yield language.say(
                "{law} allows {longest} after the last interaction; this purpose states more.",
                law=law,
                longest=language.length(longest),
            )


def other_data(language: Language) -> str:
    """Return the sentence on what is stored beside the data that the purposes name."""
    return language.say(
        "A consent is erased when it ends. The name and the reference of a person are erased when "
        "the last consent ends. The entries of the log stay, and name nobody."
    )


def _destruction(language: Language) -> Section:
    say = language.say
    return Section(
        "destruction",
        say("How data is destroyed"),
        sentences=(
            say(
                "Data is erased at the earliest moment that applies: the purpose is met, the "
                "consent ends or is withdrawn, the stated time is over, there was no interaction "
                "for the stated time, or the purpose is given up."
            ),
            say(
                "Erasure overwrites templates and photos in the encrypted database, looks through "
                "every table for what is left, and is recorded in a log that shows tampering. "
                "Copies are erased too, or named as not yet erased."
            ),
            other_data(language),
            say(
                "What is due is not used any longer, whether or not it is erased yet. A legal hold "
                "keeps data stored and unused until it ends."
            ),
        ),
    )
