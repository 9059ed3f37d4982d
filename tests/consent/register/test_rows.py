"""Rows of the register: records by id, by subject and by condition."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.consent import subjects
from facecli.consent.register import elsewhere
from facecli.consent.register.rows import Rows, new_id
from tests.consent.conftest import World


@dataclass(frozen=True)
class Held:
    what: str
    ref: str | None


HELD = Rows(
    Held,
    "item_id",
    "SELECT r.what, s.ref FROM held_elsewhere r LEFT JOIN subject s ON s.id = r.subject_id",
)


def test_an_id_is_16_hex_digits_and_new() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert {len(bytes.fromhex(one)) for one in ids} == {8}


def test_records_are_found_by_id_by_subject_and_by_condition(world: World) -> None:
    ids = {}
    for ref in ("A-1", "B-1"):
        world.add(ref)
        with world.act() as act:
            subject = subjects.find(act.db, ref)
            for what in ("photo", "card"):
                ids[what, ref] = elsewhere.add(act, subject, what, "Gate Ltd", None).item_id
    assert HELD.find(world.db, ids["card", "A-1"]) == Held("card", "A-1")
    assert HELD.find(world.db, new_id()) is None
    b = subjects.find(world.db, "B-1").subject_id
    assert HELD.of_subject(world.db, b) == [Held("photo", "B-1"), Held("card", "B-1")]
    found = HELD.where(world.db, "r.what = ?", ("card",), order="s.ref DESC")
    assert found == [Held("card", "B-1"), Held("card", "A-1")]
    assert HELD.where(world.db, "false") == []
