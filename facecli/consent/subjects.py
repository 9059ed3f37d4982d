"""Subjects: the people held here, each addressed by the operator's own REF.

The log knows a subject only by a random pseudonym, whose link to the person is this table's
row: erasing the row makes the log's entries nobody's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from facecli.audit.entries import Act
from facecli.consent.text import check_name, check_ref
from facecli.errors import BadInput, Unknown
from facecli.store.database import Database


@dataclass(frozen=True)
class Subject:
    """One person. `state` is `active`, `restricted` or `alternative-only`."""

    subject_id: int
    pseudonym: str
    ref: str
    name: str | None
    state: str
    minor: bool
    guardian: str | None
    created_at: str
    last_interaction: str


@dataclass(frozen=True)
class NewSubject:
    """What the operator says about a person to be added."""

    ref: str
    name: str | None = None
    minor: bool = False
    guardian: str | None = None
    alternative_only: bool = False

    def checked(self) -> NewSubject:
        """The same in normal form.

        Raises:
            BadText: ref, name or guardian has characters that may not be kept.
            BadInput: a minor without a guardian.
        """
        if self.minor and not self.guardian:
            raise BadInput(what=f"The minor {self.ref}", why="a guardian must be named")
        return NewSubject(
            ref=check_ref(self.ref),
            name=check_name(self.name) if self.name else None,
            minor=self.minor,
            guardian=check_name(self.guardian, "The guardian's name") if self.guardian else None,
            alternative_only=self.alternative_only,
        )


def add(act: Act, new: NewSubject) -> Subject:
    """Add a subject.

    Raises:
        BadText, BadInput: see `NewSubject.checked`; or the REF is taken.
    """
    new = new.checked()
    if find_any(act.db, new.ref) is not None:
        raise BadInput(what=f"The REF {new.ref}", why="another subject has it already")
    pseudonym = secrets.token_hex(16)
    act.db.insert(
        "subject",
        pseudonym=pseudonym,
        ref=new.ref,
        name=new.name,
        state="alternative-only" if new.alternative_only else "active",
        minor=int(new.minor),
        guardian=new.guardian,
        created_at=act.now,
        last_interaction=act.now,
    )
    details = {"minor": new.minor, "alternative_only": new.alternative_only}
    act.record("subject.add", subject_id=pseudonym, details=details)
    return find(act.db, new.ref)


def touch(act: Act, subject_id: int) -> None:
    """Note an interaction with the subject now; inactivity counts from it."""
    act.db.execute("UPDATE subject SET last_interaction = ? WHERE id = ?", (act.now, subject_id))


def find(db: Database, ref: str) -> Subject:
    """The subject with this REF.

    Raises:
        Unknown: there is none.
    """
    subject = find_any(db, ref)
    if subject is None:
        raise Unknown(kind="subject", name=ref)
    return subject


def find_any(db: Database, ref: str) -> Subject | None:
    """The subject with this REF, or None."""
    row = db.row("SELECT * FROM subject WHERE ref = ?", (ref,))
    return None if row is None else _from_row(row)


def names(db: Database, subject_ids: set[int]) -> dict[int, tuple[str, str | None]]:
    """Ref and name of some subjects, by their ids."""
    found = {}
    for subject_id in subject_ids:
        row = db.row("SELECT ref, name FROM subject WHERE id = ?", (subject_id,))
        if row is not None:
            found[subject_id] = (row["ref"], row["name"])
    return found


def list_all(db: Database) -> list[Subject]:
    """Every subject, by ref."""
    return [_from_row(row) for row in db.rows("SELECT * FROM subject ORDER BY ref")]


def count_all(db: Database) -> int:
    """How many people are held."""
    return int(db.value("SELECT count(*) FROM subject"))


def _from_row(row: Any) -> Subject:
    return Subject(
        subject_id=row["id"],
        pseudonym=row["pseudonym"],
        ref=row["ref"],
        name=row["name"],
        state=row["state"],
        minor=bool(row["minor"]),
        guardian=row["guardian"],
        created_at=row["created_at"],
        last_interaction=row["last_interaction"],
    )
