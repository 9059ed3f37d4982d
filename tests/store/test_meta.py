"""Single values by name."""

from __future__ import annotations

from facecli.store import meta
from facecli.store.database import Database


def test_a_value_is_found_until_it_is_dropped(db: Database) -> None:
    assert meta.find(db, "colour") is None
    meta.put(db, "colour", "red")
    assert meta.find(db, "colour") == "red"
    meta.drop(db, "colour")
    assert meta.find(db, "colour") is None
    meta.drop(db, "colour")  # nothing to drop is no error


def test_a_value_takes_the_place_of_an_earlier_one(db: Database) -> None:
    meta.put(db, "colour", "red")
    meta.put(db, "colour", "")
    assert meta.find(db, "colour") == ""
    assert db.value("SELECT count(*) FROM meta WHERE name = 'colour'") == 1


def test_a_prefix_is_text_and_no_pattern(db: Database) -> None:
    for name in ("lost/a", "lost/b", "lost", "lostXa", "Lost/a"):
        meta.put(db, name, name.upper())
    assert meta.find_all(db, "lost/") == {"lost/a": "LOST/A", "lost/b": "LOST/B"}
    meta.put(db, "a_c", "1")
    meta.put(db, "abc", "2")
    assert meta.find_all(db, "a_") == {"a_c": "1"}
    assert meta.find_all(db, "none") == {}


def test_the_id_of_the_database(db: Database) -> None:
    meta.put(db, "database_id", "4f2a")
    assert meta.database_id(db) == "4f2a"
