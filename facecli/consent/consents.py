"""Consents: recording, finding, withdrawing and erasing a subject's agreements to purposes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import dates, form_uses, guardians, interactions, lapses, spent
from facecli.consent.agreements import (
    EXPIRES,
    Agreement,
    Evidence,
    is_given_on,
    period,
)
from facecli.consent.forms import date_refusal
from facecli.consent.purpose_terms import LOST_SINCE_RESTORE, Purpose
from facecli.consent.register import alternatives
from facecli.consent.subjects import Subject
from facecli.consent.text import check_name, check_note, normalized
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import (
    AlternativeOnly,
    DateNotEnough,
    FormAlreadyUsed,
    NoConsent,
    NoticeNotShown,
)
from facecli.store import time_reached
from facecli.store.database import Database, id_list, id_lists
from facecli.store.packed import id_bytes, id_text, same_bytes, seconds
from facecli.times import is_length

_OF_BOTH = "c.subject_id = ? AND c.purpose_id = ?"


@dataclass(frozen=True)
class Consent:
    """A recorded consent."""

    consent_id: int
    record_id: str
    ref: str
    pseudonym: str
    purpose: str
    version: int
    version_id: int
    given_at: str
    expires_at: str
    withdrawn_at: str | None
    recorded_at: str
    guardian: str | None
    notice_sha256: str
    notice_shown: str | None
    notice_lang: str | None
    evidence_sha256: str | None
    evidence_kept: bool
    shared_form: str | None


def record(act: Act, subject: Subject, purpose: Purpose, agreement: Agreement) -> Consent:
    """Record a consent to the current version of `purpose`.

    Raises:
        BadInput: see `agreements.period`; the purpose's terms were lost; or it has no notice in the
            language.
        NoConsent: the subject is alternative-only, or a minor without a guardian; the notice was
            not shown, or was of another version; the form counts already; or a withdrawn consent
            still waits for its erasure.
    """
    given, expires = _period(act, purpose, agreement)
    _check_subject(subject, purpose, agreement)
    _check_notice(subject, purpose, agreement)
    text = purpose.notice_in(agreement.notice.language)
    _check_unspent(act, subject, purpose, agreement.evidence)
    lapses.note(act, subject, purpose)
    record_id = uuid.uuid4()
    evidence, guardian, notice = agreement.evidence, agreement.guardian, agreement.notice
    consent_id = act.db.insert(
        "consent",
        record_id=record_id.bytes,
        subject_id=subject.subject_id,
        purpose_id=purpose.purpose_id,
        purpose_version_id=purpose.version_id,
        version=purpose.version,
        given=seconds(given),
        expires=seconds(expires),
        recorded=seconds(act.now),
        guardian=check_name(guardian, "The guardian's name") if guardian else None,
        notice_sha256=_unless_principal(text.sha256, purpose),
        notice_shown=notice.how,
        notice_lang=text.language,
        form_sha256=bytes.fromhex(evidence.sha256) if evidence else None,
        evidence=evidence.content if evidence else None,
        shared_form=_reason(evidence),
    )
    interactions.note(act, subject.subject_id, purpose.purpose_id)
    details = {
        # not the id itself, by which the person's receipt could be told once all is erased
        "record_sha256": _record_digest(str(record_id)),
        "version": purpose.version,
        "expires_at": expires,
        "notice_sha256": text.sha256,
        "notice": notice.how or "form",
        "evidence": "none" if not evidence else "kept" if evidence.content else "hash",
    }
    if evidence and evidence.shared:
        details["shared_form"] = True
    if text.language is not None:
        details["notice_lang"] = text.language
    act.record(
        "consent.record", subject_id=subject.pseudonym, purpose=purpose.code, details=details
    )
    if agreement.offered_alternative:
        _note_offer(act, subject, purpose)
    alternatives.choose(act.db, subject.subject_id, "face", purpose.purpose_id)
    return _one(act.db, "c.id = ?", (consent_id,))


def _note_offer(act: Act, subject: Subject, purpose: Purpose) -> None:
    offered = (purpose.purpose_id, purpose.code)
    alternatives.offer(act, subject.subject_id, subject.pseudonym, offered)


def _period(act: Act, purpose: Purpose, agreement: Agreement) -> tuple[str, str]:
    """Return when the consent was given and when it ends. Raises BadInput."""
    if purpose.is_lost:
        raise BadInput(what=f"The purpose {purpose.code}", why=LOST_SINCE_RESTORE)
    given, expires = period(agreement, purpose, act.now, dates.zone_of(act.db))
    if expires <= (last := time_reached.reached(act.db)):
        why = f"{expires} is over: the log has reached {last}, and the clock was set back since"
        raise BadInput(what=EXPIRES, why=why, reason="consent-expired")
    return given, expires


def _unless_principal(sha256: str, purpose: Purpose) -> bytes | None:
    """Return a notice's digest; None for the principal notice, whose digest the version states."""
    return None if sha256 == purpose.terms.notice_sha256 else bytes.fromhex(sha256)


def _reason(evidence: Evidence | None) -> str | None:
    """Return the reason why a form is shared, or None. Raises BadText."""
    if evidence is None or evidence.shared is None:
        return None
    return check_note(evidence.shared, "The reason of the shared form")


def _check_subject(subject: Subject, purpose: Purpose, agreement: Agreement) -> None:
    """Refuse a consent that this subject cannot give, or not alone. Raises NoConsent."""
    if subject.state == "alternative-only":
        why = "the subject is listed as alternative-only"
        raise AlternativeOnly(ref=subject.ref, purpose=purpose.code, why=why)
    guardians.check(subject, purpose, agreement.guardian)


def _check_notice(subject: Subject, purpose: Purpose, agreement: Agreement) -> None:
    """Refuse a consent to a notice that was not shown. Raises NoConsent."""
    shown = agreement.notice
    if agreement.evidence is None and shown.how is None:
        raise NoticeNotShown(ref=subject.ref, purpose=purpose.code)
    if shown.version is not None and shown.version != purpose.version:
        why = (
            f"version {purpose.version} is in force since {purpose.version_since}, and its notice "
            "was not shown when this began (a batch begins anew without --resume)"
        )
        raise NoConsent(
            ref=subject.ref, purpose=purpose.code, why=why, reason="consent-other-version"
        )


def _check_unspent(act: Act, subject: Subject, purpose: Purpose, evidence: Evidence | None) -> None:
    """Refuse a consent that would bring back what the end of an earlier one took away.

    Raises:
        NoConsent
    """
    earlier = _all(act.db, _OF_BOTH, (subject.subject_id, purpose.purpose_id))
    withdrawn = [consent.withdrawn_at for consent in earlier if consent.withdrawn_at]
    if withdrawn:  # a hold keeps the templates, which the new consent would cover
        why = (
            f"a consent was withdrawn {max(withdrawn)}, and its data must be erased first "
            "(`facecli purge`, once no legal hold keeps it)"
        )
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    if evidence is not None:
        form_uses.refuse_used(act.db, subject, purpose, evidence)


def ensure(act: Act, subject: Subject, purpose: Purpose, agreement: Agreement) -> Consent:
    """Return the consent that `agreement` states: an earlier record of it, or a new one.

    A manifest that is enrolled every night presents the same agreement again; it counts once. It
    does not renew a consent that ended or was withdrawn. Without a form, the date identifies the
    consent, and counts only on its own day.

    Raises:
        NoConsent: the stated consent is withdrawn, over, or to another version; its date does not
            count any more; or a restore left that unknown.
        BadInput: see `record`.
    """
    earlier = stated(act.db, subject, purpose, agreement, act.now)
    if earlier is not None:
        if agreement.offered_alternative:
            _note_offer(act, subject, purpose)
        return earlier
    given, _ = _period(act, purpose, agreement)
    unknown_until = spent.unknown_until(act.db)
    undated = agreement.evidence is not None and agreement.given is None
    if unknown_until is not None and (undated or given <= unknown_until):
        why = (
            f"it is not known which consents ended before {unknown_until}; if this one stands, "
            "record it with `facecli consent record`, or state the date of a newer one"
        )
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    if agreement.evidence is None and agreement.given is not None:
        day, now = dates.day_of(given, dates.zone_of(act.db)), dates.today(act.db, act.now)
        closed = spent.closed_day(act.db, purpose.code)
        refusal = date_refusal(day, now, agreement.notice.day or now, closed)
        if refusal:
            raise DateNotEnough(ref=subject.ref, purpose=purpose.code, why=refusal)
    return record(act, subject, purpose, agreement)


def stated(
    db: Database, subject: Subject, purpose: Purpose, agreement: Agreement, now: str
) -> Consent | None:
    """Return the recorded consent that `agreement` states again: of its form, or of its date.

    Raises:
        NoConsent: it does not count any more.
        BadInput: the agreement states a later end than the recorded consent.
    """
    zone = dates.zone_of(db)
    form = agreement.evidence.sha256 if agreement.evidence else None
    found = [
        consent
        for consent in _all(db, _OF_BOTH, (subject.subject_id, purpose.purpose_id))
        if (
            consent.evidence_sha256 == form
            if form
            else is_given_on(agreement, consent.given_at, now, zone)
        )
    ]
    if not found:
        return None
    reached = time_reached.later(db, now)
    _check_in_force(found[-1], subject, purpose, form, reached)
    if form and (end := lapses.left_behind(db, subject, purpose, reached)):
        why = f"what rests on this form is due since {end[0]}, and a form counts once"
        raise FormAlreadyUsed(ref=subject.ref, purpose=purpose.code, why=why)
    _check_no_renewal(found[-1], agreement, zone)
    return found[-1]


def _check_no_renewal(consent: Consent, agreement: Agreement, zone: str) -> None:
    """Refuse an end that is later than that of the recorded consent. Raises BadInput."""
    if is_length(agreement.expires):
        return
    end = dates.end(agreement.expires, EXPIRES, zone, consent.given_at)
    if end > consent.expires_at:
        why = (
            f"{dates.last_day(end, zone)} is later than the end of the recorded consent "
            f"({dates.last_day(consent.expires_at, zone)}); to renew it, give the date of the new "
            "consent, or its form"
        )
        raise BadInput(what=EXPIRES, why=why, reason="consent-differs")


def _check_in_force(
    consent: Consent, subject: Subject, purpose: Purpose, form: str | None, now: str
) -> None:
    """Refuse a recorded consent that does not count any more. Raises NoConsent."""
    why, reason = None, "form-already-used" if form else "no-consent"
    if consent.withdrawn_at is not None:
        why = f"that consent was withdrawn {consent.withdrawn_at}"
    elif consent.version != purpose.version:
        why = f"that consent is to version {consent.version}, not {purpose.version}"
        reason = reason if form else "consent-other-version"
    elif consent.expires_at <= now:
        why, reason = f"that consent ended {consent.expires_at}", "consent-expired"
    if why and form:
        raise FormAlreadyUsed(ref=subject.ref, purpose=purpose.code, why=why, reason=reason)
    if why:
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why, reason=reason)


def of_subject(db: Database, subject_id: int) -> list[Consent]:
    """Return every consent of a subject, oldest first."""
    return _all(db, "c.subject_id = ?", (subject_id,))


def list_all(db: Database, purpose: str | None = None) -> list[Consent]:
    """Return every consent, or those to one purpose, by REF and age."""
    if purpose is None:
        return _all(db, "1 = 1", ())
    return _all(db, "p.code = ?", (purpose,))


def list_some(db: Database, ids: Iterable[int]) -> list[Consent]:
    """Return these consents by their row ids, the first to end first."""
    found = [
        consent
        for listed in id_lists(ids)
        for consent in _all(db, "c.id IN (SELECT value FROM json_each(?))", (listed,))
    ]
    return sorted(found, key=lambda one: (one.expires_at, one.ref))


def count_without_evidence(db: Database, now: str) -> int:
    """Count the consents in force that no form shows, only a declaration."""
    return int(
        db.value(
            "SELECT count(*) FROM consent WHERE form_sha256 IS NULL"
            " AND withdrawn_at IS NULL AND expires > unixepoch(?)",
            (now,),
        )
    )


def find(db: Database, name: str, purpose: str | None = None) -> Consent:
    """Find a consent by its record id, or a subject's latest one (to `purpose`) by the REF.

    Raises:
        Unknown: there is no such consent.
    """
    record_id = id_bytes(name)
    # No index has the record ids: a REF that cannot be one must not read every consent.
    found = None if record_id is None else _any(db, "c.record_id = ?", (record_id,))
    consent = found or _any(
        db, "s.ref = ? AND (p.code = ? OR ? IS NULL)", (normalized(name), purpose, purpose)
    )
    if consent is None:
        raise Unknown(kind="consent", name=name if purpose is None else f"{name} for {purpose}")
    return consent


def _any(db: Database, where: str, parameters: tuple[Any, ...]) -> Consent | None:
    found = _all(db, where, parameters)
    return found[-1] if found else None


def _one(db: Database, where: str, parameters: tuple[Any, ...]) -> Consent:
    return _all(db, where, parameters)[0]


def _all(db: Database, where: str, parameters: tuple[Any, ...]) -> list[Consent]:
    rows = db.rows(
        "SELECT c.id, c.record_id, c.purpose_version_id, c.version, c.given_at, c.expires_at,"
        " c.withdrawn_at, c.recorded_at, c.guardian, c.notice_shown, c.notice_lang,"
        " iif(c.notice_sha256 IS NULL, v.notice_sha256, lower(hex(c.notice_sha256))) AS notice,"
        " c.evidence_sha256, c.evidence IS NOT NULL AS kept, c.shared_form,"
        " s.ref, s.pseudonym, p.code FROM consent c"
        " JOIN subject s ON s.id = c.subject_id JOIN purpose p ON p.id = c.purpose_id"
        " JOIN purpose_version v ON v.id = c.purpose_version_id"
        f" WHERE {where} ORDER BY s.ref, c.id",
        parameters,
    )
    return [
        Consent(
            consent_id=row["id"],
            record_id=id_text(row["record_id"]),
            ref=row["ref"],
            pseudonym=row["pseudonym"],
            purpose=row["code"],
            version=row["version"],
            version_id=row["purpose_version_id"],
            given_at=row["given_at"],
            expires_at=row["expires_at"],
            withdrawn_at=row["withdrawn_at"],
            recorded_at=row["recorded_at"],
            guardian=row["guardian"],
            notice_sha256=row["notice"],
            notice_shown=row["notice_shown"],
            notice_lang=row["notice_lang"],
            evidence_sha256=row["evidence_sha256"],
            evidence_kept=bool(row["kept"]),
            shared_form=row["shared_form"],
        )
        for row in rows
    ]


# -- for erasure --------------------------------------------------------------------------


def withdraw(act: Act, subject: Subject, purpose: Purpose | None, at: str | None = None) -> int:
    """Mark a subject's consents to one purpose, or to all, as withdrawn now or `at`.

    A clock that is too far ahead counts as the time reached: what depended on them is due at once,
    also when the clock is right again.

    Returns:
        How many were marked.
    """
    withdrawn = act.db.execute(
        "UPDATE consent SET withdrawn_at = :now WHERE subject_id = :subject_id"
        " AND withdrawn_at IS NULL AND (purpose_id = :purpose_id OR :purpose_id IS NULL)",
        {
            "now": at or time_reached.believed(act.db, act.now),
            "subject_id": subject.subject_id,
            "purpose_id": purpose.purpose_id if purpose else None,
        },
    )
    return int(withdrawn.rowcount)


def take_over_withdrawals(copy: Database, present: Database) -> None:
    """Copy the withdrawals of consents whose erasure still waits in the present database."""
    copy.many(
        "UPDATE consent SET withdrawn_at = ?1 WHERE record_id = ?2 AND subject_id ="
        f" (SELECT id FROM subject WHERE {same_bytes('pseudonym_bytes', '?3')})",
        present.tuples(
            "SELECT c.withdrawn_at, c.record_id, s.pseudonym_bytes FROM consent c"
            " JOIN subject s ON s.id = c.subject_id WHERE c.withdrawn_at IS NOT NULL"
        ),
    )


def evidence_of(db: Database, consent: Consent) -> bytes:
    """Return the kept form of a consent whose `evidence_kept` is true."""
    return bytes(db.value("SELECT evidence FROM consent WHERE id = ?", (consent.consent_id,)))


def record_digests(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """Return the SHA-256 of these consents' record ids in hex, as the log has it, by their ids."""
    found = db.tuples(
        "SELECT id, record_id FROM consent WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    return {consent: _record_digest(id_text(record_id)) for consent, record_id in found}


def _record_digest(record_id: str) -> str:
    return hashlib.sha256(record_id.encode()).hexdigest()


def erase(act: Act, ids: Sequence[int]) -> None:
    """Delete consents with their evidence, and remember them as spent (see `ensure`)."""
    spent.remember(act.db, ids)
    act.db.delete("consent", ids)
