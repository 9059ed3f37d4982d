"""Withdrawing consent: as short as giving it was, and followed at once by erasure.

Under a legal hold the erasure has to wait, the withdrawal has not: it is recorded at once, so that
nothing is matched by that consent again, and a purge erases when the hold is over.
"""

from __future__ import annotations

from dataclasses import dataclass

from facecli.audit.entries import Act
from facecli.consent import consents, purposes, retention_facts, subjects
from facecli.consent.purposes import Purpose
from facecli.consent.retention import Decision, SubjectFact, decide
from facecli.consent.subjects import Subject
from facecli.erasure.erasing import Erasable, erase
from facecli.errors.base import Unknown
from facecli.errors.erasure import SubjectHeld
from facecli.store.database import Database


@dataclass(frozen=True)
class Revocation:
    """What withdrawing erased, or would erase; what a hold keeps is decided as `held`."""

    subject: SubjectFact
    purpose: str | None
    decisions: tuple[Decision, ...]

    @property
    def held(self) -> bool:
        """Does a legal hold keep what rested on the consent?"""
        return any(one.decision == "held" for one in self.decisions)


def plan(db: Database, ref: str, purpose: str | None, now: str) -> Revocation:
    """What withdrawing would erase.

    Raises:
        Unknown: there is no such subject or purpose, or no consent of the one to the other.
        SubjectHeld: a legal hold keeps a person who gave no consent that could be withdrawn.
    """
    subject, found = _find(db, ref, purpose, now)
    fact = retention_facts.of_one(db, subject)
    return Revocation(fact, purpose, tuple(_decisions(db, fact, found, now)))


def revoke(act: Act, ref: str, purpose: str | None, reason: str | None) -> Revocation:
    """Withdraw a subject's consents (to one purpose, or all) and erase what rested on them.

    What other consents still cover stays, and what a hold keeps. Raises as `plan`, and ResidueLeft.
    """
    subject, found = _find(act.db, ref, purpose, act.now)
    planned = plan(act.db, ref, purpose, act.now)
    withdrawn = consents.withdraw(act, subject, found)
    act.record(
        "consent.withdraw",
        subject_id=subject.pseudonym,
        purpose=purpose,
        details={"consents": withdrawn, "reason_given": reason is not None},
    )
    if not planned.held:
        one = Erasable(planned.subject, planned.decisions)
        erase(act, [one], action="revoke", purpose=purpose)
    return planned


def _find(db: Database, ref: str, purpose: str | None, now: str) -> tuple[Subject, Purpose | None]:
    subject = subjects.find(db, ref)
    given = consents.of_subject(db, subject.subject_id)
    until = subjects.held_until(db, subject)
    if not given and until is not None and until > now:
        raise SubjectHeld(ref=ref, until=until)
    if purpose is None:
        return subject, None
    found = purposes.find_any(db, purpose)
    if found is None:
        raise Unknown(kind="purpose", name=purpose)
    if all(consent.purpose != purpose for consent in given):
        raise Unknown(kind="consent", name=f"of {ref} to the purpose {purpose}")
    return subject, found


def _decisions(
    db: Database, subject: SubjectFact, purpose: Purpose | None, now: str
) -> list[Decision]:
    """What is due once these consents are withdrawn: the policy's answer to the changed facts."""
    changed = subject._replace(
        consents=tuple(
            consent._replace(withdrawn_at=min(consent.withdrawn_at or now, now))
            if purpose is None or consent.purpose == purpose.code
            else consent
            for consent in subject.consents
        )
    )
    ended = [
        one for one in decide(changed, retention_facts.rules(db), now) if one.decision != "keep"
    ]
    if purpose is not None or any(one.what == "subject" for one in ended):
        return ended
    # A person without any consent (alternative-only) withdraws from being listed at all.
    return [*ended, Decision("subject", subject.item_id, None, "due", "withdrawn", now)]
