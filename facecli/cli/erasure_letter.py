"""The letter of a withdrawal: what was erased, or why a legal hold postpones it.

It names the person. So it is made in the act that erases them, from what was read before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from facecli.audit import evidence, sealing
from facecli.audit.entries import Act
from facecli.consent import consents, dates, purposes, subjects
from facecli.consent.purpose_terms import Terms
from facecli.erasure.copies import known
from facecli.erasure.revocation import Revocation
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.papers.languages import Language
    from facecli.papers.letter import Letter


@dataclass(frozen=True)
class Withdrawing:
    """The data on a person that is read before they are erased.

    Args:
        name: the subject's name, or the REF.
        terms: of each purpose that the withdrawal concerns, by code; of the latest if of none.
        hold: `until` and `reason` of the legal hold, if there is one.
    """

    name: str
    terms: dict[str, Terms]
    hold: Mapping[str, Any] | None


def before(db: Database, ref: str, purpose: str | None) -> Withdrawing:
    """Read what the letter of a withdrawal states of a person.

    Raises:
        Unknown: there is no such subject.
    """
    subject = subjects.find(db, ref)
    given = {one.purpose for one in consents.of_subject(db, subject.subject_id)}
    concerned = sorted(given if purpose is None else given & {purpose})
    terms = {code: purposes.find_known(db, code).terms for code in concerned}
    if not terms and (others := purposes.list_all(db)):
        latest = max(others, key=lambda one: one.valid_from)
        terms = {"": latest.terms}
    return Withdrawing(subject.name or subject.ref, terms, subjects.hold_of(db, subject))


def letter(
    act: Act,
    person: Withdrawing,
    done: Revocation,
    language: Language,
    *,
    certified: bool,
    elsewhere: Sequence[tuple[str, str]] = (),
) -> Letter:
    """Return the letter of a withdrawal that this act carried out.

    Args:
        certified: a certificate comes with it.
        elsewhere: what is held outside facecli and where, a pair each.
    """
    from facecli.papers import certificate

    if done.seq is None:
        return _postponed(act, person, language)
    entry = evidence.entry(act.db, done.seq)
    copies = entry["details"]["copies"] if entry is not None else []
    found = [known.find(act.db, copy_id) for copy_id in copies]
    facts = certificate.ErasureFacts(
        controller=_joined([one.controller_name for one in person.terms.values()]),
        contact=_joined([one.controller_contact for one in person.terms.values()]),
        purposes=[one.title for code, one in person.terms.items() if code],
        person=person.name,
        pseudonym=done.subject.pseudonym,
        erased=Counter(one.what for one in done.decisions),
        reasons=sorted({one.reason for one in done.decisions}),
        whole=any(one.what == "subject" for one in done.decisions),
        seq=done.seq,
        at=act.now,
        zone=dates.zone_of(act.db),
        trust_key=str(sealing.trust_key(act.db)),
        copies=sorted({copy.made_at[:10] for copy in found if copy is not None}),
        elsewhere=tuple(elsewhere),
        authority=_authority(person),
        certified=certified,
    )
    return certificate.letter(facts, language)


def _postponed(act: Act, person: Withdrawing, language: Language) -> Letter:
    from facecli.papers import refusal

    if person.hold is None:
        raise ValueError("nothing postpones this erasure")
    facts = refusal.RefusalFacts(
        controller=_joined([one.controller_name for one in person.terms.values()]),
        contact=_joined([one.controller_contact for one in person.terms.values()]),
        person=person.name,
        purpose=_joined([one.title for code, one in person.terms.items() if code]),
        alternative=None,
        rights=list(dict.fromkeys(one.rights for one in person.terms.values())),
        authority=_authority(person),
        at=act.now,
        zone=dates.zone_of(act.db),
        trust_key=str(sealing.trust_key(act.db)),
    )
    return refusal.postponed(facts, person.hold["until"], person.hold["reason"], language)


def _authority(person: Withdrawing) -> str | None:
    return _joined([one.authority for one in person.terms.values() if one.authority]) or None


def _joined(texts: Sequence[str]) -> str:
    """Return the texts without repetitions; a database may have several controllers."""
    return "; ".join(dict.fromkeys(texts))
