"""The search for residue covers every table, those of tomorrow too."""

from __future__ import annotations

from facecli.erasure import residue
from tests.consent.conftest import World


def test_every_table_with_rows_of_a_subject_is_named(gate: World) -> None:
    gate.record()
    gate.template()
    assert residue.of_subjects(gate.db, [1]) == {
        1: ["consent", "interaction", "subject", "template"]
    }
    assert residue.of_subjects(gate.db, [2]) == {}


def test_a_table_that_is_added_later_is_searched_too(gate: World) -> None:
    with gate.db.transaction():
        gate.db.execute("CREATE TABLE badge (id INTEGER PRIMARY KEY, subject_id INTEGER)")
        gate.db.insert("badge", subject_id=1)
    assert residue.of_subjects(gate.db, [1]) == {1: ["badge", "subject"]}
