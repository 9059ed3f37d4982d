"""The slots of an open database: adding, removing, and exchanging the database key itself.

The slots file and the database cannot commit together. The order, and what a crash in between
leaves:

- *add*: the database first (the slot key, and the entry in the log), then the slots file. A way
  in is never there without its entry. Between the two, the new secret does not open yet; the next
  change of slots takes the slot out of the database again, and logs that.
- *remove*: the slots file first, then the database. Between the two, the secret does not open any
  more, and the log does not say so yet; the next change of slots completes it.
- *replace* (a rotation, or a restore): the slots file with both keys; the new file, complete and
  on disk under another name; its rename; the slots file with the new key alone. The file's salt
  says which of two keys is its own, so that it opens at every moment, before and after the
  rename. `settle` removes what is left over, at the next opening.

Changes of slots hold the database alone (`files.in_use`), so that no two of them meet. `settle`
needs it only shared: whoever is between the first and the last step of *replace* holds it alone.

Why a new file, and not SQLCipher's `rekey` in place: the new file's last transaction holds the
entry in the log, so that the key and its entry change at the same moment, the rename; `rekey`
commits by itself. In the middle of a `rekey` the first page may be under the new key and the
journal under the old one, so that the salt no longer tells which key opens. And it writes every
page twice (200 MiB: 2.8 s, against 1.6 s). Both need the space of the database once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from facecli.errors.base import FacecliError
from facecli.errors.keys import (
    DuplicateSlot,
    LastSlot,
    NoSuchSlot,
    OldKeyLeft,
    SameSecret,
    WrongKey,
)
from facecli.errors.store import StoreFailed
from facecli.keys import slots
from facecli.keys.slots import DatabaseKey, Secret, SlotFile, Unlocked
from facecli.store import copies
from facecli.store.database import Database

Record = Callable[[str, str], None]  # a label, and what became of it: done, failed, interrupted


def check_new(db: Database, label: str) -> None:
    """Is the label free? Raises DuplicateSlot."""
    if slots.read(db.path).find(label) is not None:
        raise DuplicateSlot(label=label)


def add(
    db: Database, unlocked: Unlocked, label: str, secret: Secret, now: str, record: Record
) -> None:
    """Add a slot, after it has proved to open. Hold the database alone.

    Args:
        record: logs it; called inside the transaction that keeps the slot key.

    Raises:
        DuplicateSlot: the label is taken.
        SameSecret: the secret opens a slot already; removing one of the two would close nothing.
        StoreFailed: nothing was added.
    """
    check_new(db, label)
    present = slots.read(db.path)
    with suppress(WrongKey):
        raise SameSecret(label=present.unlock(secret, db.path).label)
    grown, slot_key = present.with_slot(label, secret, _key_in_use(db, unlocked), now)
    with db.transaction():
        db.execute("DELETE FROM key_slot WHERE label = ?", (label,))
        db.insert("key_slot", label=label, slot_key=slot_key)
        record(label, "done")
    try:
        slots.write(db.path, grown)
    except BaseException:
        with suppress(FacecliError):
            _forget(db, label, record, "failed")
        raise
    if slots.read(db.path).find(label) != grown.find(label):
        raise AssertionError("the slots file does not hold what was written")


def remove(db: Database, label: str, record: Record) -> None:
    """Remove a slot. Hold the database alone.

    Raises:
        NoSuchSlot: there is none of this label.
        LastSlot: it is the only one.
        StoreFailed: nothing was removed.
    """
    present = slots.read(db.path)
    if present.find(label) is None:
        raise NoSuchSlot(kind="key slot", name=label)
    if len(present.slots) == 1:
        raise LastSlot(label=label)
    written = False
    try:
        with db.transaction():
            db.execute("DELETE FROM key_slot WHERE label = ?", (label,))
            record(label, "done")
            written = True
            slots.write(db.path, present.without(label))
    except BaseException:
        if written:
            with suppress(FacecliError):
                slots.write(db.path, present)
        raise


def forget_slot(db: Database, label: str) -> bool:
    """Delete a slot's row from the database alone; return whether there was one."""
    return bool(db.execute("DELETE FROM key_slot WHERE label = ?", (label,)).rowcount)


def complete(db: Database, record: Record) -> None:
    """Complete what a crash cut short: slots that the database knows and the file lacks go.

    Hold the database alone.
    """
    present = {slot.label for slot in slots.read(db.path).slots}
    for row in db.rows("SELECT label FROM key_slot ORDER BY label"):
        if row["label"] not in present:
            _forget(db, row["label"], record, "interrupted")


def settle(db: Database, unlocked: Unlocked) -> None:
    """Remove what a rotation or restore left when it was cut short: its copy, and its key.

    Does nothing where nothing is left, or where it cannot be removed now.
    """
    if len(unlocked.database_keys) == 1:
        return
    with suppress(FacecliError), db.transaction():
        _remove_keys(db, unlocked)


def _remove_keys(db: Database, unlocked: Unlocked) -> None:
    copies.remove_leftover(db.path.resolve())
    keys = [_key_in_use(db, unlocked)]
    slots.write(db.path, slots.read(db.path).with_keys(keys, slot_keys(db, unlocked)))


def replace(
    db: Database,
    unlocked: Unlocked,
    source: Database,
    fill: copies.Fill,
    keep: Callable[[Path, SlotFile], None] | None = None,
) -> None:
    """Put a copy of `source` under a new database key in the place of `db`, which is closed.

    Hold the database alone.

    Args:
        source: `db` itself to rotate its key; a backup to restore it.
        fill: what the copy needs before it counts: its entry in the log.
        keep: called with the file that is about to be replaced, and slots that open it.

    Raises:
        StoreFailed, PageDamaged, and what `fill` raises: nothing was changed.
        OldKeyLeft: it was replaced, but the old key is still in the slots file.
    """
    path = db.path.resolve()
    present, known = slots.read(db.path), slot_keys(db, unlocked)
    old, new = _key_in_use(db, unlocked), DatabaseKey.random()
    slots.write(db.path, present.with_keys([old, new], known))
    try:
        with copies.claimed(path) as place:
            copies.make(source, place, new, fill)
            db.close()
            if keep is not None:
                keep(path, present.with_keys([old], known))
            copies.put_in_place(place, path)
    except BaseException:
        if not _is_under(path, new):
            with suppress(FacecliError):
                slots.write(db.path, present.with_keys([old], known))
        raise
    try:
        slots.write(db.path, present.with_keys([new], known))
    except StoreFailed as error:
        raise OldKeyLeft(**{**error.details, "path": slots.slots_path(db.path)}) from None


def slot_keys(db: Database, unlocked: Unlocked | None) -> Mapping[str, bytes]:
    """The slots' own keys, by label: those that the database keeps, and the one that was opened."""
    rows = db.rows("SELECT label, slot_key FROM key_slot")
    own = {unlocked.label: unlocked.slot_key} if unlocked is not None else {}
    return {**own, **{str(row["label"]): bytes(row["slot_key"]) for row in rows}}


def _key_in_use(db: Database, unlocked: Unlocked) -> DatabaseKey:
    return next(key for key in unlocked.database_keys if key.salt == db.salt)


def _is_under(path: Path, key: DatabaseKey) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(key.salt)) == key.salt


def _forget(db: Database, label: str, record: Record, outcome: str) -> None:
    with db.transaction():
        db.execute("DELETE FROM key_slot WHERE label = ?", (label,))
        record(label, outcome)
