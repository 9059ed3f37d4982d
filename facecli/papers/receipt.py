"""The letter of a consent receipt: what a person agreed to, and how they end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from facecli.consent.consents import Consent
from facecli.consent.purpose_terms import Terms
from facecli.papers import term_words
from facecli.papers.checking import check
from facecli.papers.languages import Language
from facecli.papers.letter import Letter, Section


@dataclass(frozen=True)
class ReceiptFacts:
    """Everything that the letter of a receipt states.

    Args:
        name: the subject's name, or None.
        entries: sequence numbers of the log's entries of the consent.
        trust_key: the log's trust key.
        zone: the controller's time zone.
        at: the time of the letter.
    """

    consent: Consent
    terms: Terms
    name: str | None
    entries: Sequence[int]
    trust_key: str
    zone: str
    at: str


def letter(facts: ReceiptFacts, language: Language) -> Letter:
    """Return the letter of a consent receipt."""
    say, consent = language.say, facts.consent
    terms = facts.terms.in_language(language.tag)
    title = say("Receipt of your consent")
    if consent.withdrawn_at is not None:
        title = say("Receipt of your consent and of its withdrawal")
    return Letter(
        language=language,
        title=title,
        controller=terms.controller_name,
        contact=terms.controller_contact,
        date=language.day(facts.at, ZoneInfo(facts.zone)),
        opening=(_opening(facts, language),),
        sections=(
            Section(say("Your consent"), facts=_consent(facts, language)),
            *term_words.sections(facts.terms, consent.version, language),
            Section(
                say("The notice that you agreed to"),
                markdown=terms.notice,
                markdown_language=terms.notice_lang or "",
            ),
        ),
        check=check(
            language,
            say(
                "The log of {controller} holds this consent (entries: {entries}). Whoever has "
                "the receipt as a JSON file can check that, without access to our systems:",
                controller=terms.controller_name,
                entries=", ".join(map(str, facts.entries)),
            ),
            "facecli log verify --receipt receipt.json",
            facts.trust_key,
        ),
    )


def _opening(facts: ReceiptFacts, language: Language) -> str:
    terms = facts.terms.in_language(language.tag)
    values: dict[str, Any] = {
        "controller": terms.controller_name,
        "person": facts.name or facts.consent.ref,
        "guardian": facts.consent.guardian,
        "purpose": terms.title,
    }
    if facts.consent.guardian is None:
        return language.say(
            "{controller} has recorded that {person} agreed to the use of their face for this "
            "purpose: {purpose}.",
            **values,
        )
    return language.say(
        "{controller} has recorded that {guardian}, as guardian, agreed to the use of the face of "
        "{person} for this purpose: {purpose}.",
        **values,
    )


def _consent(facts: ReceiptFacts, language: Language) -> tuple[tuple[str, str], ...]:
    say, consent, zone = language.say, facts.consent, ZoneInfo(facts.zone)
    found = [
        (say("Reference"), consent.ref),
        (say("Given on"), language.day(consent.given_at, zone)),
        term_words.validity(consent.expires_at, facts.zone, language),
    ]
    if consent.withdrawn_at is not None:
        found.append((say("Withdrawn on"), language.day(consent.withdrawn_at, zone)))
    found.append((say("Signed form"), _form(consent, language)))
    found.append((say("Number of this receipt"), consent.record_id))
    return tuple(found)


def _form(consent: Consent, language: Language) -> str:
    if consent.evidence_sha256 is None:
        return language.say("none")
    if consent.evidence_kept:
        return language.say("stored with us")
    return language.say("a checksum of its file is stored, SHA-256 {digest}",
                        digest=consent.evidence_sha256)  # fmt: skip
