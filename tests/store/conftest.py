"""Databases of the store's own: no slots, no purposes, one key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from facecli.keys import slots
from facecli.keys.slots import DatabaseKey, Secret, SlotFile
from facecli.store.database import Database
from facecli.store.opening import Opened, create, open_database, opened

KEY = DatabaseKey(bytes(range(48)))
SECRET, OTHER = Secret("key-file", b"first secret"), Secret("key-file", b"another secret")
NOW = "2026-11-23T12:00:00Z"


@cache
def _empty() -> bytes:
    """The content of a database that was created once."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "facecli.db")
        create(path, KEY, lambda db: None)
        return path.read_bytes()


class Store:
    """A database file at a path, opened as often as one likes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch(0o600)
        path.write_bytes(_empty())

    @contextmanager
    def open(self, lock_wait: float = 0) -> Iterator[Database]:
        db = open_database(self.path, [KEY], lock_wait)
        try:
            yield db
        finally:
            db.close()

    def beside(self) -> list[str]:
        """The names of everything in the folder."""
        return sorted(path.name for path in self.path.parent.iterdir())


class SlottedStore(Store):
    """A database with a slots file, opened with a secret as commands do."""

    def __init__(self, path: Path) -> None:
        slot_file, slot_key = SlotFile("4f2a", ()).with_slot("first", SECRET, KEY, NOW)
        super().__init__(path)
        with super().open() as db:
            db.insert("key_slot", label="first", slot_key=slot_key)
        slots.create(path, slot_file)

    @contextmanager
    def open(  # type: ignore[override]
        self, secret: Secret = SECRET, *, exclusive: bool = False
    ) -> Iterator[Opened]:
        with opened(self.path, lambda: secret, 0, exclusive=exclusive) as found:
            yield found

    @property
    def labels(self) -> list[str]:
        """The labels in the slots file."""
        return [slot.label for slot in slots.read(self.path).slots]

    def close_slot(self, label: str) -> None:
        """Take a slot out of the slots file alone."""
        slots.write(self.path, slots.read(self.path).without(label))


@pytest.fixture
def slotted(tmp_path: Path) -> SlottedStore:
    """A database with one slot in a folder of its own."""
    folder = tmp_path / "slotted"
    folder.mkdir(mode=0o700)
    return SlottedStore(folder / "facecli.db")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty database in a folder of its own."""
    folder = tmp_path / "store"
    folder.mkdir(mode=0o700)
    return Store(folder / "facecli.db")


@pytest.fixture
def db(store: Store) -> Iterator[Database]:
    """The same, open."""
    with store.open() as database:
        yield database


def purpose(db: Database, code: str = "gate") -> int:
    """A row that shards and consents may point to."""
    return db.insert("purpose", code=code)
