"""Searches in the lists of subjects and consents: by purpose, by name, and by what soon ends."""

from __future__ import annotations

from facecli.consent import subjects
from facecli.consent.subjects import Subject
from facecli.consent.text import normalized
from facecli.store.database import Database, id_lists

# In force, of the present version, and not followed by a consent that ends later. The cross join
# keeps the order: first the few consents that end in that time, by their index.
_EXPIRING = """
    SELECT c.id, c.subject_id FROM consent c
    CROSS JOIN purpose_current p ON p.purpose_id = c.purpose_id AND p.version = c.version
    WHERE c.withdrawn_at IS NULL AND c.expires > unixepoch(:now) AND c.expires <= unixepoch(:until)
        AND p.retired_at IS NULL AND (:purpose IS NULL OR p.code = :purpose)
        AND NOT EXISTS (
            SELECT 1 FROM consent n WHERE n.subject_id = c.subject_id
                AND n.purpose_id = c.purpose_id AND n.version = c.version
                AND n.withdrawn_at IS NULL AND n.expires > c.expires)
"""


def expiring(db: Database, now: str, until: str, purpose: str | None = None) -> dict[int, int]:
    """Return the consents that end after `now` and up to `until`: their subjects by their row ids.

    A consent that was renewed is left out, and so is one that does not count.
    """
    rows = db.tuples(_EXPIRING, {"now": now, "until": until, "purpose": purpose})
    return dict(rows)


def subjects_who(
    db: Database,
    *,
    purpose_id: int | None = None,
    name: str | None = None,
    among: set[int] | None = None,
) -> list[Subject]:
    """Return subjects by REF: all, or those that meet each condition given.

    Args:
        purpose_id: they have a consent to this purpose on record.
        name: a part of their name, in capital or small letters.
        among: their row ids.
    """
    condition, parameters = "1 = 1", {}
    if purpose_id is not None:
        condition = "id IN (SELECT subject_id FROM consent WHERE purpose_id = :purpose_id)"
        parameters["purpose_id"] = str(purpose_id)
    if among is None:
        found = subjects.list_where(db, condition, parameters)
    else:
        condition += " AND id IN (SELECT value FROM json_each(:ids))"
        parts = [{**parameters, "ids": listed} for listed in id_lists(among)]
        found = [one for part in parts for one in subjects.list_where(db, condition, part)]
        found.sort(key=lambda one: one.ref)
    if name is None:
        return found
    sought = normalized(name).casefold()
    return [one for one in found if one.name is not None and sought in one.name.casefold()]
