"""Change the slots of an open database: add, remove, and replace the database key itself.

The slots file and the database cannot commit together. The order of writes decides what a crash in
between leaves:

- *add*: the database first (the slot key and the entry in the log), then the slots file. A slot
  that opens therefore always has its entry. In between, the new secret does not open yet. The next
  change of slots removes the slot from the database again, and logs that.
- *remove*: the slots file first, then the database. In between, the secret no longer opens, and the
  log has no entry of it yet. The next change of slots completes it.
- *replace* (a rotation, or a restore): the slots file with both keys; the new file, complete and
  on disk under another name; its rename; the slots file with only the new key. The file's salt
  identifies which of two keys belongs to it, so that it opens at every moment, before and after the
  rename. At the next opening `settle` removes what is left.

Changes of slots hold the database alone (`files.in_use`), so that two never meet. `settle` holds it
shared: a process between the first and the last step of *replace* holds it alone.

*replace* makes a new file instead of using SQLCipher's `rekey`. The new file's last transaction has
the entry in the log, so that the key and its entry change together, with the rename; `rekey`
commits by itself. In the middle of a `rekey` the first page may be under the new key and the
journal under the old one, so that the salt no longer identifies the key. And `rekey` writes every
page twice (200 MiB: 2.8 s instead of 1.6 s). Both need as much free space as the database has.
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
from facecli.keys.slots import DatabaseKey, Secret, Unlocked
from facecli.store import copies, set_aside
from facecli.store.database import Database
from facecli.store.set_aside import SetAside

Record = Callable[[str, str], None]  # a label and the outcome: done, failed, interrupted


def check_new(db: Database, label: str) -> None:
    """Check that the label is free. Raises DuplicateSlot."""
    if slots.read(db.path).find(label) is not None:
        raise DuplicateSlot(label=label)


def add(
    db: Database, unlocked: Unlocked, label: str, secret: Secret, now: str, record: Record
) -> None:
    """Add a slot, after it has been opened once. The caller holds the database alone.

    Args:
        record: logs it; called in the transaction that stores the slot key.

    Raises:
        DuplicateSlot: the label is taken.
        SameSecret: the secret opens another slot, so that removing one of them has no effect.
        StoreFailed: nothing was added.
    """
    check_new(db, label)
    present = slots.read(db.path)
    with suppress(WrongKey):
        raise SameSecret(label=present.unlock(secret, db.path).label)
    grown, slot_key = present.with_slot(label, secret, _key_in_use(db, unlocked), now)
    with db.transaction():
        put_slot(db, label, slot_key)
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
    """Remove a slot. The caller holds the database alone.

    Raises:
        NoSuchSlot: there is no slot with this label.
        LastSlot: it is the only slot.
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
            forget_slot(db, label)
            record(label, "done")
            written = True
            slots.write(db.path, present.without(label))
    except BaseException:
        if written:
            with suppress(FacecliError):
                slots.write(db.path, present)
        raise


def put_slot(db: Database, label: str, slot_key: bytes) -> None:
    """Store a slot's own key in the database, in place of an earlier one with its label."""
    forget_slot(db, label)
    db.insert("key_slot", label=label, slot_key=slot_key)


def forget_slot(db: Database, label: str) -> bool:
    """Delete a slot's row from the database only; return True if there was one."""
    return bool(db.execute("DELETE FROM key_slot WHERE label = ?", (label,)).rowcount)


def complete(db: Database, record: Record) -> None:
    """Complete what a crash cut short: remove slots that are missing in the slots file.

    The caller holds the database alone.
    """
    present = {slot.label for slot in slots.read(db.path).slots}
    for row in db.rows("SELECT label FROM key_slot ORDER BY label"):
        if row["label"] not in present:
            _forget(db, row["label"], record, "interrupted")


def settle(db: Database, unlocked: Unlocked) -> None:
    """Remove the copy and the key that an interrupted rotation or restore has left.

    Does nothing if nothing is left, or if it cannot be removed now.
    """
    if len(unlocked.database_keys) == 1:
        return
    with suppress(FacecliError):
        set_aside.put_back(db)  # before the keys, which show that it was not replaced
        with db.transaction():
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
    aside: SetAside | None = None,
) -> None:
    """Close `db` and replace it by a copy of `source` under a new database key.

    The caller holds the database alone.

    Args:
        source: `db` itself to rotate its key; a backup to restore it.
        fill: changes the copy before it appears: it writes the entry in the log.
        aside: keeps the file that is replaced; None to delete it.

    Raises:
        StoreFailed, PageDamaged, and what `fill` raises: nothing was changed.
        OldKeyLeft: the database was replaced, and the old key is still in the slots file.
    """
    path = db.path.resolve()
    present, known = slots.read(db.path), slot_keys(db, unlocked)
    old, new = _key_in_use(db, unlocked), DatabaseKey.random()
    slots.write(db.path, present.with_keys([old, new], known))
    try:
        with copies.claimed(path) as place:
            copies.make(source, place, new, fill)
            if aside is not None:
                aside.mark(db, new)
            db.close()
            if aside is not None:
                aside.keep(path, present.with_keys([old], known))
            copies.put_in_place(place, path)
    except BaseException:
        if not _is_under(path, new):
            with suppress(FacecliError):
                if aside is not None:
                    _put_back(db, old)
                slots.write(db.path, present.with_keys([old], known))
        raise
    try:
        slots.write(db.path, present.with_keys([new], known))
    except StoreFailed as error:
        raise OldKeyLeft(**{**error.details, "path": slots.slots_path(db.path)}) from None


def slot_keys(db: Database, unlocked: Unlocked | None) -> Mapping[str, bytes]:
    """Return the slots' own keys by label: those in the database, and the one just opened."""
    rows = db.rows("SELECT label, slot_key FROM key_slot")
    own = {unlocked.label: unlocked.slot_key} if unlocked is not None else {}
    return {**own, **{str(row["label"]): bytes(row["slot_key"]) for row in rows}}


def _put_back(db: Database, key: DatabaseKey) -> None:
    db.close()
    again = Database(db.path, key, lock_wait=0)
    try:
        set_aside.put_back(again)
    finally:
        again.close()


def _key_in_use(db: Database, unlocked: Unlocked) -> DatabaseKey:
    return next(key for key in unlocked.database_keys if key.salt == db.salt)


def _is_under(path: Path, key: DatabaseKey) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(key.salt)) == key.salt


def _forget(db: Database, label: str, record: Record, outcome: str) -> None:
    with db.transaction():
        forget_slot(db, label)
        record(label, outcome)


def labels(db: Database) -> set[str]:
    """Return the labels of the slots that the database knows."""
    return {str(label) for (label,) in db.tuples("SELECT label FROM key_slot")}
