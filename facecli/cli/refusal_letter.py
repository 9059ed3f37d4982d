"""Letters of refusals: of an enrolment, for the person at the desk, and of a request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.audit.entries import Act
from facecli.cli import addressee
from facecli.cli.addressee import Addressee, refusal_facts
from facecli.cli.letter_files import write_letter
from facecli.cli.session import Session
from facecli.consent import purposes, subjects
from facecli.consent.register.requests import Request
from facecli.errors.base import Unknown
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.papers.languages import Language
    from facecli.papers.letter import Letter
    from facecli.recognition.enrolment.requests import EnrolmentOutcome


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
    shown = _known_name(opened.db, refused[0].ref) or name or refused[0].ref
    person = Addressee(shown, {purpose.code: purpose.terms}, [purpose.code])
    facts = refusal_facts(opened.db, opened.now, person, language, enrolment=True)
    from facecli.papers import refusal

    reasons = list(dict.fromkeys(str(one.reason) for one in refused))
    write_letter(refusal.enrolment(facts, reasons, language), path)
    return True


def request_letter(act: Act, request: Request, language: Language) -> Letter:
    """Return the letter of a request that was refused.

    Raises:
        ValueError: it was not refused.
    """
    from facecli.papers import refusal

    if request.refused is None:
        raise ValueError(f"the request {request.request_id} was not refused")
    facts = refusal_facts(act.db, act.now, addressee.find(act.db, request.ref), language)
    return refusal.request(facts, request.kind, request.received_on, request.refused, language)


def _known_name(db: Database, ref: str) -> str | None:
    try:
        return subjects.find(db, ref).name
    except Unknown:
        return None
