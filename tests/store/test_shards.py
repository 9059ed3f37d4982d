"""Packed templates: every vector is found again where it was put, whatever the shard's size."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.errors.store import PageDamaged
from facecli.store import shards
from facecli.store.database import Database
from facecli.store.shards import CAPACITIES, NewSlot, TemplatePlace
from tests.store.conftest import KEY, Store, purpose


def vector(number: int, dimension: int = 2) -> bytes:
    return number.to_bytes(4, "little") * dimension


def contents(db: Database, purpose_id: int, engine: str = "e") -> list[bytes]:
    """Every vector of a gallery, in order."""
    found = []
    for shard in shards.of_gallery(db, purpose_id, engine):
        packed, size = shards.read(db, shard), shard.slot_bytes
        found += [packed[at : at + size] for at in range(0, len(packed), size)]
    return found


def new(purpose_id: int, content: bytes, engine: str = "e", **other: Any) -> NewSlot:
    """A template of subject 7."""
    how = {"subject_id": 7, "dimension": 2, "created_at": "2026-01-02T00:00:00Z", **other}
    return NewSlot(purpose_id=purpose_id, engine_id=engine, content=content, **how)


def test_the_first_shards_are_small() -> None:
    assert CAPACITIES == (64, 512, 4096)


def test_every_template_is_found_across_the_capacity_steps(db: Database) -> None:
    count = 64 + 512 + 4096 + 1
    with db.transaction():
        gate = purpose(db)
        places = [shards.append(db, new(gate, vector(number))) for number in range(count)]
    assert len(set(places)) == count
    sizes = [(shard.used, shard.dimension) for shard in shards.of_gallery(db, gate, "e")]
    assert sizes == [(64, 2), (512, 2), (4096, 2), (1, 2)]
    assert [row[0] for row in db.rows("SELECT capacity FROM template_shard ORDER BY id")] == [
        64, 512, 4096, 4096,
    ]  # fmt: skip
    assert contents(db, gate) == [vector(number) for number in range(count)]
    for number in (0, 63, 64, 575, 576, 4671, 4672):
        assert shards.read_one(db, places[number]) == vector(number)


def test_a_small_gallery_makes_a_small_file(store: Store) -> None:
    with store.open() as db, db.transaction():
        shards.append(db, new(purpose(db), bytes(512), dimension=128))
    assert store.path.stat().st_size < 1.25 * 1024 * 1024


def test_another_dimension_for_the_same_engine_is_refused(db: Database) -> None:
    with db.transaction():
        gate = purpose(db)
        shards.append(db, new(gate, vector(1)))
        for other in (new(gate, vector(1, 3), dimension=3), new(gate, vector(1) + b"7")):
            with pytest.raises(ValueError, match="another size"):
                shards.append(db, other)


def test_an_append_that_is_rolled_back_leaves_its_slot_free(db: Database) -> None:
    with db.transaction():
        gate = purpose(db)
        first = shards.append(db, new(gate, vector(1)))

    def fail() -> None:
        with db.transaction():
            shards.append(db, new(gate, vector(2)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert contents(db, gate) == [vector(1)]
    with db.transaction():
        assert shards.append(db, new(gate, vector(3))) == TemplatePlace(
            first.shard_id, first.slot + 1
        )
    assert contents(db, gate) == [vector(1), vector(3)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    Store(folder / "facecli.db")
    return folder / "facecli.db"


APPENDS = st.lists(
    st.tuples(st.sampled_from("gh"), st.sampled_from("ef"), st.binary(min_size=8, max_size=8)),
    max_size=120,
)


@settings(max_examples=40, deadline=None)
@given(appends=APPENDS)
def test_galleries_never_mix(shared: Path, appends: list[tuple[str, str, bytes]]) -> None:
    """Against a dict of lists: each purpose and engine gives back its own, in order."""
    from facecli.store.opening import open_database

    db = open_database(shared, [KEY], 0)
    model: dict[tuple[str, str], list[bytes]] = {}
    try:
        db.execute("BEGIN IMMEDIATE")
        ids = {code: purpose(db, code) for code in "gh"}
        for code, engine, template in appends:
            place = shards.append(db, new(ids[code], template, engine))
            assert shards.read_one(db, place) == template
            model.setdefault((code, engine), []).append(template)
        for code in "gh":
            for engine in "ef":
                assert contents(db, ids[code], engine) == model.get((code, engine), [])
    finally:
        db.close()  # rolls back: every example begins with the same file


@pytest.mark.parametrize("size", [129, 2000])  # on one page; with pages between them
def test_a_slot_is_erased_with_its_subject(db: Database, size: int) -> None:
    """The first and the last template of a shard: the others stay."""
    with db.transaction():
        gate = purpose(db)
        contents_ = [bytes([number + 1]) * size for number in range(64)]
        places = [
            shards.append(db, new(gate, content, subject_id=number + 1, dimension=128))
            for number, content in enumerate(contents_)
        ]
    [shard] = shards.of_gallery(db, gate, "e")
    assert shards.read(db, shard) == b"".join(contents_)
    for slots in ([0, 63], [17]):
        assert not shards.are_erased(db, shard.shard_id, slots)
        with db.transaction():
            shards.erase(db, shard.shard_id, slots)
        assert shards.are_erased(db, shard.shard_id, slots)
    gone = {0, 17, 63}
    assert shards.read(db, shard) == b"".join(
        bytes(size) if number in gone else content for number, content in enumerate(contents_)
    )
    subjects = struct.unpack("<64I", shards.read_subjects(db, shard))
    assert subjects == tuple(0 if number in gone else number + 1 for number in range(64))
    assert not any(shards.read_one(db, places[0]))


def test_a_slot_without_its_template_but_with_a_subject_is_not_erased(db: Database) -> None:
    with db.transaction():
        place = shards.append(db, new(purpose(db), bytes(8)))
    assert not shards.are_erased(db, place.shard_id, [place.slot])


def test_the_oldest_time_of_a_shard_only_moves_back(db: Database) -> None:
    moments = ["2026-03-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]
    with db.transaction():
        gate = purpose(db)
        for moment in moments:
            shards.append(db, new(gate, vector(1), created_at=moment))
    assert [shard.oldest for shard in shards.of_gallery(db, gate, "e")] == [moments[1]]


def test_a_subject_beyond_32_bits_is_not_stored(db: Database) -> None:
    with pytest.raises(OverflowError), db.transaction():
        shards.append(db, new(purpose(db), vector(1), subject_id=2**32))
    assert db.value("SELECT count(*) FROM template_shard") == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE shard_vectors SET vectors = zeroblob(9)",
        "UPDATE template_shard SET slot_bytes = 1000, used = 64",
        "DELETE FROM shard_vectors",
    ],
)
def test_a_shard_that_is_not_whole_is_refused(db: Database, sql: str) -> None:
    with db.transaction():
        gate = purpose(db)
        for number in range(3):
            shards.append(db, new(gate, vector(number)))
        db.execute(sql)
    [shard] = shards.of_gallery(db, gate, "e")
    with pytest.raises(PageDamaged):
        shards.read(db, shard)
