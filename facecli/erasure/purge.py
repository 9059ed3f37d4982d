"""The purge: erase everything that is due, by the earliest rule. Made for cron."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from facecli.audit.entries import Act
from facecli.consent import retention_facts, subjects
from facecli.consent.register import elsewhere
from facecli.consent.retention import Decision, due_or_held
from facecli.erasure import match_retention
from facecli.erasure.erasing import Erasable, erase
from facecli.erasure.match_retention import MatchesOver
from facecli.errors.erasure import ClockRefused, ResidueLeft, TooMuchDue
from facecli.printable import counted
from facecli.steps import counting, each
from facecli.store import time_reached
from facecli.store.database import Database

FRACTION = 0.25  # of the subjects: more due at once is refused, unless a limit is stated
SMALL_GALLERY = 20  # with fewer subjects, a fraction that nobody stated means little
SUBJECTS_A_COMMIT = 25_000  # of 1,000,000: others wait for some seconds, and the cache holds them


@dataclass(frozen=True)
class Survey:
    """The subjects with something due or held, and the state of the database at the time.

    matches: the match events over their retention, which name no subject. everybody: the number of
    subjects at the same time. unconfirmed: the number of items held elsewhere that were followed
    for long enough after an erasure. still_elsewhere: of those open of the subjects that are due.
    """

    found: tuple[Erasable, ...]
    matches: tuple[MatchesOver, ...]
    changes: int
    everybody: int
    unconfirmed: int = 0
    still_elsewhere: int = 0


@dataclass(frozen=True)
class PurgeLimits:
    """The most subjects whose data one purge may erase.

    fraction: as stated, however few subjects there are; None: FRACTION, from SMALL_GALLERY on.
    """

    fraction: float | None = None
    subjects: int | None = None


def survey(db: Database, now: str) -> Survey:
    """Return every subject with something due or held at `now`.

    The policy decides on the subjects that SQL cannot rule out; see `forecast`.
    """
    with db.snapshot(), _without_collecting():
        changes = db.changes_of_others()
        rules = retention_facts.rules(db)
        matches = match_retention.survey(db, rules, now)
        over = {event for one in matches for event in (*one.due, *one.held)}
        found = []
        asked = retention_facts.maybe_due(db, rules, now)
        for subject in each(retention_facts.among(db, asked), "subject", len(asked)):
            if decisions := _of_the_subject(due_or_held(subject, rules, now), over):
                found.append(Erasable(subject, decisions))
        everybody = subjects.count_all(db)
        unconfirmed = len(elsewhere.over(db, now))
        still = _still_elsewhere(db, found)
    return Survey(tuple(found), tuple(matches), changes, everybody, unconfirmed, still)


def _still_elsewhere(db: Database, found: Iterable[Erasable]) -> int:
    """Count what others hold, and have not confirmed as deleted, of the subjects that are due."""
    going = [
        decision.item_id
        for one in found
        for decision in one.decisions
        if decision.what == "subject" and decision.decision == "due"
    ]
    kinds = elsewhere.open_of(db, going) if going else {}
    return sum(number for own in kinds.values() for number in own.values())


def _of_the_subject(decisions: Iterable[Decision], over: Collection[int]) -> tuple[Decision, ...]:
    """Leave out the match events that are over their own retention."""
    return tuple(one for one in decisions if one.what != "match" or one.item_id not in over)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause garbage collection: facts and entries make no cycles. A survey takes a twelfth less."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def check_clock(db: Database, now: str) -> None:
    """Refuse to erase by a clock that cannot be right.

    Raises:
        ClockRefused: the clock is behind the time that the log has reached, or too far ahead.
    """
    last = time_reached.reached(db)
    if now < last:
        raise ClockRefused(now=now, last=last, how="before")
    if not time_reached.is_plausible(last, now):
        days = counted(time_reached.LONGEST_SILENCE.days, "day")
        raise ClockRefused(now=now, last=last, how=f"more than {days} after")


def trust_clock(act: Act) -> None:
    """Trust a clock that the operator has checked, whatever time the log has reached."""
    act.record("clock.trust", details={"reached": time_reached.reached(act.db)})
    time_reached.put(act.db, act.now)


def check_limits(surveyed: Survey, limits: PurgeLimits) -> None:
    """Refuse to erase more people at once than the limits allow.

    Raises:
        TooMuchDue
    """
    affected = sum(any(d.decision == "due" for d in one.decisions) for one in surveyed.found)
    refused = refusal(affected, surveyed.everybody, limits)
    if refused is not None:
        raise refused


def refusal(affected: int, everybody: int, limits: PurgeLimits) -> TooMuchDue | None:
    """Return the error if more subjects are due than the limits allow, or None."""
    all_subjects = counted(everybody, "subject")
    if limits.subjects is not None and affected > limits.subjects:
        return TooMuchDue(
            affected=affected, everybody=all_subjects, limit=counted(limits.subjects, "subject")
        )
    fraction = FRACTION if limits.fraction is None else limits.fraction
    counts = limits.fraction is not None or everybody >= SMALL_GALLERY
    if counts and affected > fraction * everybody:
        share = f"{fraction:.3g} of all"
        return TooMuchDue(affected=affected, everybody=all_subjects, limit=share)
    return None


def run(
    surveyed: Survey, begin: Callable[[], AbstractContextManager[Act]]
) -> Iterator[tuple[Erasable | MatchesOver, str]]:
    """Erase what is due, and yield each subject with `erased` or `failed` after its commit.

    So for the match events over their retention, of each purpose.

    A run that finds nothing due is logged too, since auditors ask for it. If another process
    changed the database after the survey (a hold, a new consent, another purge), the transaction
    that erases reads and decides the facts again.
    """
    due = [one for one in surveyed.found if any(d.decision == "due" for d in one.decisions)]
    matches = surveyed.matches
    with _without_collecting(), counting("subject", len(due)) as step:
        for start in range(0, max(len(due), 1), SUBJECTS_A_COMMIT):
            part = due[start : start + SUBJECTS_A_COMMIT]
            yield from _commit(part, matches, surveyed.changes, begin)
            matches = ()
            step(len(part))


def _commit(
    due: Sequence[Erasable],
    matches: Sequence[MatchesOver],
    changes: int,
    begin: Callable[[], AbstractContextManager[Act]],
) -> list[tuple[Erasable | MatchesOver, str]]:
    with begin() as act:
        if act.db.changes_of_others() != changes:
            due = _decided_anew(act, due)
            if matches:
                matches = match_retention.survey(act.db, retention_facts.rules(act.db), act.now)
        elsewhere.expire(act)
        match_retention.erase(act, matches)  # before the subjects to which they refer
        outcomes = _erase(act, due)
        act.record("purge", details=_summary(outcomes))
    return [*outcomes, *((one, "erased") for one in matches)]


def _decided_anew(act: Act, due: Sequence[Erasable]) -> list[Erasable]:
    rules = retention_facts.rules(act.db)
    still = []
    for one in due:
        subject = retention_facts.again(act.db, one.subject)
        if subject is None:
            continue  # another purge was faster
        decisions = tuple(d for d in due_or_held(subject, rules, act.now) if d.decision == "due")
        if decisions:
            still.append(Erasable(subject, decisions))
    return still


def _erase(act: Act, due: Sequence[Erasable]) -> list[tuple[Erasable, str]]:
    """Erase the batch in one savepoint. If anything is left, retry one subject at a time to find
    whose."""
    if not due:
        return []
    try:
        with act.db.savepoint():
            erase(act, due, action="purge")
    except ResidueLeft:
        if len(due) == 1:
            return [(due[0], "failed")]
        return [outcome for one in due for outcome in _erase(act, [one])]
    return [(one, "erased") for one in due]


def _summary(done: Sequence[tuple[Erasable, str]]) -> dict[str, int]:
    outcomes = [outcome for _, outcome in done]
    return {
        "subjects": len(done),
        "erased": outcomes.count("erased"),
        "failed": outcomes.count("failed"),
    }
