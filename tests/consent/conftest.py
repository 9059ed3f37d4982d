"""A real database with a clock that the test holds, and the rooms' functions on it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.entries import Act, Actor, acting
from facecli.consent import consents, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.consents import Consent
from facecli.consent.purpose_files import parse_file
from facecli.consent.purpose_terms import Purpose, Terms
from facecli.consent.purposes import PurposeChange
from facecli.consent.subjects import NewSubject, Subject
from facecli.keys.slots import DatabaseKey
from facecli.store import meta, templates
from facecli.store.database import Database
from facecli.store.opening import create, open_database
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from facecli.times import stamp
from tests.conftest import SAMPLE_DATA

KEY = DatabaseKey(bytes(range(48)))
DATABASE_ID = "d" * 32
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
WHO = Actor(uid=1, user="desk", slot="first", host="host")
TERMS = parse_file(SAMPLE_DATA / "purposes.toml")["gate"]


def agreed(**what: Any) -> Agreement:
    """An agreement for a year whose notice was shown, unless stated otherwise."""
    return Agreement(**{"expires": "1y", "notice": Shown("declared"), **what})


@cache
def empty_database() -> Path:
    """A database that was created once, to be copied."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    path = folder / "facecli.db"

    def fill(db: Database) -> None:
        meta.put(db, "database_id", DATABASE_ID)

    create(path, KEY, fill)
    return path


class World:
    """The database, and what one does to it at the time that it is."""

    def __init__(self, path: Path) -> None:
        shutil.copy(empty_database(), path)
        self.db = open_database(path, [KEY], 0)
        # What survives a power cut is the store's to test; here every fsync only costs time.
        self.db.execute("PRAGMA synchronous = OFF")
        self.moment = START

    @property
    def now(self) -> str:
        return stamp(self.moment)

    def wait(self, **length: float) -> str:
        """Let time pass; what time it is then."""
        self.moment += timedelta(**length)
        return self.now

    def act(self) -> AbstractContextManager[Act]:
        return acting(self.db, WHO, self.moment)

    def apply(self, code: str = "gate", **changes: Any) -> PurposeChange:
        """Apply the sample terms with some of them changed."""
        wanted: dict[str, Terms] = {code: replace(TERMS, **changes)}
        if purposes.plan(self.db, wanted, self.now)[0].kind == "unchanged":
            return purposes.plan(self.db, wanted, self.now)[0]
        with self.act() as act:
            return purposes.apply(act, wanted)[0]

    def purpose(self, code: str = "gate") -> Purpose:
        found = purposes.find_any(self.db, code)
        assert found is not None
        return found

    def add(self, ref: str = "A-1", **what: Any) -> Subject:
        with self.act() as act:
            return subjects.add(act, NewSubject(ref, **what))

    def record(self, ref: str = "A-1", code: str = "gate", **what: Any) -> Consent:
        with self.act() as act:
            agreement = agreed(**what)
            return consents.record(act, subjects.find(act.db, ref), self.purpose(code), agreement)

    def ensure(self, ref: str = "A-1", code: str = "gate", **what: Any) -> Consent:
        agreement = agreed(**what)
        with self.act() as act:
            act.record("test")
            return consents.ensure(act, subjects.find(act.db, ref), self.purpose(code), agreement)

    def template(self, ref: str = "A-1", code: str = "gate", engine: str = "engine/1") -> str:
        """Store a template, consent or not: the gate alone decides whether it may be used."""
        subject, purpose = subjects.find(self.db, ref), self.purpose(code)
        with self.db.transaction():
            slot = NewSlot(
                subject.subject_id, purpose.purpose_id, engine, 2, bytes([1] * 8), self.now
            )
            return templates.add(self.db, slot, Capture(""))

    def copy(self, path: Path) -> World:
        """Return a copy of this database at its present state, as a backup is one."""
        other = World(path)
        other.db.close()
        shutil.copy(self.db.path, path)
        other.db = open_database(path, [KEY], 0)
        other.moment = self.moment
        return other

    def withdraw(self, consent: Consent) -> None:
        with self.db.transaction():
            self.db.execute(
                "UPDATE consent SET withdrawn_at = ? WHERE id = ?", (self.now, consent.consent_id)
            )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A database without purposes or people."""
    tmp_path.chmod(0o700)
    made = World(tmp_path / "facecli.db")
    yield made
    made.db.close()


@pytest.fixture
def gate(world: World) -> World:
    """The same with the purpose `gate` and the subject A-1."""
    world.apply()
    world.add()
    return world
