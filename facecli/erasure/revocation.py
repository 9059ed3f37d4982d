"""Withdrawal of consent, followed at once by erasure.

A legal hold postpones the erasure, not the withdrawal: it is recorded at once, nothing is matched
under that consent again, and a purge erases when the hold is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from facecli.audit.entries import Act
from facecli.consent import consents, dates, holds, purposes, retention_facts, subjects
from facecli.consent.purpose_terms import Purpose
from facecli.consent.register import elsewhere, requests
from facecli.consent.register.elsewhere import Item
from facecli.consent.register.requests import Request
from facecli.consent.retention import Decision, SubjectFact, decide
from facecli.consent.subjects import Subject
from facecli.erasure.erasing import Erasable, erase
from facecli.errors.base import Unknown
from facecli.errors.erasure import SubjectHeld
from facecli.store import time_reached
from facecli.store.database import Database


@dataclass(frozen=True)
class Revocation:
    """The decisions of one withdrawal: what is erased, and what a legal hold keeps (`held`).

    elsewhere: what others hold of the subject, and have not confirmed as deleted. unanswered: the
    open requests of a subject who is erased. seq: number of the log's entry of the erasure; None
    before it, and if a hold postpones it.
    """

    subject: SubjectFact
    purpose: str | None
    decisions: tuple[Decision, ...]
    elsewhere: tuple[Item, ...] = ()
    unanswered: tuple[Request, ...] = ()
    seq: int | None = field(default=None, compare=False)

    @property
    def held(self) -> bool:
        """True if a legal hold postpones the erasure."""
        return any(one.decision == "held" for one in self.decisions)

    @property
    def purposes(self) -> set[str]:
        """The codes of the purposes that it erases, or that it withdraws from if it is held."""
        if self.held and self.purpose is not None:
            return {self.purpose}
        return {one.purpose for one in self.decisions if one.purpose is not None}


def plan(db: Database, ref: str, purpose: str | None, now: str) -> Revocation:
    """Return what a withdrawal would erase. A clock that is too far ahead ends nothing else.

    Raises:
        Unknown: there is no such subject or purpose, or no consent between them.
        SubjectHeld: the subject gave no consent to withdraw, and a legal hold keeps the record.
    """
    subject, found = _find(db, ref, purpose, now)
    fact = retention_facts.of_one(db, subject)
    decisions = tuple(_decisions(db, fact, found, time_reached.believed(db, now)))
    whole = any(one.what == "subject" and one.decision == "due" for one in decisions)
    return Revocation(
        fact,
        purpose,
        decisions,
        elsewhere=tuple(elsewhere.open_items(db, subject)),
        unanswered=tuple(requests.open_of(db, subject)) if whole else (),
    )


def revoke(act: Act, ref: str, purpose: str | None, reason: str | None) -> Revocation:
    """Withdraw a subject's consents (to one purpose, or all) and erase the data under them.

    Data under other consents stays, and data under a legal hold.

    Raises:
        ResidueLeft: something is left after the erasure.
        every error of `plan`
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
    seq = None
    if not planned.held:
        one = Erasable(planned.subject, planned.decisions)
        [seq] = erase(act, [one], action="revoke", purpose=purpose)
    return replace(planned, elsewhere=tuple(_now(act.db, planned.elsewhere)), seq=seq)


def _now(db: Database, before: Iterable[Item]) -> Iterator[Item]:
    """Yield items with the case that they have got instead of the REF.

    The holder stays as it was. A name in it is erased from the database, but the output and the
    letter must state who still has the data.
    """
    for item in before:
        yield replace(elsewhere.find(db, item.item_id), place=item.place)


def _find(db: Database, ref: str, purpose: str | None, now: str) -> tuple[Subject, Purpose | None]:
    subject = subjects.find(db, ref)
    given = consents.of_subject(db, subject.subject_id)
    if not given and (until := holds.lasts_until(db, subject, now)) is not None:
        raise SubjectHeld(ref=ref, until=dates.last_day(until, dates.zone_of(db)))
    if purpose is None:
        return subject, None
    found = purposes.find_known(db, purpose)
    if all(consent.purpose != purpose for consent in given):
        raise Unknown(kind="consent", name=f"of {ref} to the purpose {purpose}")
    return subject, found


def _decisions(
    db: Database, subject: SubjectFact, purpose: Purpose | None, now: str
) -> list[Decision]:
    """Return what is due once these consents are withdrawn, by the retention policy."""
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
    # A subject without any consent (alternative-only) is removed from the list.
    return [*ended, Decision("subject", subject.item_id, None, "due", "withdrawn", now)]
