"""Guardians: a minor's consent is given by the guardian on record, and by nobody else."""

from __future__ import annotations

from facecli.consent.purpose_terms import Purpose
from facecli.consent.subjects import Subject
from facecli.consent.text import normalized
from facecli.errors.consent import NoGuardian


def check(subject: Subject, purpose: Purpose, guardian: str | None) -> None:
    """Pass if this guardian may consent for the subject; anyone may for whoever is no minor.

    Raises:
        NoGuardian: a minor's guardian is not named, or is another than the one on record.
    """
    if not subject.minor:
        return
    if not guardian:
        why = "a guardian must consent for a minor; name the guardian with --guardian"
        raise NoGuardian(ref=subject.ref, purpose=purpose.code, why=why)
    if _same(guardian) != _same(subject.guardian or ""):
        why = "the guardian named is not the one on record"
        raise NoGuardian(ref=subject.ref, purpose=purpose.code, why=why)


def _same(name: str) -> str:
    """Return a name without what does not tell two names apart: case and repeated blanks."""
    return " ".join(normalized(name).casefold().split())
