"""The key slots beside a database: `<db>.keys` wraps the one random database key.

A *slot* is one way in: a passphrase or a key file. Its secret (Argon2id of the passphrase, or
HKDF of the key file) wraps the slot's own random *slot key*, and the slot key wraps the
database key; both wraps are AES-256-GCM, bound to the database's id, the slot's label and their
role. Slot keys are also kept inside the encrypted database (`store`), so that whoever has it
open can wrap a new database key for every slot without knowing the other slots' secrets.

A slot may hold two wrapped database keys while a rotation is under way (see `security.md`).
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from facecli.errors.base import because
from facecli.errors.keys import NoSlots, WrongKey
from facecli.errors.store import AlreadyThere, StoreFailed
from facecli.keys import newfile

Kind = Literal["passphrase", "key-file"]

SCHEMA = "facecli.keys/1"
DATABASE_KEY_BYTES = 48  # 32 of key, 16 of salt: what SQLCipher takes raw
NONCE_BYTES = 12
SHORTEST_SALT = 8  # bytes; RFC 9106, section 3.1
# RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes
ARGON2ID = {"memory_kib": 65536, "iterations": 3, "lanes": 4}
ARGON2ID_LIMITS = {"memory_kib": 4 * 1024 * 1024, "iterations": 1000, "lanes": 64}


@dataclass(frozen=True)
class Secret:
    """What opens a slot. `value` never appears in `repr`."""

    kind: Kind
    value: bytes = field(repr=False)


@dataclass(frozen=True)
class DatabaseKey:
    """The raw key and salt of a SQLCipher file, 48 bytes; kept out of `repr`."""

    raw: bytes = field(repr=False)

    @property
    def salt(self) -> bytes:
        """The 16 bytes that SQLCipher writes at the very start of the file."""
        return self.raw[32:]

    @classmethod
    def random(cls) -> DatabaseKey:
        """A new key from the operating system's generator."""
        return cls(os.urandom(DATABASE_KEY_BYTES))


@dataclass(frozen=True)
class Slot:
    """One way in. `derivation` holds the parameters that turn a secret into a wrapping key."""

    label: str
    kind: Kind
    created_at: str
    derivation: Mapping[str, Any]
    wrapped_slot_key: bytes
    wrapped_database_keys: tuple[bytes, ...]


@dataclass(frozen=True)
class Unlocked:
    """What a secret opened: which slot, its slot key, and the database keys, newest last."""

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
        """A copy with one more slot around `key`, proved to open, and the new slot's slot key."""
        slot_key = os.urandom(32)
        derivation = _new_derivation(secret.kind)
        wrapping = _derive(secret, derivation)
        slot = Slot(
            label=label,
            kind=secret.kind,
            created_at=now,
            derivation=derivation,
            wrapped_slot_key=_wrap(
                wrapping, slot_key, self._binding(label, secret.kind, "slot-key")
            ),
            wrapped_database_keys=(
                _wrap(slot_key, key.raw, self._binding(label, secret.kind, "database-key")),
            ),
        )
        opened = _open(slot, secret, self.database_id)
        if opened is None or opened.database_keys != (key,):
            raise AssertionError("a new slot does not open")
        return replace(self, slots=(*self.slots, slot)), slot_key

    def find(self, label: str) -> Slot | None:
        """The slot of that label, or None."""
        return next((slot for slot in self.slots if slot.label == label), None)

    def without(self, label: str) -> SlotFile:
        """A copy that lacks one slot."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.label != label))

    def with_keys(self, keys: Sequence[DatabaseKey], slot_keys: Mapping[str, bytes]) -> SlotFile:
        """A copy whose slots wrap `keys`, newest last, and no others.

        Args:
            slot_keys: the slots' own keys by label. A slot whose key is not among them, or is
                another, cannot be given a database key and is left out.
        """
        kept = []
        for slot in self.slots:
            slot_key = slot_keys.get(slot.label)
            if slot_key is not None and self._under(slot, slot_key):
                binding = self._binding(slot.label, slot.kind, "database-key")
                wrapped = tuple(_wrap(slot_key, key.raw, binding) for key in keys)
                kept.append(replace(slot, wrapped_database_keys=wrapped))
        return replace(self, slots=tuple(kept))

    def keys_under(self, slot_keys: Mapping[str, bytes]) -> set[DatabaseKey]:
        """Every database key that a slot of this file holds and its slot key opens."""
        return {
            key
            for slot in self.slots
            if slot.label in slot_keys
            for key in self._under(slot, slot_keys[slot.label])
        }

    def _under(self, slot: Slot, slot_key: bytes) -> list[DatabaseKey]:
        return _database_keys(slot, slot_key, self.database_id)

    def _binding(self, label: str, kind: Kind, role: str) -> bytes:
        return _binding(self.database_id, label, kind, role)

    def to_json(self) -> str:
        """The slots file's text."""
        slots = [
            {
                "label": slot.label,
                "kind": slot.kind,
                "created_at": slot.created_at,
                "derivation": dict(slot.derivation),
                "slot_key": _b64(slot.wrapped_slot_key),
                "database_keys": [_b64(wrapped) for wrapped in slot.wrapped_database_keys],
            }
            for slot in self.slots
        ]
        document = {"schema": SCHEMA, "database_id": self.database_id, "slots": slots}
        return json.dumps(document, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, path: Path) -> SlotFile:
        """Parse a slots file.

        Raises:
            NoSlots: it is not one, or it is damaged.
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
    """Where the slots of `database` live: `<db>.keys`."""
    return database.with_name(database.name + ".keys")


def read(database: Path) -> SlotFile:
    """Read the slots file beside `database`.

    Raises:
        NoSlots: there is none, or it cannot be read or parsed.
    """
    path = slots_path(database)
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise NoSlots(path=path, why="no regular file")
    try:
        return SlotFile.from_json(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise NoSlots(path=path, why="missing") from None
    except (OSError, UnicodeDecodeError):
        raise NoSlots(path=path, why="not readable") from None


def write(database: Path, slots: SlotFile) -> None:
    """Replace the slots file durably, and remove what earlier writes left that were killed.

    Whoever writes holds the database alone, or is in a transaction: nobody else is writing now.
    What was left wraps keys of its day, which no copy of the file must be opened by after a
    rotation.

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
        like: whose it is to be (see `newfile.owned_as`).

    Raises:
        AlreadyThere: there is one.
        StoreFailed: it cannot be written; there is none then.
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
    wrapping = _derive(secret, slot.derivation)
    slot_key = _unwrap(
        wrapping,
        slot.wrapped_slot_key,
        _binding(database_id, slot.label, slot.kind, "slot-key"),
    )
    if slot_key is None:
        return None
    found = tuple(_database_keys(slot, slot_key, database_id))
    return Unlocked(slot.label, slot_key, found) if found else None


def _database_keys(slot: Slot, slot_key: bytes, database_id: str) -> list[DatabaseKey]:
    binding = _binding(database_id, slot.label, slot.kind, "database-key")
    keys = [_unwrap(slot_key, wrapped, binding) for wrapped in slot.wrapped_database_keys]
    return [DatabaseKey(key) for key in keys if key is not None]


def _binding(database_id: str, label: str, kind: Kind, role: str) -> bytes:
    return json.dumps([SCHEMA, database_id, label, kind, role]).encode()


def _wrap(key: bytes, plaintext: bytes, binding: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, binding)


def _unwrap(key: bytes, wrapped: bytes, binding: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], binding)
    except (InvalidTag, ValueError):
        return None


def _new_derivation(kind: Kind) -> dict[str, Any]:
    salt = _b64(os.urandom(16))
    if kind == "passphrase":
        return {"function": "argon2id", "salt": salt, **ARGON2ID}
    return {"function": "hkdf-sha256", "salt": salt}


def _derive(secret: Secret, derivation: Mapping[str, Any]) -> bytes:
    salt = _unb64(derivation["salt"])
    if derivation["function"] == "argon2id":
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        return Argon2id(
            salt=salt,
            length=32,
            iterations=derivation["iterations"],
            lanes=derivation["lanes"],
            memory_cost=derivation["memory_kib"],
        ).derive(secret.value)
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=SCHEMA.encode()).derive(secret.value)


def _parse_slot(entry: Mapping[str, Any]) -> Slot:
    derivation = dict(entry["derivation"])
    kind: Kind = "passphrase" if entry["kind"] == "passphrase" else "key-file"
    if derivation["function"] != ("argon2id" if kind == "passphrase" else "hkdf-sha256"):
        raise ValueError("a derivation that does not fit the kind")
    if len(_unb64(derivation["salt"])) < SHORTEST_SALT:
        raise ValueError("a salt that is too short")
    if kind == "passphrase":
        _check_argon2id(derivation)
    return Slot(
        label=str(entry["label"]),
        kind=kind,
        created_at=str(entry["created_at"]),
        derivation=derivation,
        wrapped_slot_key=_unb64(entry["slot_key"]),
        wrapped_database_keys=tuple(_unb64(key) for key in entry["database_keys"]),
    )


def _check_argon2id(derivation: Mapping[str, Any]) -> None:
    """An altered file must neither exhaust memory nor reach the library with nonsense."""
    for name, limit in ARGON2ID_LIMITS.items():
        value = derivation[name]
        if type(value) is not int or not 1 <= value <= limit:
            raise ValueError("an Argon2id parameter out of range")
    if derivation["memory_kib"] < 8 * derivation["lanes"]:  # RFC 9106, section 3.1
        raise ValueError("an Argon2id parameter out of range")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
