"""Interactions: for each purpose, the last day on which a subject had to do with it.

What counts is this list: an enrolment, a consent, a match, a successful verification. A refusal, or
an answer that is no match, is none. Only the day is kept, so that no visit can be read from it.
"""

from __future__ import annotations

from facecli.audit.entries import Act
from facecli.consent.dates import day_of, end_of_day, zone_of
from facecli.consent.retention import NEVER, RetentionRules, first_over
from facecli.consent.sql_age_bounds import latest_edge
from facecli.store.database import Database
from facecli.store.packed import day_number, day_text, same_bytes

_FIRST_MOMENT = "0001-01-01T00:00:00Z"


def note(act: Act, subject_id: int, purpose_id: int) -> None:
    """Note an interaction today. A day never goes back, whatever the clock shows."""
    today = day_number(day_of(act.now, zone_of(act.db)))
    act.db.execute(
        "INSERT INTO interaction (subject_id, purpose_id, day_number) VALUES (?, ?, ?)"
        " ON CONFLICT (subject_id, purpose_id)"
        " DO UPDATE SET day_number = max(day_number, excluded.day_number)",
        (subject_id, purpose_id, today),
    )
    act.db.execute(
        "UPDATE subject SET last_day_number = max(last_day_number, ?) WHERE id = ?",
        (today, subject_id),
    )


def last_day(db: Database, subject_id: int, purpose_id: int) -> str | None:
    """Return the last day of an interaction of a subject with a purpose, or None."""
    found = db.value(
        "SELECT day FROM interaction WHERE subject_id = ? AND purpose_id = ?",
        (subject_id, purpose_id),
    )
    return None if found is None else str(found)


def of_subject(db: Database, subject_id: int) -> list[tuple[str, str]]:
    """Return the code of each purpose with the day of the subject's last interaction with it."""
    return db.tuples(
        "SELECT p.code, i.day FROM interaction i JOIN purpose p ON p.id = i.purpose_id"
        " WHERE i.subject_id = ? ORDER BY p.code",
        (subject_id,),
    )


def take_over(copy: Database, present: Database) -> None:
    """Copy the later days of the present database, for subjects and purposes in both."""
    rows = present.tuples(
        "SELECT i.day_number, s.pseudonym_bytes, p.code FROM interaction i"
        " JOIN subject s ON s.id = i.subject_id JOIN purpose p ON p.id = i.purpose_id"
    )
    copy.many(
        "UPDATE interaction SET day_number = ?1 WHERE day_number < ?1"
        f" AND subject_id = (SELECT id FROM subject WHERE {same_bytes('pseudonym_bytes', '?2')})"
        " AND purpose_id = (SELECT id FROM purpose WHERE code = ?3)",
        rows,
    )
    copy.execute(
        "UPDATE subject SET last_day_number = latest.day"
        " FROM (SELECT subject_id, max(day_number) AS day FROM interaction GROUP BY 1) AS latest"
        " WHERE latest.subject_id = subject.id AND last_day_number < latest.day"
    )


def inactive(
    db: Database, purpose_id: int, rules: RetentionRules, at: str
) -> tuple[list[int], str]:
    """Return the subjects who are inactive for a purpose at a time, by an index seek.

    Returns:
        The subjects' ids, and the moment at which the next one becomes inactive, or NEVER.
    """
    spans, zone = rules.inactive_after, rules.zone
    latest = latest_edge(spans, at) or _FIRST_MOMENT
    edge = day_number(day_of(latest))  # in UTC: no zone is a day away from it
    near = db.tuples(
        "SELECT subject_id, day_number FROM interaction WHERE purpose_id = ? AND day_number <= ?",
        (purpose_id, edge),
    )
    days = {day for _, day in near}
    ends = {day: first_over(end_of_day(day_text(day), zone), spans) for day in days}
    first = db.value(
        "SELECT min(day_number) FROM interaction WHERE purpose_id = ? AND day_number > ?",
        (purpose_id, edge),
    )
    after = [end for end in ends.values() if end > at]
    if first is not None:
        after.append(first_over(end_of_day(day_text(first), zone), spans))
    return [who for who, day in near if ends[day] <= at], min(after, default=NEVER)
