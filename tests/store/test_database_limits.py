"""Lists of ids at SQLite's limit on the length of a text, which is lowered here.

The binding of SQLCipher cannot lower it. So the same statements run on a plain copy of the
database, through Python's own SQLite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest

from facecli.cli.session import session
from facecli.consent import consents, gate, purposes, retention_facts, searches
from facecli.consent.register import elsewhere
from facecli.erasure import forecast
from facecli.recognition.engines.of_database import engine_of
from facecli.store import database, holdings
from facecli.store.database import Database
from tests.benchmarks import crowd

PEOPLE = 9_000
LIMIT = 30_000  # bytes of a text or blob; the ids of everybody take more
NOW, LATER = "2027-01-01T00:00:00Z", "2200-01-01T00:00:00Z"  # then everything is due
EVERYBODY = range(1, PEOPLE + 1)


class Plain(sqlite3.Connection):
    """Python's connection with the method of SQLCipher's that has another name."""

    def open_blob(self, table: str, column: str, rowid: int, readonly: bool) -> Any:
        """Open a blob."""
        return self.blobopen(table, column, rowid, readonly=readonly)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of many people, whose connection is that of a plain copy of it."""
    folder = tmp_path_factory.mktemp("limits")
    copy = folder / "plain.db"
    settings = crowd.create(folder)
    with pytest.MonkeyPatch.context() as patch, session(settings, "test") as opened:
        patch.setattr(crowd, "BATCH", 128)  # shards that are shorter than the limit
        crowd.populate(opened, PEOPLE)
        opened.db.execute("UPDATE subject SET minor = 1, guardian = 'G' WHERE id % 9 = 0")
        opened.db.execute("ATTACH ? AS plain KEY ''", (str(copy),))
        opened.db.execute("SELECT sqlcipher_export('plain')")
        found = sqlite3.connect(copy, isolation_level=None, factory=Plain)
        found.row_factory = sqlite3.Row
        found.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LIMIT)
        with pytest.MonkeyPatch.context() as swapped, closing(found):
            swapped.setattr(opened.db, "_connection", found)
            yield opened.db


def permitted(db: Database) -> Any:
    """The subjects whose templates may be compared."""
    purpose = purposes.find(db, "gate")
    found = gate.permitted(db, purpose, engine_of(db).engine_id, NOW)
    return found.subjects.tolist(), found.valid_until


def maybe_due(db: Database) -> Any:
    """The subjects for whom something may be due, when that is everybody."""
    rules = retention_facts.rules(db)
    ids = retention_facts.maybe_due(db, rules, LATER)
    return [fact.item_id for fact in retention_facts.among(db, ids)]


def foreseen(db: Database) -> Any:
    """The things that are due."""
    [due] = forecast.forecast(db, [LATER])
    return due.people, sorted(due.things.items())


def aged(db: Database) -> Any:
    """The old things of nearly nobody."""
    bounds = retention_facts.age_bounds(db, retention_facts.rules(db), [LATER])
    but_of = [one for one in EVERYBODY if one % 3000]
    groups = holdings.aged(db, bounds, but_of)
    return [group.subject_id for group in groups], holdings.count_aged(db, bounds, but_of)


def listed(db: Database) -> Any:
    """Everybody in lists that name them."""
    named = searches.subjects_who(db, among=set(EVERYBODY))
    agreed = consents.list_some(db, EVERYBODY)
    return [one.ref for one in named], [one.ref for one in agreed], elsewhere.open_of(db, EVERYBODY)


class Undone(Exception):
    """Rolls a transaction back."""


def deleted(db: Database) -> Any:
    """What is left of a table when half of its rows go."""
    left = 0
    with suppress(Undone), db.transaction():
        db.delete("template", [2 * one for one in EVERYBODY])
        left = db.value("SELECT count(*) FROM template")
        raise Undone
    return left


@pytest.mark.parametrize("ask", [permitted, maybe_due, foreseen, aged, listed, deleted])
def test_ids_are_asked_in_parts_that_sqlite_takes(
    plain: Database, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Database], Any]
) -> None:
    connection: Any = plain._connection
    with pytest.raises(sqlite3.DataError, match="too big"):
        ask(plain)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
    whole = ask(plain)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LIMIT)
    monkeypatch.setattr(database, "IDS_AT_ONCE", 1000)
    monkeypatch.setattr(database, "LISTED_AT_ONCE", 1000)
    assert ask(plain) == whole
