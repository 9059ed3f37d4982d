"""The copies that a database knows, and the erasures that each of them misses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from facecli.erasure import revocation
from facecli.erasure.copies import known
from facecli.erasure.copies.known import KnownCopy
from tests.consent.conftest import World


def remember(world: World, copy_id: str = "0a", **what: object) -> KnownCopy:
    size = int(world.db.value("SELECT count(*) FROM audit_entry"))
    made = KnownCopy(copy_id, "backup", "kept", Path("/b/a.db"), b"salt", world.now, size)
    copy = replace(made, **what)  # type: ignore[arg-type]
    with world.db.transaction():
        known.put(world.db, copy)
    return copy


def test_a_copy_is_remembered_changed_and_forgotten(world: World) -> None:
    copy = remember(world)
    assert known.list_all(world.db) == [copy]
    changed = remember(world, state="leaving")
    assert known.find(world.db, "0a") == changed
    with world.db.transaction():
        known.forget(world.db, "0a")
    assert known.find(world.db, "0a") is None


def test_a_copy_misses_the_erasures_after_it_until_they_are_applied(gate: World) -> None:
    gate.record()
    gate.wait(days=1)
    copy = remember(gate)
    assert known.behind(gate.db) == []
    with gate.act() as act:
        revocation.revoke(act, "A-1", None, None)
    assert known.behind(gate.db) == [(copy, 1)]
    later = remember(gate)
    assert later.applied > copy.applied
    assert known.behind(gate.db) == []


def test_a_copy_from_before_the_person_misses_nothing(world: World) -> None:
    world.apply()
    remember(world)
    world.wait(days=1)
    world.add()
    world.record()
    with world.act() as act:
        revocation.revoke(act, "A-1", None, None)
    assert known.behind(world.db) == []


def test_an_erasure_of_before_days_were_kept_counts_for_every_copy(gate: World) -> None:
    gate.record()
    copy = remember(gate)
    with gate.act() as act:
        revocation.revoke(act, "A-1", None, None)
    with gate.db.transaction():
        gate.db.execute("UPDATE erasure SET held_since = NULL")
    assert known.behind(gate.db) == [(copy, 1)]


def test_the_entry_of_an_erasure_names_the_copies_that_hold_it(gate: World) -> None:
    remember(gate, "0a")
    gate.wait(days=1)
    gate.add("A-2")
    gate.record("A-2")
    remember(gate, "0b")
    day = gate.now[:10]
    assert known.holding(gate.db, {day}) == {day: ["0b"]}
    assert known.holding(gate.db, {"2026-01-01"}) == {"2026-01-01": ["0a", "0b"]}


def test_a_copy_has_one_place_by_whatever_link_it_is_reached(world: World, tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    remember(world, path=link / "a.db", salt=b"0123456789abcdef")
    assert [one.path for one in known.list_all(world.db)] == [real / "a.db"]
    other = tmp_path / "other.db"
    for is_there in (False, True):
        if is_there:
            (real / "a.db").write_bytes(b"0123456789abcdef")
            other.symlink_to(real / "a.db")
            assert known.original_of(world.db, "0a", other) is None
        assert known.original_of(world.db, "0a", link / "a.db") is None
        assert known.original_of(world.db, "0a", tmp_path / "b.db") is not None


def test_a_file_at_another_place_is_a_second_one_unless_it_was_renamed(
    world: World, tmp_path: Path
) -> None:
    first = tmp_path / "one" / "a.db"
    first.parent.mkdir()
    copy = remember(world, path=first, salt=b"0123456789abcdef")
    renamed, elsewhere = first.with_name("b.db"), tmp_path / "two" / "a.db"
    first.write_bytes(copy.salt)
    assert known.is_there(copy)
    original = {path: known.original_of(world.db, "0a", path) for path in (renamed, elsewhere)}
    assert original == {renamed: copy, elsewhere: copy}
    assert known.original_of(world.db, "0a", first) is None
    assert known.original_of(world.db, "0b", elsewhere) is None
    first.write_bytes(b"another file")
    assert not known.is_there(copy)
    original = {path: known.original_of(world.db, "0a", path) for path in (renamed, elsewhere)}
    assert original == {renamed: None, elsewhere: copy}
