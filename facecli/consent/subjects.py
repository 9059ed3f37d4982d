"""Subjects: the people held here, each addressed by the operator's own REF.

The log knows a subject only by a random pseudonym, whose link to the person is this table's
row: erasing the row makes the log's entries nobody's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import spent
from facecli.consent.text import check_name, check_note, check_ref, normalized
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoHold
from facecli.store.database import Database, id_list


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
    pseudonym = os.urandom(16).hex()
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


def correct(act: Act, ref: str, changes: Mapping[str, str]) -> Subject:
    """Correct what is recorded of a subject (PIPL 46): the log keeps which fields, not what.

    Args:
        changes: any of `ref`, `name` and `guardian`, and what each must say.

    Raises:
        Unknown: there is no such subject.
        BadText, BadInput: see `NewSubject.checked`; or the new REF is taken.
    """
    subject = find(act.db, ref)
    name, guardian = changes.get("name", subject.name), changes.get("guardian", subject.guardian)
    wanted = NewSubject(changes.get("ref", ref), name, subject.minor, guardian).checked()
    if wanted.ref != ref and find_any(act.db, wanted.ref) is not None:
        raise BadInput(what=f"The REF {wanted.ref}", why="another subject has it already")
    if wanted.ref != subject.ref:
        spent.follow(act.db, subject.subject_id, subject.ref, wanted.ref, act.now)
    act.db.execute(
        "UPDATE subject SET ref = ?, name = ?, guardian = ? WHERE id = ?",
        (wanted.ref, wanted.name, wanted.guardian, subject.subject_id),
    )
    details = {"fields": sorted(changes)}
    act.record("subject.correct", subject_id=subject.pseudonym, details=details)
    return find(act.db, wanted.ref)


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
    row = db.row("SELECT * FROM subject WHERE ref = ?", (normalized(ref),))
    return None if row is None else _from_row(row)


def find_by_id(db: Database, subject_id: int) -> Subject:
    """Return the subject with this row id.

    Raises:
        LookupError: there is no such row.
    """
    row = db.row("SELECT * FROM subject WHERE id = ?", (subject_id,))
    if row is None:
        raise LookupError(f"no subject has the row id {subject_id}")
    return _from_row(row)


def find_pseudonym(db: Database, pseudonym: str) -> Subject | None:
    """The subject whom the log calls so; None if they are gone, or were never here."""
    row = db.row("SELECT * FROM subject WHERE pseudonym = ?", (pseudonym,))
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


def count_by_state(db: Database) -> dict[str, int]:
    """How many people are held, under `subjects`, and of them in each state."""
    counted = db.tuples("SELECT replace(state, '-', '_'), count(*) FROM subject GROUP BY 1")
    states = {"active": 0, "restricted": 0, "alternative_only": 0, **dict(counted)}
    return {"subjects": sum(states.values()), **states}


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


# -- holds --------------------------------------------------------------------------------


def hold(act: Act, ref: str, reason: str, until: str) -> Subject:
    """Put a subject under a legal hold: restricted, never matched, not purged until then.

    Args:
        until: a moment after now; the hold ends by itself then.

    Raises:
        Unknown: there is no such subject.
        BadInput: `until` is over, or the subject is under a hold already.
    """
    subject = find(act.db, ref)
    if until <= act.now:
        raise BadInput(what="The end of the hold", why=f"{until} is over")
    if subject.state == "restricted":
        raise BadInput(what=f"The subject {ref}", why="it is under a hold already")
    _hold(act, subject, check_note(reason, "The reason"), until, act.now)
    return find(act.db, ref)


def hold_again(act: Act, subject: Subject, until: str, set_at: str) -> None:
    """Set a hold of which the log alone tells, after a restore; it is not in the log why."""
    if subject.state != "restricted":
        _hold(act, subject, "known from the log alone, since a restore", until, set_at)


def _hold(act: Act, subject: Subject, reason: str, until: str, set_at: str) -> None:
    act.db.insert(
        "subject_hold",
        subject_id=subject.subject_id,
        reason=reason,
        until=until,
        set_at=set_at,
        state_before=subject.state,
    )
    _set_state(act, subject, "restricted")
    act.record("subject.hold", subject_id=subject.pseudonym, details={"until": until})


def release(act: Act, ref: str) -> Subject:
    """End a subject's hold; the state before it comes back.

    Raises:
        Unknown: there is no such subject, or it is under no hold.
    """
    subject = find(act.db, ref)
    before = act.db.value(
        "SELECT state_before FROM subject_hold WHERE subject_id = ?", (subject.subject_id,)
    )
    if before is None:
        raise NoHold(ref=ref)
    act.db.execute("DELETE FROM subject_hold WHERE subject_id = ?", (subject.subject_id,))
    _set_state(act, subject, before)
    act.record("subject.release", subject_id=subject.pseudonym)
    return find(act.db, ref)


def held_until(db: Database, subject: Subject) -> str | None:
    """When the subject's hold ends; None if there is none."""
    return _text(
        db.value("SELECT until FROM subject_hold WHERE subject_id = ?", (subject.subject_id,))
    )


def holds(db: Database, now: str) -> tuple[int, str | None]:
    """How many people are under a hold that has not ended, and when the next one ends."""
    (row,) = db.tuples("SELECT count(*), min(until) FROM subject_hold WHERE until > ?", (now,))
    return int(row[0]), _text(row[1])


def _set_state(act: Act, subject: Subject, state: str) -> None:
    act.db.execute("UPDATE subject SET state = ? WHERE id = ?", (state, subject.subject_id))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# -- for erasure --------------------------------------------------------------------------

_FACTS = (
    "SELECT s.id, s.ref, s.pseudonym, s.last_interaction, h.until FROM subject s"
    " LEFT JOIN subject_hold h ON h.subject_id = s.id"
)


def all_facts(db: Database) -> Any:
    """An iterator over `(id, ref, pseudonym, last_interaction, held_until)`, by id."""
    return db.stream(f"{_FACTS} ORDER BY s.id")


def facts_of(db: Database, subject_id: int) -> Any:
    """The same of one subject."""
    return db.stream(f"{_FACTS} WHERE s.id = ?", (subject_id,))


def facts_among(db: Database, ids: str) -> Any:
    """The same of these subjects, a JSON array of their ids, by id."""
    return db.stream(
        f"{_FACTS} WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY s.id", (ids,)
    )


def erase(act: Act, ids: Sequence[int]) -> None:
    """Delete subjects' records with name and REF. Everything else of them must be gone before."""
    act.db.execute(
        "DELETE FROM subject_hold WHERE subject_id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    act.db.delete("subject", ids)
