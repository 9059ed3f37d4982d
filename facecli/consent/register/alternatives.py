"""Free choice: offers of the way without the face, who took it, and who changed later.

An offer is for one purpose, or, made when a subject is added, for any. The first choice counts: a
consent is one for the face, alternative-only one for the alternative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from facecli.audit.entries import Act
from facecli.consent.dates import today
from facecli.consent.register import counts
from facecli.store.database import Database, id_list

Choice = Literal["face", "alternative"]
OFFERED, TAKEN, CHANGED = "alternative/offered", "alternative/taken", "alternative/changed"
NAMES = {OFFERED: "offered", TAKEN: "taken", CHANGED: "changed"}


@dataclass(frozen=True)
class Offer:
    """An offer of the alternative. purpose: None is any. choice: the first; None is none yet."""

    purpose: str | None
    offered_on: str
    choice: Choice | None
    changed: bool


def offer(act: Act, subject_id: int, pseudonym: str, purpose: tuple[int, str] | None) -> None:
    """Record that the alternative was offered to a subject; a second offer changes nothing.

    Args:
        purpose: row id and code of the purpose; None stands for any.
    """
    purpose_id, code = purpose or (None, None)
    known = "SELECT 1 FROM alternative_offer WHERE subject_id = ? AND purpose_id IS ?"
    if act.db.value(known, (subject_id, purpose_id)) is not None:
        return
    act.db.insert(
        "alternative_offer",
        subject_id=subject_id,
        purpose_id=purpose_id,
        offered_on=today(act.db, act.now),
    )
    act.record("alternative.offer", subject_id=pseudonym, purpose=code)


def choose(db: Database, subject_id: int, choice: Choice, purpose_id: int | None = None) -> None:
    """Note a choice of a subject, for one purpose or for all.

    A choice other than the first one is a change.
    """
    db.execute(
        "UPDATE alternative_offer SET changed = changed OR coalesce(choice, :choice) <> :choice,"
        " choice = coalesce(choice, :choice) WHERE subject_id = :subject_id"
        " AND (:purpose_id IS NULL OR purpose_id IS NULL OR purpose_id = :purpose_id)",
        {"choice": choice, "subject_id": subject_id, "purpose_id": purpose_id},
    )


_OFFERS = (
    "SELECT p.code, o.offered_on, o.choice, o.changed"
    " FROM alternative_offer o LEFT JOIN purpose p ON p.id = o.purpose_id"
)


def of_subject(db: Database, subject_id: int) -> list[Offer]:
    """Return the offers to a subject, oldest first."""
    rows = db.tuples(f"{_OFFERS} WHERE o.subject_id = ? ORDER BY o.id", (subject_id,))
    return [_offer(row) for row in rows]


def _offer(row: tuple[str | None, str, Choice | None, int]) -> Offer:
    code, day, choice, changed = row
    return Offer(code, day, choice, bool(changed))


# A person who was offered it for any purpose counts there, and not again for one purpose.
_NUMBERS = """
    SELECT coalesce(p.code, ''), count(*) FILTER (WHERE a.id IS NULL),
        count(*) FILTER (WHERE o.choice = 'alternative' AND a.choice IS NOT 'alternative'),
        count(*) FILTER (WHERE o.changed AND a.changed IS NOT 1)
    FROM alternative_offer o LEFT JOIN purpose p ON p.id = o.purpose_id
    LEFT JOIN alternative_offer a ON o.purpose_id IS NOT NULL
        AND a.subject_id = o.subject_id AND a.purpose_id IS NULL
"""


def count(db: Database) -> dict[str, dict[str, int]]:
    """Count the people who were offered it, erased ones too, by the code of the purpose.

    Returns:
        `offered`, `taken` and `changed` by code; under an empty code, those who were offered it
        for any purpose. Who is counted there is not counted again for one purpose.
    """
    rows = db.tuples(f"{_NUMBERS} GROUP BY o.purpose_id")
    found = {code: dict(zip(NAMES.values(), numbers, strict=True)) for code, *numbers in rows}
    for (what, code), number in counts.of_erased(db).items():
        if what in NAMES:
            own = found.setdefault(code, dict.fromkeys(NAMES.values(), 0))
            own[NAMES[what]] += number
    return found


def leave(db: Database, gone: Sequence[int]) -> None:
    """Delete the offers to subjects that are erased, and count them."""
    where = "subject_id IN (SELECT value FROM json_each(?))"
    rows = db.tuples(f"{_NUMBERS} WHERE o.{where} GROUP BY o.purpose_id", (id_list(gone),))
    for code, *numbers in rows:
        for what, number in zip(NAMES, numbers, strict=True):
            counts.add(db, [(what, code)] * number)
    db.execute(f"DELETE FROM alternative_offer WHERE {where}", (id_list(gone),))
