"""How much is due by given times, counted without deciding on everybody.

The policy is `retention.decide` and no other. What SQL does is to leave out whom it need not be
asked about. Of a subject without a hold whose consents, purposes and activity all last beyond the
latest of the times, things can be due only by their own retention, which is counted by age. Of
everybody else, some of whom may be due, the policy decides. Among 100,000 people of whom few are
due that takes a fifth of the time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from facecli.consent import purposes, retention_facts
from facecli.consent.retention import Rules, SubjectFact, decide
from facecli.consent.sql_age_bounds import past
from facecli.store.database import Database, id_list

HELD = """
    WITH held (subject_id, what, purpose_id, moment) AS (
        SELECT subject_id, 'template', purpose_id, created_at FROM template
        UNION ALL SELECT subject_id, 'photo', purpose_id, captured_at FROM sample
        UNION ALL SELECT subject_id, 'match', purpose_id, at FROM match_event
    )
"""
# Of whom the policy must be asked. `inactive` is a bound: a moment after which nobody is inactive.
DOUBTFUL = (
    HELD
    + """,
    rule (purpose_id, version, retired_at, inactive) AS (
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:rules)
    )
    SELECT subject_id FROM consent c JOIN rule r USING (purpose_id)
        WHERE c.expires_at <= :until OR c.withdrawn_at <= :until OR c.version < r.version
            OR r.retired_at <= :until
    UNION SELECT id FROM subject s WHERE last_interaction < (SELECT max(inactive) FROM rule) AND (
        EXISTS (
            SELECT 1 FROM consent c JOIN rule r USING (purpose_id)
            WHERE c.subject_id = s.id AND s.last_interaction < r.inactive)
        OR NOT EXISTS (SELECT 1 FROM consent c WHERE c.subject_id = s.id))
    UNION SELECT subject_id FROM held h WHERE NOT EXISTS (
        SELECT 1 FROM consent c
        WHERE c.subject_id = h.subject_id AND c.purpose_id = h.purpose_id)
    UNION SELECT subject_id FROM subject_hold
"""
)
# What is due by its own retention at each moment, of everybody else.
AGED = (
    HELD
    + """,
    rule (at, purpose_id, what, whole, edge, time) AS (
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        FROM json_each(:rules)
    )
    SELECT at, subject_id, what, count(*) FROM held JOIN rule USING (purpose_id, what)
    WHERE (moment < whole OR (moment < edge AND substr(moment, 11) <= time))
        AND subject_id NOT IN (SELECT value FROM json_each(:doubtful))
    GROUP BY at, subject_id, what
"""
)


@dataclass(frozen=True)
class Due:
    """What is due at one time. `people` are those of whom anything is; `held` counts things that
    a hold keeps."""

    people: int
    things: Counter[str]
    held: int


def forecast(db: Database, moments: Sequence[str]) -> list[Due]:
    """What is due at each of these moments if nothing happens until then."""
    rules = retention_facts.rules(db)
    ids = {code: number for number, code in purposes.codes(db).items()}
    keyed = {ids[code]: rule for code, rule in rules.items()}
    doubtful = _doubtful(db, keyed, max(moments))
    subjects = list(retention_facts.among(db, doubtful))
    found = [_decided(subjects, rules, moment) for moment in moments]
    people: list[set[int]] = [set() for _ in moments]
    for at, subject_id, what, count in _aged(db, keyed, doubtful, moments):
        found[at].things[what] += count
        people[at].add(subject_id)
    return [
        replace(due, people=due.people + len(more)) for due, more in zip(found, people, strict=True)
    ]


def _doubtful(db: Database, rules: Mapping[int, Rules], until: str) -> list[int]:
    listed = [
        [number, rule.version, rule.retired_at, past(rule.inactive_after, until).edge]
        for number, rule in rules.items()
    ]
    found = db.tuples(DOUBTFUL, {"rules": json.dumps(listed), "until": until})
    return [number for (number,) in found]


def _decided(subjects: Iterable[SubjectFact], rules: Mapping[str, Rules], moment: str) -> Due:
    """What the policy says of these subjects."""
    things: Counter[str] = Counter()
    people = held = 0
    for subject in subjects:
        decisions = decide(subject, rules, moment)
        due = [one.what for one in decisions if one.decision == "due"]
        held += sum(one.decision == "held" for one in decisions)
        people += bool(due)
        things.update(due)
    return Due(people, things, held)


def _aged(
    db: Database, rules: Mapping[int, Rules], doubtful: Iterable[int], moments: Sequence[str]
) -> list[tuple[Any, ...]]:
    """What is due by its own retention: `(index of the moment, subject, what, count)`."""
    bounds = [
        [at, number, what, *past(length, moment)]
        for at, moment in enumerate(moments)
        for number, rule in rules.items()
        for what, length in rule.retain.items()
    ]
    return db.tuples(AGED, {"rules": json.dumps(bounds), "doubtful": id_list(doubtful)})
