"""The copies in a folder: find them, erase in them, list them, and remove backups by age."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from facecli.audit.entries import recorded
from facecli.consent import dates
from facecli.erasure.copies import applying, course, known, making, pruning
from facecli.erasure.copies.applying import Copyist, Reached, Unreached
from facecli.erasure.copies.known import KnownCopy
from facecli.erasure.copies.making import Begin
from facecli.erasure.copies.pruning import KeepRules
from facecli.errors.base import FacecliError, because
from facecli.errors.keys import NoSlots
from facecli.errors.store import CopyStays, NoBackup, UnreadableFolder
from facecli.keys import slots
from facecli.keys.slots import Secret, slots_path
from facecli.store import backup, copy_marks, meta
from facecli.store.copies import partial
from facecli.store.database import Database
from facecli.store.files import salt_of
from facecli.store.names import journal_of


@dataclass(frozen=True)
class ListedCopy:
    """A copy as it was found.

    behind: it holds something that was erased, or visits that are over their retention.
    missing: the number of erasures that concern it and have not reached it.
    """

    copy: KnownCopy
    behind: bool
    missing: int


def files_in(db: Database, folder: Path) -> list[Path]:
    """Return the copies of a database in a folder, by name, with the known ones that are missing.

    A file is a copy if its slots file names this database. A file whose slots file is damaged
    counts too: nobody can say what it holds. Without a slots file, a file counts that begins as the
    database or a known copy does: the slots of that one open it. A symbolic link stands for the
    copy that it leads to. A backup in the making is there by the name that it will have.

    Raises:
        NoBackup: there is no such folder.
        UnreadableFolder
    """
    if not folder.is_dir():
        raise NoBackup(path=folder)
    copies = known.list_all(db)
    found = {copy.path for copy in copies if copy.path.parent == folder}
    unfinished = {partial(path) for path in found}
    ours, salts = meta.database_id(db), {db.salt, *(copy.salt for copy in copies)}
    try:
        for path in folder.iterdir():
            if path not in unfinished and _is_copy(db, path, ours, salts):
                real = path.resolve()
                found.add(real if slots_path(real).exists() else path)
    except OSError as error:
        raise UnreadableFolder(path=folder, **because(error)) from None
    return sorted(found)


def _is_copy(db: Database, path: Path, database_id: str, salts: Collection[bytes]) -> bool:
    if path.suffix == ".keys" or not path.is_file():
        return False
    with suppress(FileNotFoundError):  # another run prunes
        if path.samefile(db.path):
            return False
    if not slots_path(path).exists():
        return salt_of(path) in salts
    try:
        return slots.read(path).database_id == database_id
    except NoSlots:
        return True


def apply_in(by: Copyist, folder: Path) -> Iterator[Reached | Unreached]:
    """Erase in the copies of a folder. A folder that cannot be read is not reached either.

    What a crash has left of a backup is removed first.
    """
    making.clean(by.db, by.begin)
    try:
        paths = files_in(by.db, folder)
    except (NoBackup, UnreadableFolder) as error:  # such as a disk that is not mounted
        yield Unreached(folder, error)
    else:
        yield from applying.apply_all(by, paths)


def look(
    db: Database, folder: Path, secret: Secret, lock_wait: float
) -> Iterator[ListedCopy | Unreached]:
    """Open every copy in a folder and look how far erasures were applied to it."""
    for path in files_in(db, folder):
        try:
            yield _look(db, path, secret, lock_wait)
        except FacecliError as error:
            yield Unreached(path, error)


def _look(db: Database, path: Path, secret: Secret, lock_wait: float) -> ListedCopy:
    known.check_made(db, path)
    backup.look(path)
    with backup.opened(path, secret, lock_wait) as (copy, _):
        course.check(db, copy)
        mark, applied, salt = copy_marks.read(copy), course.position(db, copy), copy.salt
        behind = applying.holds_erased(db, copy)
    if not behind:
        applied = recorded(db).size
    found = KnownCopy(
        mark.copy_id if mark else "",
        mark.role if mark else "backup",
        "kept",
        path,
        salt,
        mark.made_at if mark else "",
        applied,
    )
    return ListedCopy(found, behind, known.erasures_missing(db, found))


def prune(
    db: Database, folder: Path, rules: KeepRules, begin: Begin, latest: str = ""
) -> list[KnownCopy]:
    """Remove the backups in a folder that no rule keeps, and return them.

    Only backups that this database knows count. A backup is marked as leaving before its files are
    removed, and forgotten afterwards, so that the next run completes what a crash has cut short.

    Args:
        latest: the id of the backup that was just made; it may share its second with another.

    Raises:
        CopyStays: one cannot be removed; the others are.
    """
    there = [one for one in _backups_in(db, folder) if one.state == "kept"]
    there.sort(key=lambda one: one.copy_id == latest)
    made = [(one.copy_id, one.made_at) for one in there]
    verdicts = pruning.decide(made, rules, dates.zone_of(db))
    gone = {one.copy_id for one in verdicts if not one.kept_by}
    with db.transaction():
        for one in there:
            if one.copy_id in gone:
                known.put(db, replace(one, state="leaving"))
    removed = []
    failure: CopyStays | None = None
    for one in _backups_in(db, folder):
        if one.state == "leaving":
            try:
                _remove(one)
            except OSError as error:
                failure = CopyStays(path=one.path, **because(error))
            else:
                forget(one, begin, "backup.prune")
                removed.append(one)
    if failure is not None:
        raise failure
    return removed


def forget(copy: KnownCopy, begin: Begin, action: str) -> None:
    """Forget a copy that is gone, and log it as `action`."""
    with begin() as act:
        act.record(action, details={"copy": copy.copy_id})
        known.forget(act.db, copy.copy_id)


def _backups_in(db: Database, folder: Path) -> list[KnownCopy]:
    """Return the known backups whose files are in a folder, or were being removed from it.

    A file that is at no known place is recognised by its first bytes: the folder may have been
    moved.
    """
    copies = known.list_all(db)
    places = {copy.path for copy in copies if known.is_there(copy)}
    moved = {salt_of(path): path for path in folder.iterdir() if path not in places}
    found = []
    for copy in copies:
        path = copy.path if copy.path in places else moved.get(copy.salt, copy.path)
        is_here = path.parent == folder and (path in places or copy.state == "leaving")
        if copy.kind == "backup" and copy.state != "making" and (is_here or path != copy.path):
            found.append(replace(copy, path=path))
    return found


def _remove(copy: KnownCopy) -> None:
    """Remove a backup's files: the slots first, without which nobody can open it."""
    if salt_of(copy.path) in (copy.salt, None):
        for path in (slots_path(copy.path), copy.path, journal_of(copy.path)):
            path.unlink(missing_ok=True)
