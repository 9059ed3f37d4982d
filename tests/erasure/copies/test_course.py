"""Where a copy stands in the log: by its mark, or by the end of its own log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.audit import stored_entries
from facecli.audit.entries import recorded
from facecli.erasure.copies import course
from facecli.errors.store import BackupRefused
from facecli.store import copy_marks, meta
from facecli.store.copy_marks import CopyMark
from tests.consent.conftest import World


@pytest.fixture
def copy(gate: World, tmp_path: Path) -> Iterator[World]:
    """A copy, after which the database has gone on."""
    made = gate.copy(tmp_path / "copy.db")
    for _ in range(5):
        with gate.act() as act:
            act.record("test")
    yield made
    made.db.close()


def mark(copy: World, applied: int, root: str) -> None:
    with copy.db.transaction():
        copy_marks.write(copy.db, CopyMark("backup", "0a", copy.now, applied, root))


def root_at(world: World, size: int) -> str:
    return stored_entries.tree(world.db).root(size).hex()


def exported(world: World, after: int) -> list[dict[str, Any]]:
    """The entries after that place, as an export states them."""
    rows = world.db.rows("SELECT leaf_hash FROM audit_entry WHERE seq > ?", (after,))
    return [{"leaf_hash": row[0].hex()} for row in rows]


def test_without_a_mark_it_is_the_end_of_the_copys_log(gate: World, copy: World) -> None:
    size = recorded(copy.db).size
    course.check(gate.db, copy.db)
    assert course.position(gate.db, copy.db) == size
    assert course.position_in(exported(gate, size), copy.db) == size


def test_a_mark_counts_in_the_course_of_the_log_that_it_names(gate: World, copy: World) -> None:
    size = recorded(copy.db).size
    mark(copy, size + 3, root_at(gate, size + 3))
    assert course.position(gate.db, copy.db) == size + 3
    assert course.position_in(exported(gate, size), copy.db) == size + 3


@pytest.mark.parametrize("ahead", [3, 99])
def test_the_mark_of_another_course_does_not_count(gate: World, copy: World, ahead: int) -> None:
    """As after a restore without the database, which went on with other entries."""
    size = recorded(copy.db).size
    mark(copy, size + ahead, "ab" * 32)
    assert course.position(gate.db, copy.db) == size
    assert course.position_in(exported(gate, size), copy.db) == size


def test_a_copy_of_another_database_or_course_is_refused(gate: World, copy: World) -> None:
    with copy.act() as act:
        act.record("another")
    with pytest.raises(BackupRefused, match="not the beginning"):
        course.check(gate.db, copy.db)
    with copy.db.transaction():
        meta.put(copy.db, "database_id", "e" * 32)
    with pytest.raises(BackupRefused, match="another database"):
        course.check(gate.db, copy.db)
