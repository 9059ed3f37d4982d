"""Numbers of consents by purpose, version and state, for reports."""

from __future__ import annotations

from typing import NamedTuple

from facecli.store.database import Database

_BY_STATE = """
    SELECT p.code, c.version, CASE
            WHEN c.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN c.expires <= unixepoch(:now) THEN 'ended'
            WHEN p.retired_at <= :now THEN 'purpose-retired'
            WHEN c.version < p.version THEN 'earlier-version'
            ELSE 'in-force'
        END, count(*), count(DISTINCT c.subject_id), sum(c.form_sha256 IS NULL)
    FROM consent c JOIN purpose_current p USING (purpose_id)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


class ConsentTally(NamedTuple):
    """The consents of one purpose and version in one state. `bare` counts those without a form.

    state: `in-force`, `earlier-version`, `purpose-retired`, `ended` or `withdrawn`.
    """

    purpose: str
    version: int
    state: str
    consents: int
    subjects: int
    bare: int


def by_state(db: Database, now: str) -> list[ConsentTally]:
    """Return the numbers of consents, by purpose, version and state."""
    return [ConsentTally(*row) for row in db.tuples(_BY_STATE, {"now": now})]
