"""A forecast: the number of things due at given times, without deciding on every subject.

The policy is `retention.decide` and no other. SQL leaves out every subject with a known answer:
without a legal hold, and with consents, purposes and activity that last beyond the latest of the
times, a subject's things can be due only by their own retention, which is counted by age. With
100,000 subjects and few of them due, that takes a fifth of the time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from facecli.consent import retention_facts
from facecli.consent.retention import RetentionRules, SubjectFact, due_or_held
from facecli.store import holdings
from facecli.store.database import Database


@dataclass(frozen=True)
class Due:
    """The things due at one time: `people` counts the subjects, `held` the things under a hold."""

    people: int
    things: Counter[str]
    held: int


def forecast(db: Database, moments: Sequence[str]) -> list[Due]:
    """Return the things due at each of these moments if nothing happens until then.

    Args:
        moments: in rising order. The policy decides once on each subject, however many there are.
    """
    rules = retention_facts.rules(db)
    doubtful = retention_facts.doubtful(db, rules, moments[-1])
    found, people = _decided(retention_facts.among(db, doubtful), rules, moments)
    aged: list[set[int]] = [set() for _ in moments]
    for at, subject_id, what, count in holdings.count_aged(
        db, retention_facts.age_bounds(db, rules, moments), doubtful
    ):
        found[at].things[what] += count
        aged[at].add(subject_id)
    return [
        replace(due, people=count + len(more))
        for due, count, more in zip(found, people, aged, strict=True)
    ]


def _decided(
    subjects: Iterable[SubjectFact], rules: Mapping[str, RetentionRules], moments: Sequence[str]
) -> tuple[list[Due], list[int]]:
    """Return what the policy decides for these subjects, and how many of them it concerns."""
    due = [Counter[str]() for _ in moments]  # that begins to be due at a moment
    held, people = [0] * len(moments), [0] * len(moments)
    for subject in subjects:
        released = bisect_left(moments, subject.held_until or "")
        firsts = []
        for one in due_or_held(subject, rules, moments[-1]):
            over = bisect_left(moments, one.due_at)
            for at in range(over, released):
                held[at] += 1
            firsts.append(max(over, released))
            if firsts[-1] < len(moments):
                due[firsts[-1]][one.what] += 1
        if firsts and min(firsts) < len(moments):
            people[min(firsts)] += 1
    totals = accumulate(due, lambda before, more: before + more)
    found = [Due(0, total, count) for total, count in zip(totals, held, strict=True)]
    return found, list(accumulate(people))
