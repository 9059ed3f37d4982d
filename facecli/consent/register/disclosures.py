"""Disclosures: their recipients and legal bases; and breaches of the whole database.

A disclosure is erased with its subject. A breach of the whole database names no subject, stays, and
is in the copy of everybody: facecli cannot know who was on record under another REF at that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import dates
from facecli.consent.register import counts
from facecli.consent.register.rows import new_id
from facecli.consent.subjects import Subject
from facecli.consent.text import check_name, check_note
from facecli.store.database import Database, id_list

DISCLOSED = "disclosure"


@dataclass(frozen=True)
class Disclosure:
    """One disclosure. whole_database: it concerns everybody. day: on which it happened."""

    disclosure_id: str
    recipient: str
    what: str
    basis: str
    day: str
    whole_database: bool


def record(
    act: Act, subject: Subject | None, recipient: str, what: str, basis: str, on: str | None
) -> Disclosure:
    """Record a disclosure of a subject's data, or a breach of the whole database.

    Args:
        subject: None stands for everybody.
        on: the day, as the operator states it; None is today.

    Raises:
        BadText, BadInput: a text has a refused character, or the day is in the future.
    """
    made = Disclosure(
        disclosure_id=new_id(),
        recipient=check_name(recipient, "The recipient"),
        what=check_note(what, "What was disclosed"),
        basis=check_note(basis, "The basis"),
        day=dates.past_day(act, on, "The day of the disclosure"),
        whole_database=subject is None,
    )
    act.db.insert(
        "disclosure",
        disclosure_id=made.disclosure_id,
        subject_id=None if subject is None else subject.subject_id,
        recipient=made.recipient,
        what=made.what,
        basis=made.basis,
        day=made.day,
    )
    act.record(
        "disclosure.record",
        subject_id=None if subject is None else subject.pseudonym,
        details={"disclosure": made.disclosure_id, "whole_database": made.whole_database},
    )
    return made


_DISCLOSURES = (
    "SELECT disclosure_id, recipient, what, basis, day, subject_id IS NULL FROM disclosure"
)


def of_subject(db: Database, subject_id: int) -> list[Disclosure]:
    """Return the disclosures that concern a subject, oldest first, those of everybody too."""
    rows = db.tuples(f"{_DISCLOSURES} WHERE subject_id = ?", (subject_id,))
    rows += db.tuples(f"{_DISCLOSURES} WHERE subject_id IS NULL")
    return sorted((_from_row(row) for row in rows), key=lambda one: (one.day, one.disclosure_id))


def list_all(db: Database) -> list[tuple[str | None, Disclosure]]:
    """Return every disclosure with the REF of its subject, oldest first; None is everybody."""
    rows = db.tuples(
        "SELECT s.ref, d.disclosure_id, d.recipient, d.what, d.basis, d.day, d.subject_id IS NULL"
        " FROM disclosure d LEFT JOIN subject s ON s.id = d.subject_id"
        " ORDER BY d.day, d.disclosure_id"
    )
    return [(ref, _from_row(tuple(row))) for ref, *row in rows]


def _from_row(row: tuple[Any, ...]) -> Disclosure:
    disclosure_id, recipient, what, basis, day, whole = row
    return Disclosure(disclosure_id, recipient, what, basis, day, bool(whole))


def count(db: Database) -> dict[str, int]:
    """Count the disclosures, those of erased subjects too, and the breaches of the whole database.

    Returns:
        `recorded` and `whole_database`.
    """
    held = int(db.value("SELECT count(*) FROM disclosure WHERE subject_id IS NOT NULL"))
    whole = int(db.value("SELECT count(*) FROM disclosure WHERE subject_id IS NULL"))
    erased = counts.of_erased(db).get((DISCLOSED, ""), 0)
    return {"recorded": held + erased, "whole_database": whole}


def leave(db: Database, gone: Sequence[int]) -> None:
    """Delete the disclosures of subjects that are erased, and count them."""
    removed = db.execute(
        "DELETE FROM disclosure WHERE subject_id IN (SELECT value FROM json_each(?))",
        (id_list(gone),),
    )
    counts.add(db, [(DISCLOSED, "")] * removed.rowcount)
