"""Uses of a form: the consents that are recorded on it, and whether one of them was erased."""

from __future__ import annotations

from facecli.consent import spent
from facecli.consent.agreements import Evidence
from facecli.consent.forms import FormUse, form_refusal
from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import Subject
from facecli.errors.consent import FormAlreadyUsed
from facecli.store.database import Database


def refuse_used(db: Database, subject: Subject, purpose: Purpose, evidence: Evidence) -> None:
    """Refuse a form that may not state a consent of this subject to this purpose.

    Raises:
        FormAlreadyUsed
    """
    refusal = form_refusal(
        of_form(db, subject, evidence.sha256),
        purpose.code,
        purpose.version,
        spent=spent.is_spent(db, evidence.sha256),
        shared=evidence.shared is not None,
    )
    if refusal:
        raise FormAlreadyUsed(ref=subject.ref, purpose=purpose.code, why=refusal)


def of_form(db: Database, subject: Subject, form: str) -> list[FormUse]:
    """Return the recorded consents on a form (its SHA-256 in hex), those of the subject first."""
    rows = db.tuples(
        "SELECT c.subject_id = :subject_id AS own, p.code, c.version FROM consent c"
        " JOIN purpose p ON p.id = c.purpose_id WHERE c.form_sha256 = unhex(:form)"
        " ORDER BY own DESC, c.id",
        {"subject_id": subject.subject_id, "form": form},
    )
    return [FormUse(bool(own), purpose, version) for own, purpose, version in rows]
