"""The key slots of a database: the file `<db>.keys`, which wraps the one random database key.

Each *slot* opens the database with one passphrase or one key file. The secret wraps the slot's own
random *slot key*, and the slot key wraps the database key (see `wrapping`). The encrypted database
stores the slot keys too. An open database can therefore wrap a new database key for every slot
without the other slots' secrets.

During a rotation a slot holds two wrapped database keys.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from facecli.errors.base import because
from facecli.errors.keys import NoSlots, WrongKey
from facecli.errors.store import AlreadyThere, StoreFailed
from facecli.keys import newfile
from facecli.keys.wrapping import (
    SCHEMA,
    KeyRole,
    SecretKind,
    binding,
    check_derivation,
    derive,
    from_base64,
    new_derivation,
    to_base64,
    unwrap,
    wrap,
)

DATABASE_KEY_BYTES = 48  # 32 of key, 16 of salt: SQLCipher's raw key


@dataclass(frozen=True)
class Secret:
    """A passphrase or the content of a key file. `value` never appears in `repr`."""

    kind: SecretKind
    value: bytes = field(repr=False)


@dataclass(frozen=True)
class DatabaseKey:
    """The raw key and salt of a SQLCipher file, 48 bytes, which never appear in `repr`."""

    raw: bytes = field(repr=False)

    @property
    def salt(self) -> bytes:
        """The 16 bytes that SQLCipher writes at the very start of the file."""
        return self.raw[32:]

    @classmethod
    def random(cls) -> DatabaseKey:
        """Return a new key from the operating system's random generator."""
        return cls(os.urandom(DATABASE_KEY_BYTES))


@dataclass(frozen=True)
class Slot:
    """One slot. `derivation` holds the parameters that turn a secret into a wrapping key."""

    label: str
    kind: SecretKind
    created_at: str
    derivation: Mapping[str, Any]
    wrapped_slot_key: bytes
    wrapped_database_keys: tuple[bytes, ...]


@dataclass(frozen=True)
class Unlocked:
    """The slot that a secret opened: its label, its slot key, the database keys, newest last."""

    label: str
    slot_key: bytes = field(repr=False)
    database_keys: tuple[DatabaseKey, ...] = field(repr=False)


@dataclass(frozen=True)
class SlotFile:
    """The whole slots file of one database."""

    database_id: str
    slots: tuple[Slot, ...]

    def unlock(self, secret: Secret, path: Path) -> Unlocked:
        """Try `secret` on every slot of its kind.

        Raises:
            WrongKey: it opens none of them.
        """
        for slot in self.slots:
            if slot.kind == secret.kind and (unlocked := _open(slot, secret, self.database_id)):
                return unlocked
        raise WrongKey(path=path)

    def with_slot(
        self, label: str, secret: Secret, key: DatabaseKey, now: str
    ) -> tuple[SlotFile, bytes]:
        """Return a copy with one more slot around `key`, and that slot's slot key.

        The new slot is opened once, to prove that `secret` opens it.
        """
        slot_key = os.urandom(32)
        derivation = new_derivation(secret.kind)
        wrapping_key = derive(secret.value, derivation)
        slot = Slot(
            label=label,
            kind=secret.kind,
            created_at=now,
            derivation=derivation,
            wrapped_slot_key=b"",
            wrapped_database_keys=(),
        )
        slot = replace(
            slot,
            wrapped_slot_key=wrap(wrapping_key, slot_key, self._binding(slot, "slot-key")),
            wrapped_database_keys=(wrap(slot_key, key.raw, self._binding(slot, "database-key")),),
        )
        opened = _open(slot, secret, self.database_id)
        if opened is None or opened.database_keys != (key,):
            raise AssertionError("a new slot does not open")
        return replace(self, slots=(*self.slots, slot)), slot_key

    def find(self, label: str) -> Slot | None:
        """Return the slot with that label, or None."""
        return next((slot for slot in self.slots if slot.label == label), None)

    def without(self, label: str) -> SlotFile:
        """Return a copy without the slot with that label."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.label != label))

    def with_keys(self, keys: Sequence[DatabaseKey], slot_keys: Mapping[str, bytes]) -> SlotFile:
        """Return a copy whose slots wrap `keys`, newest last, and no others.

        Args:
            slot_keys: the slots' own keys by label. A slot without its key here is left out,
                because the new database keys cannot be wrapped for it.
        """
        kept = []
        for slot in self.slots:
            slot_key = slot_keys.get(slot.label)
            if slot_key is not None and self._under(slot, slot_key):
                bound = self._binding(slot, "database-key")
                wrapped = tuple(wrap(slot_key, key.raw, bound) for key in keys)
                kept.append(replace(slot, wrapped_database_keys=wrapped))
        return replace(self, slots=tuple(kept))

    def keys_under(self, slot_keys: Mapping[str, bytes]) -> set[DatabaseKey]:
        """Return every database key that the slots of this file give to these slot keys."""
        return {
            key
            for slot in self.slots
            if slot.label in slot_keys
            for key in self._under(slot, slot_keys[slot.label])
        }

    def _under(self, slot: Slot, slot_key: bytes) -> list[DatabaseKey]:
        return _database_keys(slot, slot_key, self.database_id)

    def altered(self, slot_keys: Mapping[str, bytes]) -> list[str]:
        """Return the labels of the slots that do not fit these slots' own keys.

        A slot's label, kind and time are bound to its keys, so that none can be changed.
        """
        return [
            slot.label
            for slot in self.slots
            if slot.label not in slot_keys or not self._under(slot, slot_keys[slot.label])
        ]

    def _binding(self, slot: Slot, role: KeyRole) -> bytes:
        return binding(self.database_id, slot.label, slot.kind, role, slot.created_at)

    def to_json(self) -> str:
        """Return the text of the slots file."""
        slots = [
            {
                "label": slot.label,
                "kind": slot.kind,
                "created_at": slot.created_at,
                "derivation": dict(slot.derivation),
                "slot_key": to_base64(slot.wrapped_slot_key),
                "database_keys": [to_base64(wrapped) for wrapped in slot.wrapped_database_keys],
            }
            for slot in self.slots
        ]
        document = {"schema": SCHEMA, "database_id": self.database_id, "slots": slots}
        return json.dumps(document, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, path: Path) -> SlotFile:
        """Parse a slots file.

        Raises:
            NoSlots: the text is not that of a slots file, or it is damaged.
        """
        try:
            document = json.loads(text)
            if document["schema"] != SCHEMA:
                raise NoSlots(path=path, why="of a kind this facecli does not know")
            slots = tuple(_parse_slot(entry) for entry in document["slots"])
            return cls(database_id=str(document["database_id"]), slots=slots)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NoSlots(path=path, why="damaged") from error


def slots_path(database: Path) -> Path:
    """Return the path of the slots file of `database`: `<db>.keys`."""
    return database.with_name(database.name + ".keys")


def read(database: Path) -> SlotFile:
    """Read the slots file beside `database`.

    Raises:
        NoSlots: the file is missing, or cannot be read or parsed.
    """
    path = slots_path(database)
    try:
        special = path.exists() and not path.is_file()  # reading a pipe would wait
    except PermissionError:
        raise NoSlots(path=path, why="not readable") from None
    if special:
        raise NoSlots(path=path, why="no regular file")
    try:
        return SlotFile.from_json(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise NoSlots(path=path, why="missing") from None
    except (OSError, UnicodeDecodeError):
        raise NoSlots(path=path, why="not readable") from None


def write(database: Path, slots: SlotFile) -> None:
    """Replace the slots file durably, and remove what killed writes have left.

    The caller holds the database alone or is in a transaction, so nobody else is writing. A
    leftover wraps older keys, which must not open any copy of the database after a rotation.

    Raises:
        StoreFailed
    """
    path = slots_path(database)
    # As `nameless_file` names them; earlier versions of facecli wrote no dot in front.
    leftover = re.compile(rf"\.?{re.escape(path.name)}\.[0-9a-f]{{8}}\.tmp")
    with suppress(OSError):
        for file in path.parent.iterdir():
            if leftover.fullmatch(file.name):
                file.unlink()
    with _written(path):
        newfile.replace(path, slots.to_json().encode())


def create(database: Path, slots: SlotFile, like: Path | None = None) -> None:
    """Write the first slots file durably, never over another one.

    Args:
        like: path of which the file gets the owner (see `newfile.owned_as`).

    Raises:
        AlreadyThere: there is a slots file already.
        StoreFailed: it cannot be written; there is no such file then.
    """
    path = slots_path(database)
    with _written(path):
        try:
            newfile.create(path, slots.to_json().encode(), like)
        except FileExistsError:
            raise AlreadyThere(path=path) from None


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed(path=path, **because(error)) from None


def _open(slot: Slot, secret: Secret, database_id: str) -> Unlocked | None:
    wrapping_key = derive(secret.value, slot.derivation)
    slot_key = _unwrap(wrapping_key, slot.wrapped_slot_key, slot, database_id, "slot-key")
    if slot_key is None:
        return None
    found = tuple(_database_keys(slot, slot_key, database_id))
    return Unlocked(slot.label, slot_key, found) if found else None


def _database_keys(slot: Slot, slot_key: bytes, database_id: str) -> list[DatabaseKey]:
    keys = [
        _unwrap(slot_key, wrapped, slot, database_id, "database-key")
        for wrapped in slot.wrapped_database_keys
    ]
    return [DatabaseKey(key) for key in keys if key is not None]


def _unwrap(
    key: bytes, wrapped: bytes, slot: Slot, database_id: str, role: KeyRole
) -> bytes | None:
    """Unwrap a key of a slot. Slots of an earlier facecli are not bound to their time."""
    for created_at in (slot.created_at, None):
        bound = binding(database_id, slot.label, slot.kind, role, created_at)
        if (found := unwrap(key, wrapped, bound)) is not None:
            return found
    return None


def _parse_slot(entry: Mapping[str, Any]) -> Slot:
    derivation = dict(entry["derivation"])
    kind: SecretKind = "passphrase" if entry["kind"] == "passphrase" else "key-file"
    check_derivation(kind, derivation)
    return Slot(
        label=str(entry["label"]),
        kind=kind,
        created_at=str(entry["created_at"]),
        derivation=derivation,
        wrapped_slot_key=from_base64(entry["slot_key"]),
        wrapped_database_keys=tuple(from_base64(key) for key in entry["database_keys"]),
    )
