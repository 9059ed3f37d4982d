"""Whole rows of one database in another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from facecli.store import meta
from facecli.store.database import Database
from facecli.store.take_over import insert_rows, replace_rows
from tests.store.conftest import Store, purpose


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """A second database, with rows of its own."""
    folder = tmp_path / "other"
    folder.mkdir(mode=0o700)
    with Store(folder / "facecli.db").open() as database:
        yield database


def test_the_named_tables_are_as_in_the_other_database(db: Database, other: Database) -> None:
    db.insert("key_slot", label="old", slot_key=b"0")
    other.insert("key_slot", label="first", slot_key=b"1")
    other.insert("key_slot", label="second", slot_key=b"2")
    meta.put(db, "colour", "red")
    meta.put(other, "colour", "blue")
    replace_rows(db, other, ["key_slot"])
    assert sorted(db.tuples("SELECT label, slot_key FROM key_slot")) == [
        ("first", b"1"),
        ("second", b"2"),
    ]
    assert meta.find(db, "colour") == "red"  # a table that was not named
    assert len(other.rows("SELECT * FROM key_slot")) == 2


def test_a_table_without_rows_there_is_emptied(db: Database, other: Database) -> None:
    db.insert("key_slot", label="old", slot_key=b"0")
    replace_rows(db, other, ["key_slot"])
    assert db.rows("SELECT * FROM key_slot") == []


def test_inserted_rows_keep_their_ids_beside_those_that_are_there(
    db: Database, other: Database
) -> None:
    here = purpose(db, "gate")
    purpose(other, "gate")
    there = purpose(other, "pool")
    insert_rows(db, "purpose", other.execute("SELECT * FROM purpose WHERE code = 'pool'"))
    assert db.tuples("SELECT id, code FROM purpose ORDER BY id") == [
        (here, "gate"),
        (there, "pool"),
    ]
