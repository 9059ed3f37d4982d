"""The rows of consents, subjects, interactions and lapses from which retention is decided.

Each function returns an iterator that is sorted by subject. `among` is a JSON array of ids of
subjects; None stands for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facecli.store import holdings
from facecli.store.database import Database


def consents(db: Database, among: str | None) -> Any:
    """Return `(subject_id, id, purpose_id, version, expires_at, withdrawn_at, recorded_at, day)`.

    `day` is the last day of an interaction with the purpose.
    """
    columns = (
        "c.subject_id, c.id, c.purpose_id, c.version, c.expires_at, c.withdrawn_at, c.recorded_at,"
        " i.day"
    )
    tables = (
        "consent c LEFT JOIN interaction i"
        " ON i.subject_id = c.subject_id AND i.purpose_id = c.purpose_id"
    )
    return _rows(db, columns, tables, "c.subject_id", "c.subject_id, c.id", among)


def subjects(db: Database, among: str | None) -> Any:
    """Return `(id, ref, pseudonym, waiting_since, held_until, alternative_only, open_request)`."""
    columns = (
        "s.id, s.ref, s.pseudonym, coalesce(s.waiting_since, s.created_at), h.until,"
        " coalesce(h.state_before, s.state) = 'alternative-only',"
        " EXISTS (SELECT 1 FROM subject_request r"
        "  WHERE r.subject_id = s.id AND r.answered_at IS NULL)"
    )
    tables = "subject s LEFT JOIN subject_hold h ON h.subject_id = s.id"
    return _rows(db, columns, tables, "s.id", "s.id", among)


def lapses(db: Database, among: str | None) -> Any:
    """Return `(subject_id, purpose_id, before, due_at, reason)`."""
    columns = "subject_id, purpose_id, before, due_at, reason"
    return _rows(db, columns, "lapse", "subject_id", "subject_id, id", among)


def ending(db: Database, until: str) -> list[int]:
    """Return the subjects with a consent that may end by `until`, with a legal hold, with a lapse,
    or without any consent. Without a consent, the alternative-only are never due."""
    return sorted({subject_id for (subject_id,) in db.tuples(_ENDING, {"until": until})})


# One question for each reason, so that an index answers it: of states, one has all but 'active'.
# Two counts show that nobody is without a consent, as is nearly always so.
_ENDING = """
    SELECT subject_id FROM consent WHERE withdrawn_at IS NULL AND expires <= unixepoch(:until)
    UNION ALL SELECT subject_id FROM consent WHERE withdrawn_at <= :until
    UNION ALL SELECT c.subject_id FROM purpose_current p JOIN consent c
        ON c.purpose_id = p.purpose_id AND c.version < p.version AND c.withdrawn_at IS NULL
    UNION ALL SELECT c.subject_id FROM purpose_current p JOIN consent c USING (purpose_id)
        WHERE p.retired_at <= :until
    UNION ALL SELECT id FROM (
        SELECT id FROM subject WHERE (SELECT count(*) FROM subject)
            > (SELECT count(DISTINCT subject_id) FROM consent)
        EXCEPT SELECT subject_id FROM consent
        EXCEPT SELECT id FROM subject WHERE state <> 'active' AND state = 'alternative-only'
    )
    UNION ALL SELECT subject_id FROM subject_hold
    UNION ALL SELECT subject_id FROM lapse
"""

_ALIKE = f"""
    WITH apart AS MATERIALIZED (
        SELECT id FROM subject WHERE state <> 'active'
        UNION SELECT subject_id FROM subject_hold UNION SELECT subject_id FROM lapse
    )
    SELECT min(id), count(*) FROM (
        SELECT s.value id,
            iif(s.value IN apart, s.value, '') || coalesce((
                SELECT group_concat(c.purpose_id || ' ' || c.version || ' '
                    || iif(c.expires <= unixepoch(:until), c.expires, '') || ' '
                    || coalesce(c.withdrawn_at, '') || ' '
                    || coalesce(iif(i.day_number <= :day, i.day_number, ''), ''))
                FROM consent c LEFT JOIN interaction i
                    ON i.subject_id = c.subject_id AND i.purpose_id = c.purpose_id
                WHERE c.subject_id = s.value), s.value)
            || '/' || {holdings.HELD_ALIKE.format(subject="s.value")} facts
        FROM json_each(:among) s
    ) GROUP BY facts
"""


def alike(
    db: Database, among: str, until: str, day: int | None, bounds: Mapping[str, str]
) -> dict[int, int]:
    """Return one subject of each group whose facts decide alike, with the size of the group.

    Whoever has a hold, a lapse or no consent, or is not active, is a group of one.

    Args:
        until: decisions after this moment do not count.
        day: interactions after this day make nobody inactive by then; None: none does.
        bounds: for each kind of thing, the moment from which on nothing is over by then.
    """
    values = {"among": among, "until": until, "day": day, **holdings.alike_values(db, bounds)}
    return dict(db.tuples(_ALIKE, values))


def _rows(
    db: Database, columns: str, tables: str, subject: str, order: str, among: str | None
) -> Any:
    where = ""
    if among is not None:
        where = f"WHERE {subject} IN (SELECT value FROM json_each(:ids))"
    sql = f"SELECT {columns} FROM {tables} {where} ORDER BY {order}"
    return db.stream(sql, {} if among is None else {"ids": among})
