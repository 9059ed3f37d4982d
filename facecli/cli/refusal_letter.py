"""The letter of an enrolment that was refused, for the person at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facecli.audit import sealing
from facecli.cli.letter_files import write_letter
from facecli.cli.session import Session
from facecli.consent import dates, purposes, subjects
from facecli.errors.base import Unknown
from facecli.papers import refusal
from facecli.papers.languages import Language
from facecli.recognition.enrolment.requests import EnrolmentOutcome
from facecli.store.database import Database


def hand_over(
    opened: Session,
    outcomes: Sequence[EnrolmentOutcome],
    name: str | None,
    path: Path,
    language: Language,
) -> bool:
    """Write the letter of a refused enrolment, unless a capture was enrolled or none was refused.

    Args:
        outcomes: of the captures of one person for one purpose.
        name: the person's name, where it is not recorded.

    Returns:
        True if the letter was written.

    Raises:
        OutputFailed: it cannot be written.
    """
    refused = [one for one in outcomes if one.outcome == "refused"]
    enrolled = any(one.outcome == "enrolled" for one in outcomes)
    purpose = purposes.find_any(opened.db, outcomes[0].purpose) if outcomes else None
    if enrolled or not refused or purpose is None:
        return False
    terms = purpose.terms
    facts = refusal.RefusalFacts(
        controller=terms.controller_name,
        contact=terms.controller_contact,
        person=_known_name(opened.db, refused[0].ref) or name or refused[0].ref,
        purpose=terms.title,
        alternative=terms.alternative,
        rights=[terms.rights],
        authority=terms.authority,
        at=opened.now,
        zone=dates.zone_of(opened.db),
        trust_key=str(sealing.trust_key(opened.db)),
    )
    reasons = list(dict.fromkeys(str(one.reason) for one in refused))
    write_letter(refusal.enrolment(facts, reasons, language), path)
    return True


def _known_name(db: Database, ref: str) -> str | None:
    try:
        return subjects.find(db, ref).name
    except Unknown:
        return None
