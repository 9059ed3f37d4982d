"""Databases of the store's own: no slots, no purposes, one key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facecli.keys.slots import DatabaseKey
from facecli.store.database import Database
from facecli.store.opening import create, open_database

KEY = DatabaseKey(bytes(range(48)))


class Store:
    """A database file at a path, opened as often as one likes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        create(path, KEY, lambda db: None)

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
