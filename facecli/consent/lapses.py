"""Lapses: what was due before a subject consented anew, or with a purpose that is met."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from facecli.audit.entries import Act
from facecli.consent import retention_facts
from facecli.consent.purpose_terms import Purpose
from facecli.consent.retention import End, Reason, SubjectFact, purpose_end
from facecli.consent.subjects import Subject
from facecli.errors.base import Unknown
from facecli.errors.consent import NoConsent
from facecli.store import time_reached
from facecli.store.database import Database
from facecli.store.packed import same_bytes
from facecli.times import stamp


def note(act: Act, subject: Subject, purpose: Purpose) -> None:
    """Note what of a subject is due for a purpose, before a new consent is recorded.

    Raises:
        NoConsent: something is due, and the clock is behind the time that the log has reached, so
            that new and old could not be told apart; or it is too far ahead to be believed.
    """
    now = time_reached.later(act.db, act.now)
    met_before = latest(act.db, subject, purpose)
    if met_before > now:
        why = (
            "the purpose was completed in this very second; try again"
            if met_before == _second_after(now)
            else "the purpose was completed when the clock was ahead; erase its data first "
            "(`facecli purge`)"
        )
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    end = left_behind(act.db, subject, purpose, now)
    if end is None:
        return
    if not time_reached.is_plausible(time_reached.reached(act.db), act.now):
        why = (
            f"data under an earlier consent would be due, and the clock, {now}, is too far ahead; "
            "set it, or confirm it with `facecli purge --trust-clock`"
        )
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    if now != act.now:
        why = (
            "data under an earlier consent is due, and the clock is behind the time that the log "
            f"has reached, {now}; erase it first (`facecli purge`)"
        )
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    due_at, reason = end
    _insert(act, subject, purpose, before=now, due_at=due_at, reason=reason)


def complete(act: Act, subject: Subject, purpose: Purpose) -> None:
    """Record that the purpose is met for a subject: what they have for it is due at once.

    Raises:
        Unknown: nothing is held of the subject for the purpose.
    """
    if not _holds(act.db, subject, purpose):
        raise Unknown(kind="consent", name=f"of {subject.ref} to the purpose {purpose.code}")
    due_at = time_reached.believed(act.db, act.now)
    _complete(act, subject, purpose, due_at, time_reached.later(act.db, act.now))


def complete_again(act: Act, subject: Subject, purpose: Purpose, at: str, due_at: str) -> None:
    """Record after a restore that the purpose was met at a moment, if the database lacks it.

    Args:
        due_at: that moment, or the time reached by then if the clock was too far ahead.
    """
    if latest(act.db, subject, purpose) <= at and _holds(act.db, subject, purpose):
        _complete(act, subject, purpose, due_at, at)


def _holds(db: Database, subject: Subject, purpose: Purpose) -> bool:
    fact = retention_facts.of_one(db, subject)
    found = {one.purpose for one in fact.consents} | {one.purpose for one in fact.things}
    return purpose.code in found


def _complete(act: Act, subject: Subject, purpose: Purpose, due_at: str, latest: str) -> None:
    """Note that everything made up to `latest`, in the same second too, is due since `due_at`."""
    before = _second_after(latest)
    _insert(act, subject, purpose, before=before, due_at=due_at, reason="purpose-met")
    act.record("subject.complete", subject_id=subject.pseudonym, purpose=purpose.code)


def _second_after(moment: str) -> str:
    return stamp(datetime.fromisoformat(moment) + timedelta(seconds=1))


def _insert(
    act: Act, subject: Subject, purpose: Purpose, *, before: str, due_at: str, reason: Reason
) -> None:
    act.db.insert(
        "lapse",
        subject_id=subject.subject_id,
        purpose_id=purpose.purpose_id,
        before=before,
        due_at=due_at,
        reason=reason,
    )


def left_behind(db: Database, subject: Subject, purpose: Purpose, now: str) -> End | None:
    """Return since when everything of a subject for a purpose is due; None if it is not."""
    fact = retention_facts.of_one(db, subject)
    things = [one for one in fact.things if one.purpose == purpose.code]
    end = purpose_end(fact, retention_facts.rules_of(db, purpose.code))
    if end is None and things:
        end = min(one.created_at for one in things), "consent-expired"
    return end if end and end[0] <= now else None


def drop_spent(act: Act, subject: SubjectFact, erased: Iterable[tuple[str, int]]) -> None:
    """Delete the lapses of a subject that keep nothing any more once `erased` is gone."""
    gone = set(erased)
    made: list[tuple[str, str]] = [
        (one.purpose, one.created_at)
        for one in subject.things
        if (one.what, one.item_id) not in gone
    ]
    made += [
        (one.purpose, one.recorded_at)
        for one in subject.consents
        if ("consent", one.item_id) not in gone
    ]
    for lapse in subject.lapses:
        if not any(purpose == lapse.purpose and at < lapse.before for purpose, at in made):
            act.db.execute(
                "DELETE FROM lapse WHERE subject_id = ? AND before = ?"
                " AND purpose_id = (SELECT id FROM purpose WHERE code = ?)",
                (subject.item_id, lapse.before, lapse.purpose),
            )


def take_over(copy: Database, present: Database) -> None:
    """Copy the lapses of the present database, for subjects and purposes in both."""
    rows = present.tuples(
        "SELECT s.pseudonym_bytes, p.code, l.before, l.due_at, l.reason FROM lapse l"
        " JOIN subject s ON s.id = l.subject_id JOIN purpose p ON p.id = l.purpose_id"
    )
    copy.many(
        "INSERT INTO lapse (subject_id, purpose_id, before, due_at, reason)"
        " SELECT s.id, p.id, v.before, v.due_at, v.reason FROM (SELECT ? AS who, ? AS code,"
        " ? AS before, ? AS due_at, ? AS reason) v"
        f" JOIN subject s ON {same_bytes('s.pseudonym_bytes', 'v.who')}"
        " JOIN purpose p ON p.code = v.code"
        " WHERE NOT EXISTS (SELECT 1 FROM lapse WHERE subject_id = s.id AND purpose_id = p.id"
        " AND before = v.before)",
        rows,
    )


def of_subject(db: Database, subject_id: int) -> list[dict[str, str]]:
    """Return the lapses of a subject, oldest first: `purpose`, `before`, `due_at`, `reason`."""
    rows = db.rows(  # by lapse_by_purpose
        "SELECT p.code AS purpose, l.before, l.due_at, l.reason FROM purpose p CROSS JOIN lapse l"
        " ON l.purpose_id = p.id AND l.subject_id = ? ORDER BY l.id",
        (subject_id,),
    )
    return [dict(row) for row in rows]


def of_purpose(db: Database, purpose_id: int) -> dict[int, str]:
    """Return the subjects with a lapse for a purpose, and the latest `before` of each."""
    rows = db.tuples(
        "SELECT subject_id, max(before) FROM lapse WHERE purpose_id = ? GROUP BY 1", (purpose_id,)
    )
    return dict(rows)


def latest(db: Database, subject: Subject, purpose: Purpose) -> str:
    """Return the latest `before` of a subject's lapses for a purpose, or "" without any."""
    found = db.value(
        "SELECT max(before) FROM lapse WHERE subject_id = ? AND purpose_id = ?",
        (subject.subject_id, purpose.purpose_id),
    )
    return str(found or "")
