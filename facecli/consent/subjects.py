"""Subjects: the people on record, each addressed by the operator's own REF.

The log knows a subject only by a random pseudonym. The row here is its one link to the person:
erasing the row makes the log's entries anonymous.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from facecli.audit.entries import Act
from facecli.consent import dates, skeletons
from facecli.consent.text import check_name, check_ref, check_seen, normalized
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import ConfusableRef
from facecli.store.database import Database, id_list
from facecli.store.packed import DAY_SECONDS, day_number, day_text, same_bytes, seconds


@dataclass(frozen=True)
class Subject:
    """A subject. `state` is active, restricted or alternative-only; `last_interaction` a day.

    minor_until: the moment at which a minor is one no more, if it is known.
    """

    subject_id: int
    pseudonym: str
    ref: str
    name: str | None
    state: str
    minor: bool
    guardian: str | None
    created_at: str
    last_interaction: str
    minor_until: str | None = None

    def record(self) -> dict[str, Any]:
        """Return what `subject show` prints and the subject's own copy holds."""
        return {
            "ref": self.ref,
            "name": self.name,
            "state": self.state,
            "minor": self.minor,
            "guardian": self.guardian,
            "minor_until": self.minor_until,
            "created_at": self.created_at,
            "last_interaction": self.last_interaction,
            "subject_id": self.pseudonym,
        }


@dataclass(frozen=True)
class NewSubject:
    """A subject as the operator states it, before it is added.

    distinct: the REF may look like another subject's, or have characters that cannot be seen.
    """

    ref: str
    name: str | None = None
    minor: bool = False
    guardian: str | None = None
    alternative_only: bool = False
    minor_until: str | None = None
    distinct: bool = False
    offered_alternative: bool = False

    def checked(self) -> NewSubject:
        """Return the same in normal form.

        Raises:
            BadText: REF, name or guardian has a refused character.
            BadInput: a minor has no guardian, or minority ends of somebody who is no minor.
        """
        if self.minor and not self.guardian:
            raise BadInput(what=f"The minor {self.ref}", why="no guardian is named")
        if self.minor_until is not None and not self.minor:
            raise BadInput(what=f"The subject {self.ref}", why="it is no minor; give --minor too")
        return NewSubject(
            ref=check_ref(self.ref),
            name=check_name(self.name) if self.name else None,
            minor=self.minor,
            guardian=check_name(self.guardian, "The guardian's name") if self.guardian else None,
            alternative_only=self.alternative_only,
            minor_until=self.minor_until,
            distinct=self.distinct,
            offered_alternative=self.offered_alternative,
        )


def add(act: Act, new: NewSubject) -> Subject:
    """Add a subject.

    Raises:
        BadText, BadInput: see `NewSubject.checked`; or the REF is taken.
        ConfusableRef: it can be confused with another.
    """
    new = new.checked()
    _check_free(act.db, new)
    written, folded = skeletons.numbers(new.ref)
    secret = os.urandom(16)
    pseudonym = secret.hex()
    subject_id = act.db.insert(
        "subject",
        pseudonym_bytes=secret,
        ref=new.ref,
        name=new.name,
        state="alternative-only" if new.alternative_only else "active",
        minor=int(new.minor),
        guardian=new.guardian,
        created=seconds(act.now),
        last_day_number=day_number(dates.day_of(act.now, dates.zone_of(act.db))),
        minor_until=new.minor_until,
        ref_skeleton=written,
        ref_folded_skeleton=folded,
    )
    details = {"minor": new.minor, "alternative_only": new.alternative_only}
    act.record("subject.add", subject_id=pseudonym, details=details)
    if new.offered_alternative:
        from facecli.consent.register import alternatives  # a purge starts quicker without

        alternatives.offer(act, subject_id, pseudonym, None)
        if new.alternative_only:
            alternatives.choose(act.db, subject_id, "alternative")
    return find(act.db, new.ref)


def correct(act: Act, ref: str, changes: Mapping[str, Any], *, distinct: bool = False) -> Subject:
    """Correct the record of a subject (PIPL 46). The log keeps the fields' names, not their values.

    Args:
        changes: new values of any of `ref`, `name`, `guardian`, `minor` (bool) and `minor_until`.
            Whoever is no minor has no guardian.
        distinct: see `NewSubject`.

    Raises:
        Unknown: there is no such subject.
        BadText, BadInput: see `NewSubject.checked`; or the new REF is taken.
        ConfusableRef: it can be confused with that of another subject.
    """
    subject = find(act.db, ref)
    minor = changes.get("minor", subject.minor)
    grown_up = subject.minor and not minor
    wanted = NewSubject(
        ref=changes.get("ref", ref),
        name=changes.get("name", subject.name),
        minor=minor,
        guardian=changes.get("guardian", None if grown_up else subject.guardian),
        minor_until=changes.get("minor_until", None if grown_up else subject.minor_until),
        distinct=distinct,
    ).checked()
    if wanted.ref != subject.ref:
        _check_free(act.db, wanted, but=subject.subject_id)
        from facecli.consent import spent  # a purge starts quicker without

        spent.follow(act.db, subject.subject_id)
    act.db.execute(
        "UPDATE subject SET ref = ?, name = ?, guardian = ?, minor = ?, minor_until = ?,"
        " ref_skeleton = ?, ref_folded_skeleton = ? WHERE id = ?",
        (
            wanted.ref, wanted.name, wanted.guardian, int(wanted.minor), wanted.minor_until,
            *skeletons.numbers(wanted.ref), subject.subject_id,
        ),
    )  # fmt: skip
    details = {"fields": sorted(changes)}
    act.record("subject.correct", subject_id=subject.pseudonym, details=details)
    return find(act.db, wanted.ref)


def _check_free(db: Database, new: NewSubject, but: int | None = None) -> None:
    """Refuse a new REF that another subject has, or that can be confused with one.

    Args:
        but: the subject who is to have it.

    Raises:
        BadInput, BadText, ConfusableRef
    """
    if find_any(db, new.ref) is not None:
        raise BadInput(what=f"The REF {new.ref}", why="another subject has it already")
    check_seen(new.ref, distinct=new.distinct)
    if new.distinct:
        return
    other = looks_like(db, new.ref, but)
    if other is not None:
        raise ConfusableRef(ref=new.ref, other=other)


def looks_like(db: Database, ref: str, but: int | None = None) -> str | None:
    """Return the REF of a subject, but that one, that can be confused with this one, or None."""
    written, folded = skeletons.numbers(ref)
    found = db.tuples(
        "SELECT ref FROM subject WHERE (ref_skeleton IN (:written, :folded)"
        " OR ref_folded_skeleton IN (:written, :folded)) AND id IS NOT :but",
        {"written": written, "folded": folded, "but": but},
    )
    return next((str(other) for (other,) in found if skeletons.share_one(ref, other)), None)


def complete_skeletons(db: Database) -> None:
    """Store the skeletons of REFs from before the schema had them. Call it before REFs are added.

    The schema cannot: store knows nothing of REFs.
    """
    missing = "SELECT id, ref FROM subject WHERE ref_skeleton IS NULL"
    if not db.tuples(f"{missing} LIMIT 1"):
        return
    with db.transaction():
        db.many(
            "UPDATE subject SET ref_skeleton = ?, ref_folded_skeleton = ? WHERE id = ?",
            [(*skeletons.numbers(ref), subject_id) for subject_id, ref in db.tuples(missing)],
        )


def find(db: Database, ref: str) -> Subject:
    """Find the subject with this REF.

    Raises:
        Unknown: there is no such subject.
    """
    subject = find_any(db, ref)
    if subject is None:
        raise Unknown(kind="subject", name=ref)
    return subject


def find_any(db: Database, ref: str) -> Subject | None:
    """Find the subject with this REF; None if there is none."""
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
    """Find the subject with this pseudonym; None if it is erased or was never here."""
    condition = same_bytes("pseudonym_bytes", "unhex(?1)")
    row = db.row(f"SELECT * FROM subject WHERE {condition}", (pseudonym,))
    return None if row is None else _from_row(row)


def any_known(db: Database, pseudonyms: Iterable[str]) -> bool:
    """Return True if one of these subjects is there. Any schema will do."""
    stored = {row["name"] for row in db.rows("PRAGMA table_info(subject)")}  # not the computed ones
    condition = (
        "s.pseudonym = v.value"
        if "pseudonym" in stored
        else same_bytes("s.pseudonym_bytes", "unhex(v.value)")
    )
    sql = f"SELECT 1 FROM json_each(?) v CROSS JOIN subject s ON {condition} LIMIT 1"
    return db.value(sql, (json.dumps(list(pseudonyms)),)) is not None


def pseudonym_of(db: Database, ref: str) -> str | None:
    """Return the pseudonym of the subject with this REF, or None."""
    subject = find_any(db, ref)
    return None if subject is None else subject.pseudonym


def names(db: Database, subject_ids: set[int]) -> dict[int, tuple[str, str | None]]:
    """Return REF and name of these subjects, by their ids."""
    found = {}
    for subject_id in subject_ids:
        row = db.row("SELECT ref, name FROM subject WHERE id = ?", (subject_id,))
        if row is not None:
            found[subject_id] = (row["ref"], row["name"])
    return found


def count_of_name(db: Database, name: str) -> int:
    """Return the number of subjects with exactly this name."""
    alike = "SELECT name FROM subject WHERE name = ? COLLATE NOCASE"
    return int(db.value(f"SELECT count(*) FROM ({alike}) WHERE name = ?", (name, name)))


def list_all(db: Database) -> list[Subject]:
    """Return every subject, by REF."""
    return list_where(db, "1 = 1", {})


def list_ids(db: Database) -> list[tuple[int, str, str]]:
    """Return `(id, ref, pseudonym)` of every subject, quicker than `list_all`."""
    return db.tuples("SELECT id, ref, pseudonym FROM subject")


def list_where(db: Database, condition: str, parameters: dict[str, Any]) -> list[Subject]:
    """Return the subjects whose rows meet an SQL condition, by REF."""
    sql = f"SELECT * FROM subject WHERE {condition} ORDER BY ref"
    return [_from_row(row) for row in db.rows(sql, parameters)]


def refs_beginning(db: Database, prefix: str, most: int) -> list[str]:
    """Return the first REFs that begin with `prefix`, in order."""
    found = db.tuples(
        "SELECT ref FROM subject WHERE substr(ref, 1, ?) = ? ORDER BY ref LIMIT ?",
        (len(prefix), normalized(prefix), most),
    )
    return [ref for (ref,) in found]


def recorded_names(db: Database) -> list[str]:
    """Return every name that is recorded."""
    found = db.tuples("SELECT name FROM subject WHERE name IS NOT NULL")
    return [name for (name,) in found]


def count_all(db: Database) -> int:
    """Count the subjects."""
    return int(db.value("SELECT count(*) FROM subject"))


def last_id(db: Database) -> int:
    """Return the largest row id of a subject; 0 without any."""
    return int(db.value("SELECT coalesce(max(id), 0) FROM subject"))


def count_by_state(db: Database) -> dict[str, int]:
    """Count the subjects: `subjects` for all, and one count for each state."""
    everybody, apart = count_all(db), {"restricted": 0, "alternative_only": 0}
    apart |= db.tuples(
        "SELECT replace(state, '-', '_'), count(*) FROM subject WHERE state <> 'active' GROUP BY 1"
    )
    return {"subjects": everybody, "active": everybody - sum(apart.values()), **apart}


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
        minor_until=row["minor_until"],
    )


def take_over_records(copy: Database, present: Database) -> None:
    """Copy what was corrected since: REF, name, guardian and minority of those in both."""
    columns = ("ref", "name", "guardian", "minor", "minor_until")
    rows = list(changed_since(copy, present, columns))
    copy.many(  # first, so that two subjects may have exchanged their REFs
        f"UPDATE subject SET ref = pseudonym WHERE {same_bytes('pseudonym_bytes', '?1')}",
        [row[:1] for row in rows],
    )
    copy.many(
        "UPDATE subject SET ref = ?1, name = ?2, guardian = ?3, minor = ?4, minor_until = ?5,"
        f" ref_skeleton = ?6, ref_folded_skeleton = ?7 WHERE {same_bytes('pseudonym_bytes', '?8')}",
        [(*fields, *skeletons.numbers(fields[0]), pseudonym) for pseudonym, *fields in rows],
    )


def changed_since(
    copy: Database, present: Database, columns: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the present values of subjects in both databases that differ, after the pseudonym.

    Most subjects are as they were, and to write a row anew costs more than to compare it.
    """
    values = f"SELECT pseudonym_bytes, {', '.join(columns)} FROM subject ORDER BY pseudonym_bytes"
    both = merge(copy.stream(values), present.stream(values), key=itemgetter(0))
    for _, rows in groupby(both, key=itemgetter(0)):
        first, *second = rows
        if second and second[0] != first:
            yield second[0]  # of equal keys, the row of `copy` comes first


def wait_anew(db: Database, subject: Subject, since: str) -> None:
    """Give a subject as long to consent from now on as a new one has."""
    db.execute("UPDATE subject SET waiting_since = ? WHERE id = ?", (since, subject.subject_id))


def set_state(act: Act, subject: Subject, state: str) -> None:
    """Set the state of a subject. A hold keeps the state from before it: see `holds`."""
    act.db.execute("UPDATE subject SET state = ? WHERE id = ?", (state, subject.subject_id))


# -- for erasure --------------------------------------------------------------------------


def added_on(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """Return the day on which each of these subjects was added, by their ids."""
    found = db.tuples(
        "SELECT id, created FROM subject WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )
    return {subject_id: day_text(created // DAY_SECONDS) for subject_id, created in found}


def erase(act: Act, ids: Sequence[int]) -> None:
    """Delete subjects' records with name and REF. Erase everything else of them first."""
    for table in ("subject_hold", "interaction", "lapse"):
        if not act.db.is_empty(table):
            act.db.execute(
                f"DELETE FROM {table} WHERE subject_id IN (SELECT value FROM json_each(?))",
                (id_list(ids),),
            )
    act.db.delete("subject", ids)
