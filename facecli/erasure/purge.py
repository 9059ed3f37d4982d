"""Erasing all that is due, by the earliest rule that applies: made to be run from cron."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from facecli.audit.entries import Act, last_moment
from facecli.consent import subjects
from facecli.erasure import facts
from facecli.erasure.erasing import erase
from facecli.erasure.retention import Decision, SubjectFact, decide
from facecli.errors import ClockRefused, ResidueLeft, TooMuchDue
from facecli.store.database import Database
from facecli.times import add

SMALL_GALLERY = 20  # below so many people a fraction says little
SUBJECTS_A_COMMIT = 1000
LONGEST_SILENCE = "400d"  # a log that is silent for longer than a year: is the clock right?


@dataclass(frozen=True)
class Due:
    """One person with what is due, or held, of them."""

    subject: SubjectFact
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class Limits:
    """How much may be erased at once before a person must say so."""

    fraction: float
    subjects: int | None


def survey(db: Database, now: str) -> list[Due]:
    """Everybody of whom something is due or held at `now`, by subject."""
    rules = facts.rules(db)
    found = []
    for subject in facts.everybody(db):
        decisions = tuple(d for d in decide(subject, rules, now) if d.decision != "keep")
        if decisions:
            found.append(Due(subject, decisions))
    return found


def check_clock(db: Database, now: str) -> None:
    """Refuse to erase by a clock that cannot be right.

    Raises:
        ClockRefused: it is before the log's last entry, or implausibly far after it.
    """
    last = last_moment(db)
    if last is None:
        return
    if now < last:
        raise ClockRefused(now=now, last=last, how="before")
    if now > add(last, LONGEST_SILENCE):
        raise ClockRefused(now=now, last=last, how=f"more than {LONGEST_SILENCE} after")


def check_limits(db: Database, due: Sequence[Due], limits: Limits) -> None:
    """Refuse to erase more people at once than the limits allow.

    Raises:
        TooMuchDue
    """
    affected = sum(any(d.decision == "due" for d in one.decisions) for one in due)
    everybody = subjects.count_all(db)
    if limits.subjects is not None and affected > limits.subjects:
        raise TooMuchDue(affected=affected, everybody=everybody, limit=f"{limits.subjects} people")
    if everybody >= SMALL_GALLERY and affected > limits.fraction * everybody:
        share = f"{limits.fraction:.0%} of all"
        raise TooMuchDue(affected=affected, everybody=everybody, limit=share)


def run(
    due: Iterable[Due], begin: Callable[[], AbstractContextManager[Act]]
) -> Iterator[tuple[Due, str]]:
    """Erase what is due; each person with `erased` or `failed`, once that is committed.

    The facts are read and decided anew in the transaction that erases: what changed since the
    survey (a hold, a new consent) counts.
    """
    pending: list[Due] = []
    for one in due:
        if all(decision.decision == "held" for decision in one.decisions):
            continue
        pending.append(one)
        if len(pending) == SUBJECTS_A_COMMIT:
            yield from _commit(pending, begin)
            pending = []
    if pending:
        yield from _commit(pending, begin)


def _commit(
    pending: Sequence[Due], begin: Callable[[], AbstractContextManager[Act]]
) -> list[tuple[Due, str]]:
    done = []
    with begin() as act:
        rules = facts.rules(act.db)
        for one in pending:
            subject = facts.again(act.db, one.subject)
            if subject is None:
                continue  # another purge was faster
            decisions = tuple(d for d in decide(subject, rules, act.now) if d.decision == "due")
            if not decisions:
                continue
            try:
                with act.db.savepoint():
                    erase(act, subject, decisions, action="purge")
            except ResidueLeft:
                done.append((Due(subject, decisions), "failed"))
            else:
                done.append((Due(subject, decisions), "erased"))
        act.record("purge", details=_summary(done))
    return done


def _summary(done: Sequence[tuple[Due, str]]) -> dict[str, int]:
    outcomes = [outcome for _, outcome in done]
    return {
        "subjects": len(done),
        "erased": outcomes.count("erased"),
        "failed": outcomes.count("failed"),
    }
