"""A forecast: the number of things due at given times, without deciding on every subject.

The policy is `retention.decide` and no other. SQL leaves out every subject with a known answer:
without a legal hold, and with consents, purposes and activity that last beyond the latest of the
times, a subject's things can be due only by their own retention, which is counted by age. With
100,000 subjects and few of them due, that takes a fifth of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from facecli.consent import retention_facts
from facecli.consent.retention import RetentionRules, SubjectFact, decide
from facecli.store import holdings
from facecli.store.database import Database


@dataclass(frozen=True)
class Due:
    """The things due at one time: `people` counts the subjects, `held` the things under a hold."""

    people: int
    things: Counter[str]
    held: int


def forecast(db: Database, moments: Sequence[str]) -> list[Due]:
    """Return the things due at each of these moments if nothing happens until then."""
    rules = retention_facts.rules(db)
    doubtful = retention_facts.doubtful(db, rules, max(moments))
    subjects = list(retention_facts.among(db, doubtful))
    found = [_decided(subjects, rules, moment) for moment in moments]
    people: list[set[int]] = [set() for _ in moments]
    for at, subject_id, what, count in holdings.count_aged(
        db, retention_facts.age_bounds(db, rules, moments), doubtful
    ):
        found[at].things[what] += count
        people[at].add(subject_id)
    return [
        replace(due, people=due.people + len(more)) for due, more in zip(found, people, strict=True)
    ]


def _decided(
    subjects: Iterable[SubjectFact], rules: Mapping[str, RetentionRules], moment: str
) -> Due:
    """Return what the policy decides for these subjects."""
    things: Counter[str] = Counter()
    people = held = 0
    for subject in subjects:
        decisions = decide(subject, rules, moment)
        due = [one.what for one in decisions if one.decision == "due"]
        held += sum(one.decision == "held" for one in decisions)
        people += bool(due)
        things.update(due)
    return Due(people, things, held)
