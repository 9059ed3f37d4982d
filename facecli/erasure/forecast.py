"""A forecast: the number of things due at given times, without deciding on every subject.

The policy is `retention.due_or_held` and no other. SQL leaves out every subject with a known
answer: without a legal hold, and with consents, purposes and activity that last beyond the latest
of the times, a subject's things can be due only by their own retention, which is counted by age.
Of the others, the policy decides once for all whose facts are alike by then: most of those who are
due together agreed, and were last seen, on a few days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from facecli.consent import purpose_revisions, retention_facts
from facecli.consent.dates import end_of_day, zone_of
from facecli.consent.retention import Decision, RetentionRules, SubjectFact, due_or_held
from facecli.erasure.nights import Nights
from facecli.store import holdings
from facecli.store.database import Database


@dataclass
class Due:
    """The things due at one time: `people` counts the subjects, `held` the things under a hold."""

    people: int = 0
    things: Counter[str] = field(default_factory=Counter)
    held: int = 0

    def add(
        self, subject: SubjectFact, decisions: Sequence[Decision], moment: str, number: int
    ) -> None:
        """Count what is due or held at that time of a subject, and of all who are alike.

        Args:
            decisions: at that time or later; an end does not depend on the time of the question.
            number: of these subjects.
        """
        over = [one.what for one in decisions if one.due_at <= moment]
        if subject.held_until is not None and subject.held_until > moment:
            self.held += number * len(over)
        elif over:
            self.people += number
            for what in over:
                self.things[what] += number


def forecast(db: Database, moments: Sequence[str], nights: Nights | None = None) -> list[Due]:
    """Return the things due at each of these moments if nothing happens until then.

    Args:
        nights: collects what is due on each night of its quarter, from the same facts.
    """
    rules = retention_facts.rules(db)
    ends = [end_of_day(nights.last, zone_of(db))] if nights is not None else []
    latest = max([*moments, *ends])
    doubtful = retention_facts.doubtful(db, rules, latest)
    found = [Due() for _ in moments]
    for subject, number in retention_facts.alike(db, doubtful, rules, latest):
        if decisions := due_or_held(subject, rules, latest):
            first = min(decision.due_at for decision in decisions)
            for due, moment in zip(found, moments, strict=True):
                if first <= moment:
                    due.add(subject, decisions, moment, number)
            if nights is not None:
                nights.add(subject, decisions, number)
    people: list[set[int]] = [set() for _ in moments]
    for at, subject_id, what, count in holdings.count_aged(
        db, retention_facts.age_bounds(db, rules, moments), doubtful
    ):
        found[at].things[what] += count
        people[at].add(subject_id)
    for due, more in zip(found, people, strict=True):
        due.people += len(more)
    if nights is not None:
        bounds = retention_facts.age_bounds(db, rules, ends)
        nights.add_aged(holdings.aged(db, bounds, doubtful), _by_id(db, rules))
    return found


def _by_id(db: Database, rules: dict[str, RetentionRules]) -> dict[int, RetentionRules]:
    return {number: rules[code] for number, code in purpose_revisions.codes(db).items()}
