"""Erase in a copy, in place, everything that the present database has erased since.

Nothing is appended to the copy's own log: it stays the beginning of the present one. The copy's
mark says how far erasures were applied, and changes in the same transaction. The present log
records it after the copy is on disk. A copy that holds nothing of the erased is not written to.

Other software may copy a copy, with its id. Such a second copy gets an id of its own when it is
first reached, so that an erasure in one does not count as an erasure in the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from facecli.audit.entries import Act, last_moment, recorded
from facecli.audit.stored_entries import chosen, tree
from facecli.consent import holds, subjects
from facecli.erasure import match_retention
from facecli.erasure.copies import course, known
from facecli.erasure.copies.known import KnownCopy
from facecli.erasure.copies.making import Begin, mark_of, new_id
from facecli.erasure.erasing import remove
from facecli.erasure.match_retention import CutOff
from facecli.erasure.restore import erasures
from facecli.errors.base import FacecliError
from facecli.keys.slots import Secret
from facecli.store import backup, copy_marks, holdings
from facecli.store.copy_marks import CopyMark
from facecli.store.database import Database
from facecli.store.schema import is_current

SUBJECTS_AT_ONCE = 1000


class _Since(NamedTuple):
    """The erasures since: of subjects, and of match events over their retention."""

    erased: dict[str, erasures.Erased]
    cut_offs: tuple[CutOff, ...]


@dataclass(frozen=True)
class Copyist:
    """The database whose erasures are applied to copies, and the secret that opens them.

    secret: opens the copies. begin: begins an act in the database. act_in: returns an act in a
    copy, for which nothing is logged. lock_wait: seconds to wait for other users of a copy.
    """

    db: Database
    secret: Secret
    begin: Begin
    act_in: Callable[[Database], Act]
    lock_wait: float


@dataclass(frozen=True)
class Reached:
    """The result in one copy: the number of erased subjects, and of things by their kind.

    copy_of: the id of the copy that other software made this one of; else empty.
    original: that copy, if this one was not known before.
    older: an older state of the file was put back, which has what was erased in it before.
    """

    copy: KnownCopy
    people: int
    erased: dict[str, int]
    copy_of: str = ""
    original: KnownCopy | None = None
    older: bool = False


@dataclass(frozen=True)
class Unreached:
    """A copy in which nothing could be erased, and the reason."""

    path: Path
    error: FacecliError


def apply_all(by: Copyist, paths: Iterable[Path]) -> Iterator[Reached | Unreached]:
    """Erase in each of these copies. One that fails does not end the run.

    A copy whose erasure could not be logged counts as not reached; the next run logs it.
    """
    for path in paths:
        try:
            yield apply(by, path)
        except FacecliError as error:
            yield Unreached(path, error)


def apply(by: Copyist, path: Path) -> Reached:
    """Apply every erasure since to the copy at `path`, and remember the copy.

    Raises:
        every error of `store.backup.look` and `store.backup.opened`
        BackupRefused: it is a copy of another database, or of another course of its log.
        ResidueLeft: something would be left; the copy is as it was.
        UnstorablePath, CopyInTheMaking
    """
    known.check_place(path)
    known.check_made(by.db, path)
    reached = _reach(by, path)
    _remember(by, reached)
    return reached


def _reach(by: Copyist, path: Path) -> Reached:
    backup.look(path)
    size = recorded(by.db).size
    with backup.opened(path, by.secret, by.lock_wait) as (copy, _):
        course.check(by.db, copy)
        found = copy_marks.read(copy)
        mark = found or _first_mark(by.db, copy)
        original = known.original_of(by.db, mark.copy_id, path)
        older = original is None and _is_older(by.db, copy, mark.copy_id)
        since = _since(by.db, course.position(by.db, copy), size)
        salt, concerned = copy.salt, _is_concerned(by.db, copy, since)
    if original is not None:
        mark = mark._replace(copy_id=new_id(by.db), copy_of=original.copy_id)
    things, people = Counter[str](), 0
    is_new = found is None or original is not None
    if concerned or is_new:
        reached = mark._replace(applied=size, root=tree(by.db).root(size).hex())
        people, things = _erase(by, path, since, reached, marked=not is_new)
    copied = KnownCopy(mark.copy_id, mark.role, "kept", path, salt, mark.made_at, size)
    erased = dict(sorted(things.items()))
    return Reached(copied, people, erased, mark.copy_of, original, older)


def holds_erased(present: Database, copy: Database) -> bool:
    """Return True if a copy holds something that was erased since.

    For a copy of an earlier schema, a subject with an erasure since is enough.
    """
    since = _since(present, course.position(present, copy), recorded(present).size)
    if is_current(copy):
        return _holds(present, copy, since)
    return _is_concerned(present, copy, since)


def _is_older(present: Database, copy: Database, copy_id: str) -> bool:
    """Return True if a copy holds something that an earlier run erased in its file."""
    before, position = known.find(present, copy_id), course.position(present, copy)
    if before is None or before.applied <= position or not is_current(copy):
        return False
    return _holds(present, copy, _since(present, position, before.applied))


def _holds(present: Database, copy: Database, since: _Since) -> bool:
    """Return True if a copy of the current schema holds something of what was erased."""
    people = erasures.due(copy, since.erased)
    return any(True for _ in people) or any(True for _ in _matches_over(present, copy, since))


def _since(present: Database, after: int, until: int) -> _Since:
    entries = chosen(present, (*erasures.ACTIONS, match_retention.ACTION), after, until)
    return _Since(erasures.collect(entries), tuple(match_retention.cut_offs(entries)))


def _is_concerned(present: Database, copy: Database, since: _Since) -> bool:
    """Return True if a copy, of any schema, may hold something of what was erased."""
    return subjects.any_known(copy, since.erased) or any(
        True for _ in _matches_over(present, copy, since)
    )


def _matches_over(
    present: Database, copy: Database, since: _Since
) -> Iterator[tuple[CutOff, list[int]]]:
    def held(moment: str) -> set[int]:
        return holds.held_in_both(copy, present, moment)

    yield from match_retention.over(copy, since.cut_offs, held)


def _first_mark(present: Database, copy: Database) -> CopyMark:
    """Return a mark for a copy that an earlier facecli has made."""
    return mark_of(new_id(present), "backup", last_moment(copy) or "", copy)


def _erase(
    by: Copyist, path: Path, since: _Since, mark: CopyMark, *, marked: bool
) -> tuple[int, Counter[str]]:
    """Erase in one transaction; return the number of subjects, and of things by their kind."""
    with (
        backup.opened(path, by.secret, by.lock_wait, read_only=False) as (copy, _),
        copy.transaction(),  # another run may erase in the copy too
    ):
        matches = {event for _, some in _matches_over(by.db, copy, since) for event in some}
        due = [erasable for _, erasable in erasures.due(copy, since.erased)]
        things = Counter(d.what for one in due for d in one.decisions)
        if matches:
            matches -= {d.item_id for one in due for d in one.decisions if d.what == "match"}
            things["match"] += len(matches)
        if marked and not things:
            return 0, Counter()
        holdings.erase_matches(copy, sorted(matches))
        for start in range(0, len(due), SUBJECTS_AT_ONCE):
            remove(by.act_in(copy), due[start : start + SUBJECTS_AT_ONCE])
        copy_marks.write(copy, mark)
    return len(due), Counter(things)


def _remember(by: Copyist, reached: Reached) -> None:
    """Log what the copy lacked, and remember where it is. Write nothing if nothing is new."""
    before = known.find(by.db, reached.copy.copy_id)
    if reached.erased or before is None or known.erasures_missing(by.db, before):
        with by.begin() as act:
            details = {
                "copy": reached.copy.copy_id,
                "applied": reached.copy.applied,
                "subjects": reached.people,
                "erased": {what: n for what, n in reached.erased.items() if what != "match"},
            }
            if reached.copy_of:
                details["copy_of"] = reached.copy_of
            act.record("backup.erase", details=details)
            known.put(act.db, reached.copy)
    elif (before.path, before.salt, before.state) != (reached.copy.path, reached.copy.salt, "kept"):
        with by.db.transaction():
            known.put(by.db, reached.copy)
