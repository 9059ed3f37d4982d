"""States of subjects that begin and end: alternative-only, and what ends by itself.

A legal hold ends, and a minor grows up, at a moment at which no command runs. The next command that
writes records it (`settle`), so that the log says since when the subject is active again.
"""

from __future__ import annotations

from facecli.audit.entries import Act
from facecli.consent import holds, subjects
from facecli.consent.subjects import Subject
from facecli.errors.command_line import BadInput
from facecli.store import time_reached
from facecli.store.database import Database

ALTERNATIVE_ONLY = "alternative-only"

# Asked before each act: without the index named, SQLite reads every subject, in order.
_ENDED = """
    SELECT subject_id FROM subject_hold WHERE until <= :now
    UNION SELECT id FROM subject INDEXED BY subject_by_minor_until WHERE minor_until <= :now
    ORDER BY 1
"""


def settle(act: Act) -> None:
    """End every state that is over: holds, and minorities whose end is known."""
    for subject in _over(act.db, act.now):
        until = holds.held_until(act.db, subject)
        if until is not None and until <= act.now:
            holds.release(act, subject.ref)
        if subject.minor_until is not None and subject.minor_until <= act.now:
            subjects.correct(act, subject.ref, {"minor": False})


def is_unsettled(db: Database, now: str) -> bool:
    """Return True if a state is over that no command has recorded yet."""
    return bool(_over(db, now))


def _over(db: Database, now: str) -> list[Subject]:
    """Return the subjects with a state that is over; none by a clock that cannot be right."""
    if not time_reached.is_plausible(time_reached.reached(db), now):
        return []
    ended = db.tuples(_ENDED, {"now": now})
    return [subjects.find_by_id(db, subject_id) for (subject_id,) in ended]


def begin_alternative_only(act: Act, ref: str) -> int:
    """List a subject as alternative-only: nothing of them is used, or made, from now on.

    Their consents are withdrawn. The data under them is due at once; the subject's record stays.

    Returns:
        The number of consents that were withdrawn.

    Raises:
        Unknown: there is no such subject.
        BadInput: the subject is alternative-only already.
    """
    from facecli.consent import consents  # every act settles, and few need this

    subject = subjects.find(act.db, ref)
    if _is_alternative_only(act.db, subject):
        raise BadInput(what=f"The subject {ref}", why="it is alternative-only already")
    withdrawn = consents.withdraw(act, subject, None)
    if withdrawn:
        details = {"consents": withdrawn, "reason_given": False}
        act.record("consent.withdraw", subject_id=subject.pseudonym, details=details)
    set_alternative_only(act, subject, only=True)
    return withdrawn


def end_alternative_only(act: Act, ref: str) -> None:
    """End it: the subject may be asked for a consent again, and has as long as a new one for it.

    Raises:
        Unknown: there is no such subject.
        BadInput: the subject is not alternative-only.
    """
    subject = subjects.find(act.db, ref)
    if not _is_alternative_only(act.db, subject):
        raise BadInput(what=f"The subject {ref}", why="it is not alternative-only")
    set_alternative_only(act, subject, only=False)


def set_alternative_only(act: Act, subject: Subject, *, only: bool) -> None:
    """Set the state, or the one that returns after a hold, and log it. No change: no entry."""
    if _is_alternative_only(act.db, subject) is only:
        return
    state = ALTERNATIVE_ONLY if only else "active"
    holds.set_lasting_state(act, subject, state)
    if only:
        from facecli.consent.register import alternatives  # every act settles, and few need this

        alternatives.choose(act.db, subject.subject_id, "alternative")
    act.record(
        "subject.alternative", subject_id=subject.pseudonym, details={"alternative_only": only}
    )


def _is_alternative_only(db: Database, subject: Subject) -> bool:
    return (holds.state_before(db, subject) or subject.state) == ALTERNATIVE_ONLY
