"""Entries of the log chosen by time, action and subject, for those who look into it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from facecli.store.database import Database


@dataclass(frozen=True)
class Filter:
    """The entries wanted: those that fulfil everything that is set.

    Attributes:
        since: the earliest time, as text.
        until: the time before which they lie, as text.
        actions: `noun.verb`, or `noun` for all of its verbs; any of them.
        subject_id: the subject's pseudonym.
    """

    since: str | None = None
    until: str | None = None
    actions: tuple[str, ...] = ()
    subject_id: str | None = None


_CHOSEN = """
    SELECT record, leaf_hash FROM audit_entry
    WHERE seq > :after
        AND (:since IS NULL OR record ->> '$.at' >= :since)
        AND (:until IS NULL OR record ->> '$.at' < :until)
        AND (:subject_id IS NULL OR record ->> '$.subject_id' = :subject_id)
        AND (:actions IS NULL OR EXISTS (
            SELECT 1 FROM json_each(:actions)
            WHERE value = record ->> '$.action'
                OR value || '.' = substr(record ->> '$.action', 1, length(value) + 1)
        ))
    ORDER BY seq DESC LIMIT :count
"""


def find(
    db: Database, wanted: Filter, count: int | None = None, after: int = 0
) -> list[dict[str, Any]]:
    """Return entries, oldest first, as records with their leaf hash in hex.

    Args:
        wanted: which entries.
        count: how many, the latest ones; None for all.
        after: leave out the entries up to this one.
    """
    parameters = {
        "after": after,
        "since": wanted.since,
        "until": wanted.until,
        "subject_id": wanted.subject_id,
        "actions": json.dumps(wanted.actions) if wanted.actions else None,
        "count": -1 if count is None else count,
    }
    found = db.tuples(_CHOSEN, parameters)
    return [{**json.loads(record), "leaf_hash": leaf.hex()} for record, leaf in reversed(found)]


def latest(db: Database, count: int) -> list[dict[str, Any]]:
    """Return the last `count` entries, oldest first."""
    return find(db, Filter(), count)
