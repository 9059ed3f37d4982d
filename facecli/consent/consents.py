"""Consents: recording, finding, withdrawing and erasing a subject's agreements to purposes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import dates, interactions, lapses, spent
from facecli.consent.purposes import LOST_SINCE_RESTORE, Purpose
from facecli.consent.subjects import Subject
from facecli.consent.text import check_name, normalized
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import AlternativeOnly, NoConsent
from facecli.store import time_reached
from facecli.store.database import Database, id_list
from facecli.times import add, is_length

LARGEST_EVIDENCE = 64 * 1024 * 1024
GIVEN = "The date it was given"
EXPIRES = "The date it expires"
_OF_BOTH = "c.subject_id = ? AND c.purpose_id = ?"


@dataclass(frozen=True)
class Evidence:
    """The form that was signed: its SHA-256 in hex, and its content if that is kept."""

    sha256: str
    content: bytes | None


@dataclass(frozen=True)
class Agreement:
    """A consent as the operator states it, before it is recorded.

    `expires` is a moment, a date, or a length counted from `given`; `given` is now if None.
    """

    expires: str
    given: str | None = None
    evidence: Evidence | None = None
    guardian: str | None = None


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
    evidence_sha256: str | None
    evidence_kept: bool


def read_evidence(path: Path, *, keep: bool) -> Evidence:
    """Hash the evidence file, and return its content too if `keep` is set.

    Raises:
        BadInput: the file cannot be read, is empty, or is larger than 64 MiB.
    """
    what = f"The evidence {path}"
    try:
        if not path.is_file():
            raise BadInput(what=what, why="there is no such file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_EVIDENCE + 1)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=what, why=why) from None
    if not content:
        raise BadInput(what=what, why="it is empty")
    if len(content) > LARGEST_EVIDENCE:
        raise BadInput(what=what, why="it is larger than 64 MiB")
    return Evidence(hashlib.sha256(content).hexdigest(), content if keep else None)


def period(agreement: Agreement, purpose: Purpose, now: str, zone: str) -> tuple[str, str]:
    """Return the moments at which the consent was given and at which it ends.

    Args:
        zone: the controller's time zone, whose days dates are.

    Raises:
        BadInput: a date cannot be read, or lies in the future or the past where it must not; the
            consent lasts longer than the purpose allows, or is older than this version.
    """
    given = dates.start(agreement.given, GIVEN, zone) if agreement.given else now
    expires = dates.end(agreement.expires, EXPIRES, zone, given, agreement.given)
    if given > now:
        raise BadInput(what=GIVEN, why=f"{given} is in the future")
    if expires <= now:
        raise BadInput(
            what=EXPIRES, why=f"{dates.last_day(expires, zone)} is over", reason="consent-expired"
        )
    if expires > (latest := _latest_end(given, purpose, zone)):
        last, allowed = dates.last_day(expires, zone), dates.last_day(latest, zone)
        why = f"{last} is later than the purpose allows ({allowed})"
        raise BadInput(what=EXPIRES, why=why)
    since = purpose.version_since
    if agreement.given is not None and dates.is_date(agreement.given):
        since = dates.start_of_day(dates.day_of(since, zone), zone)  # a date has no hour
    if purpose.version > 1 and given < since:
        why = f"the notice of version {purpose.version} is only in force since {since}"
        raise BadInput(what=GIVEN, why=why, reason="consent-other-version")
    return given, expires


def _latest_end(given: str, purpose: Purpose, zone: str) -> str:
    """Return the latest end of a consent: the end of the day on which `max_consent` is over."""
    day = add(f"{dates.day_of(given, zone)}T00:00:00Z", purpose.terms.max_consent)[:10]
    return dates.end_of_day(day, zone)


def record(act: Act, subject: Subject, purpose: Purpose, agreement: Agreement) -> Consent:
    """Record a consent to the current version of `purpose`.

    Raises:
        BadInput: see `period`; or a minor's consent has no guardian.
        NoConsent: the subject is alternative-only, a withdrawn consent still waits for its
            erasure, or the evidence belongs to a consent that ended.
    """
    if purpose.is_lost:
        raise BadInput(what=f"The purpose {purpose.code}", why=LOST_SINCE_RESTORE)
    given, expires = period(agreement, purpose, act.now, dates.zone_of(act.db))
    if expires <= (last := time_reached.reached(act.db)):
        why = f"{expires} is over: the log has reached {last}, and the clock was set back since"
        raise BadInput(what=EXPIRES, why=why, reason="consent-expired")
    if subject.state == "alternative-only":
        why = "the subject is listed as alternative-only"
        raise AlternativeOnly(ref=subject.ref, purpose=purpose.code, why=why)
    evidence, guardian = agreement.evidence, agreement.guardian
    if subject.minor and not guardian:
        why = "a guardian must give it; name the guardian with --guardian"
        raise BadInput(what=f"The consent of the minor {subject.ref}", why=why)
    form = evidence.sha256 if evidence else None
    _check_unspent(act, subject, purpose, form)
    lapses.note(act, subject, purpose)
    record_id = str(uuid.uuid4())
    consent_id = act.db.insert(
        "consent",
        record_id=record_id,
        subject_id=subject.subject_id,
        purpose_id=purpose.purpose_id,
        purpose_version_id=purpose.version_id,
        version=purpose.version,
        given_at=given,
        expires_at=expires,
        recorded_at=act.now,
        guardian=check_name(guardian, "The guardian's name") if guardian else None,
        notice_sha256=purpose.terms.notice_sha256,
        evidence_sha256=form,
        evidence=evidence.content if evidence else None,
    )
    interactions.note(act, subject.subject_id, purpose.purpose_id)
    details = {
        # not the id itself, by which the person's receipt could be told once all is erased
        "record_sha256": _record_digest(record_id),
        "version": purpose.version,
        "expires_at": expires,
        "notice_sha256": purpose.terms.notice_sha256,
        "evidence": "none" if not evidence else "kept" if evidence.content else "hash",
    }
    act.record(
        "consent.record", subject_id=subject.pseudonym, purpose=purpose.code, details=details
    )
    return _one(act.db, "c.id = ?", (consent_id,))


def _check_unspent(act: Act, subject: Subject, purpose: Purpose, form: str | None) -> None:
    """Refuse a consent that would bring back what the end of an earlier one took away.

    Raises:
        NoConsent
    """
    why = None
    earlier = _all(act.db, _OF_BOTH, (subject.subject_id, purpose.purpose_id))
    withdrawn = [consent.withdrawn_at for consent in earlier if consent.withdrawn_at]
    now = time_reached.later(act.db, act.now)
    over = [c.expires_at for c in earlier if c.evidence_sha256 == form and c.expires_at <= now]
    if withdrawn:  # a hold keeps the templates, which the new consent would cover
        why = (
            f"a consent was withdrawn {max(withdrawn)}, and its data must be erased first "
            "(`facecli purge`, once no legal hold keeps it)"
        )
    elif form:
        ended_at = spent.ended_at(act.db, subject.ref, purpose.code, form) or max(over, default="")
        if any(consent.evidence_sha256 == form for consent in earlier):
            end = lapses.left_behind(act.db, subject, purpose, now)
            ended_at = ended_at or (end[0] if end else "")
        if ended_at:
            why = f"the consent on this evidence ended {ended_at}, and a form counts once"
    if why:
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)


def ensure(act: Act, subject: Subject, purpose: Purpose, agreement: Agreement) -> Consent:
    """Return the consent that `agreement` states: an earlier record of it, or a new one.

    A manifest that is enrolled every night presents the same agreement again; it counts once. It
    does not renew a consent that ended or was withdrawn, and a form signed for an earlier version
    does not count for this one. Without a form, the date identifies the consent. Without a date
    too, only a first consent can be meant.

    Raises:
        NoConsent: the stated consent is withdrawn, over, or to another version; or a restore left
            that unknown.
        BadInput: see `record`.
    """
    earlier = _stated(act, subject, purpose, agreement)
    if earlier is not None:
        _check_no_renewal(earlier, agreement, dates.zone_of(act.db))
        return _in_force(earlier, subject, purpose, time_reached.later(act.db, act.now))
    zone = dates.zone_of(act.db)
    given = dates.start(agreement.given, GIVEN, zone) if agreement.given else ""
    unknown_until = spent.unknown_until(act.db)
    if unknown_until is not None and given <= unknown_until:
        why = (
            f"it is not known which consents were withdrawn before the restore of {unknown_until}; "
            "if this one stands, record it with `facecli consent record`, or state the date of a "
            "newer one"
        )
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    if agreement.evidence is None:
        ended_at = spent.ended_at(act.db, subject.ref, purpose.code)
        if ended_at is not None and given <= ended_at:
            why = f"a consent ended {ended_at}; give the date of a new one, or its form"
            raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    return record(act, subject, purpose, agreement)


def _stated(act: Act, subject: Subject, purpose: Purpose, agreement: Agreement) -> Consent | None:
    """Return the recorded consent with the same form; without one, of the same date; else the
    latest."""
    where = _OF_BOTH
    who = (subject.subject_id, purpose.purpose_id)
    if agreement.evidence is not None:
        return _any(act.db, f"{where} AND c.evidence_sha256 = ?", (*who, agreement.evidence.sha256))
    if agreement.given is not None:
        given = dates.start(agreement.given, GIVEN, dates.zone_of(act.db))
        return _any(
            act.db, f"{where} AND c.evidence_sha256 IS NULL AND c.given_at = ?", (*who, given)
        )
    return _any(act.db, where, who)


def _check_no_renewal(consent: Consent, agreement: Agreement, zone: str) -> None:
    """Refuse an end that is later than that of the recorded consent. Raises BadInput."""
    if is_length(agreement.expires):
        return
    stated = dates.end(agreement.expires, EXPIRES, zone, consent.given_at)
    if stated > consent.expires_at:
        why = (
            f"{dates.last_day(stated, zone)} is later than the end of the recorded consent "
            f"({dates.last_day(consent.expires_at, zone)}); to renew it, give the date of the new "
            "consent, or its form"
        )
        raise BadInput(what=EXPIRES, why=why, reason="consent-differs")


def _in_force(consent: Consent, subject: Subject, purpose: Purpose, now: str) -> Consent:
    """Return the consent if it still counts.

    Raises:
        NoConsent: it does not count any more.
    """
    why, reason = None, "no-consent"
    if consent.withdrawn_at is not None:
        why = f"that consent was withdrawn {consent.withdrawn_at}"
    elif consent.version != purpose.version:
        why = f"that consent is to version {consent.version}, not {purpose.version}"
        reason = "consent-other-version"
    elif consent.expires_at <= now:
        why, reason = f"that consent ended {consent.expires_at}", "consent-expired"
    if why:
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why, reason=reason)
    return consent


def of_subject(db: Database, subject_id: int) -> list[Consent]:
    """Return every consent of a subject, oldest first."""
    return _all(db, "c.subject_id = ?", (subject_id,))


def list_all(db: Database, purpose: str | None = None) -> list[Consent]:
    """Return every consent, or those to one purpose, by REF and age."""
    if purpose is None:
        return _all(db, "1 = 1", ())
    return _all(db, "p.code = ?", (purpose,))


def find(db: Database, name: str, purpose: str | None = None) -> Consent:
    """Find a consent by its record id, or a subject's latest one (to `purpose`) by the REF.

    Raises:
        Unknown: there is no such consent.
    """
    consent = _any(db, "c.record_id = ?", (name,)) or _any(
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
        " c.withdrawn_at, c.recorded_at, c.guardian, c.notice_sha256, c.evidence_sha256,"
        " c.evidence IS NOT NULL AS kept, s.ref, s.pseudonym, p.code FROM consent c"
        " JOIN subject s ON s.id = c.subject_id JOIN purpose p ON p.id = c.purpose_id"
        f" WHERE {where} ORDER BY s.ref, c.id",
        parameters,
    )
    return [
        Consent(
            consent_id=row["id"],
            record_id=row["record_id"],
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
            notice_sha256=row["notice_sha256"],
            evidence_sha256=row["evidence_sha256"],
            evidence_kept=bool(row["kept"]),
        )
        for row in rows
    ]


# -- for erasure --------------------------------------------------------------------------


def withdraw(act: Act, subject: Subject, purpose: Purpose | None, at: str | None = None) -> int:
    """Mark a subject's consents to one purpose, or to all, as withdrawn now or `at`.

    Returns:
        How many were marked.
    """
    withdrawn = act.db.execute(
        "UPDATE consent SET withdrawn_at = :now WHERE subject_id = :subject_id"
        " AND withdrawn_at IS NULL AND (purpose_id = :purpose_id OR :purpose_id IS NULL)",
        {
            "now": at or act.now,
            "subject_id": subject.subject_id,
            "purpose_id": purpose.purpose_id if purpose else None,
        },
    )
    return int(withdrawn.rowcount)


def take_over_withdrawals(copy: Database, present: Database) -> None:
    """Copy the withdrawals of consents whose erasure still waits in the present database."""
    copy.many(
        "UPDATE consent SET withdrawn_at = ? WHERE record_id = ?",
        present.tuples(
            "SELECT withdrawn_at, record_id FROM consent WHERE withdrawn_at IS NOT NULL"
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
    return {consent: _record_digest(record_id) for consent, record_id in found}


def _record_digest(record_id: str) -> str:
    return hashlib.sha256(record_id.encode()).hexdigest()


def erase(act: Act, ids: Sequence[int]) -> None:
    """Delete consents with their evidence, and remember them as spent (see `ensure`)."""
    spent.remember(act.db, ids, act.now)
    act.db.delete("consent", ids)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
