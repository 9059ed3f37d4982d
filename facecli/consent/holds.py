"""Legal holds: a subject who is restricted until a day, and what a hold postpones."""

from __future__ import annotations

from typing import Any

from facecli.audit.entries import Act
from facecli.consent import dates, subjects
from facecli.consent.subjects import Subject
from facecli.consent.text import check_note
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoHold
from facecli.store import time_reached
from facecli.store.database import Database
from facecli.store.packed import same_bytes


def hold(act: Act, ref: str, reason: str, until: str) -> Subject:
    """Put a subject under a legal hold: restricted, never matched, not purged.

    Args:
        until: a moment at which the hold ends, after now and after the time reached: a hold that
            a clock behind makes would be over as soon as the clock is right.

    Raises:
        Unknown: there is no such subject.
        BadInput: `until` is over, or the subject is already under a hold.
    """
    subject = subjects.find(act.db, ref)
    if until <= time_reached.later(act.db, act.now):
        last = dates.last_day(until, dates.zone_of(act.db))
        raise BadInput(what="The end of the hold", why=f"{last} is over")
    if subject.state == "restricted":
        raise BadInput(what=f"The subject {ref}", why="it is already under a hold")
    _hold(act, subject, check_note(reason, "The reason"), until, act.now)
    return subjects.find(act.db, ref)


def hold_again(act: Act, subject: Subject, until: str, set_at: str) -> None:
    """Set a hold after a restore that only the log has kept. Its reason is not in the log."""
    if subject.state != "restricted":
        _hold(act, subject, "known only from the log, after a restore", until, set_at)


def _hold(act: Act, subject: Subject, reason: str, until: str, set_at: str) -> None:
    act.db.insert(
        "subject_hold",
        subject_id=subject.subject_id,
        reason=reason,
        until=until,
        set_at=set_at,
        state_before=subject.state,
    )
    subjects.set_state(act, subject, "restricted")
    act.record("subject.hold", subject_id=subject.pseudonym, details={"until": until})


def release(act: Act, ref: str) -> Subject:
    """End a subject's hold and set the state from before it.

    Raises:
        Unknown: there is no such subject, or it is not under a hold.
    """
    subject = subjects.find(act.db, ref)
    before = state_before(act.db, subject)
    if before is None:
        raise NoHold(ref=ref)
    act.db.execute("DELETE FROM subject_hold WHERE subject_id = ?", (subject.subject_id,))
    subjects.set_state(act, subject, before)
    act.record("subject.release", subject_id=subject.pseudonym)
    return subjects.find(act.db, ref)


def state_before(db: Database, subject: Subject) -> str | None:
    """Return the state that returns when the subject's hold ends; None without a hold."""
    return _text(
        db.value(
            "SELECT state_before FROM subject_hold WHERE subject_id = ?", (subject.subject_id,)
        )
    )


def held_until(db: Database, subject: Subject) -> str | None:
    """Return the end of the subject's hold, or None."""
    return _text(
        db.value("SELECT until FROM subject_hold WHERE subject_id = ?", (subject.subject_id,))
    )


def lasts_until(db: Database, subject: Subject, now: str) -> str | None:
    """Return the end of the subject's hold if it lasts at `now`, or None.

    A clock that is too far ahead ends none.
    """
    until = held_until(db, subject)
    return until if until is not None and until > time_reached.believed(db, now) else None


def held_at(db: Database, moment: str) -> set[int]:
    """Return the ids of the subjects who were under their present hold at a moment."""
    found = db.tuples(
        "SELECT subject_id FROM subject_hold WHERE set_at <= :moment AND until > :moment",
        {"moment": moment},
    )
    return {subject_id for (subject_id,) in found}


def held_in_both(copy: Database, present: Database, moment: str) -> set[int]:
    """Return the subjects in a copy who were under a hold at a moment, by either database."""
    rows = present.tuples(
        "SELECT s.pseudonym FROM subject_hold h JOIN subject s ON s.id = h.subject_id"
        " WHERE set_at <= :moment AND until > :moment",
        {"moment": moment},
    )
    there = (subjects.find_pseudonym(copy, pseudonym) for (pseudonym,) in rows)
    return held_at(copy, moment) | {one.subject_id for one in there if one is not None}


def in_force(db: Database, now: str) -> tuple[int, str | None]:
    """Count the subjects under a hold that has not ended, with the next end of one."""
    (row,) = db.tuples("SELECT count(*), min(until) FROM subject_hold WHERE until > ?", (now,))
    return int(row[0]), _text(row[1])


def of(db: Database, subject: Subject) -> dict[str, str] | None:
    """Return `reason`, `until` and `set_at` of the subject's hold, or None."""
    sql = "SELECT reason, until, set_at FROM subject_hold WHERE subject_id = ?"
    row = db.row(sql, (subject.subject_id,))
    return None if row is None else dict(row)


def take_over_states(copy: Database, present: Database) -> None:
    """Copy the states and holds of the present database, in place of those of `copy`."""
    copy.execute(
        "UPDATE subject SET state ="
        " (SELECT state_before FROM subject_hold h WHERE h.subject_id = subject.id)"
        " WHERE id IN (SELECT subject_id FROM subject_hold)"
    )
    copy.execute("DELETE FROM subject_hold")
    copy.many(
        "UPDATE subject SET state = ?2, waiting_since = ?3"
        f" WHERE {same_bytes('pseudonym_bytes', '?1')}",
        list(subjects.changed_since(copy, present, ("state", "waiting_since"))),
    )
    for row in present.rows(
        "SELECT h.*, s.pseudonym FROM subject_hold h JOIN subject s ON s.id = h.subject_id"
    ):
        subject = subjects.find_pseudonym(copy, row["pseudonym"])
        if subject is not None:
            values = {name: row[name] for name in ("reason", "until", "set_at", "state_before")}
            copy.insert("subject_hold", subject_id=subject.subject_id, **values)


def set_lasting_state(act: Act, subject: Subject, state: str) -> None:
    """Set the state, or under a hold the state after it. An active subject waits for a consent."""
    if subject.state == "restricted":
        act.db.execute(
            "UPDATE subject_hold SET state_before = ? WHERE subject_id = ?",
            (state, subject.subject_id),
        )
    else:
        subjects.set_state(act, subject, state)
    if state == "active":
        subjects.wait_anew(act.db, subject, act.now)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
