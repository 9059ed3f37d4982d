"""Packed templates: every vector is found again where it was put, whatever the shard's size."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.store import shards
from facecli.store.database import Database
from facecli.store.shards import CAPACITIES, TemplatePlace
from tests.store.conftest import KEY, Store, purpose


def vector(number: int, dimension: int = 2) -> bytes:
    return number.to_bytes(4, "little") * dimension


def contents(db: Database, purpose_id: int, engine: str = "e") -> list[bytes]:
    """Every vector of a gallery, in order."""
    return [
        shard.vectors[at : at + 4 * shard.dimension]
        for shard in shards.read(db, purpose_id, engine)
        for at in range(0, len(shard.vectors), 4 * shard.dimension)
    ]


def test_the_first_shards_are_small() -> None:
    assert CAPACITIES == (64, 512, 4096)


def test_every_template_is_found_across_the_capacity_steps(db: Database) -> None:
    count = 64 + 512 + 4096 + 1
    with db.transaction():
        gate = purpose(db)
        places = [shards.append(db, gate, "e", vector(number)) for number in range(count)]
    assert len(set(places)) == count
    sizes = [(shard.used, shard.dimension) for shard in shards.read(db, gate, "e")]
    assert sizes == [(64, 2), (512, 2), (4096, 2), (1, 2)]
    assert [row[0] for row in db.rows("SELECT capacity FROM template_shard ORDER BY id")] == [
        64, 512, 4096, 4096,
    ]  # fmt: skip
    assert contents(db, gate) == [vector(number) for number in range(count)]
    for number in (0, 63, 64, 575, 576, 4671, 4672):
        assert shards.read_one(db, places[number], 2) == vector(number)


def test_a_small_gallery_makes_a_small_file(store: Store) -> None:
    with store.open() as db, db.transaction():
        shards.append(db, purpose(db), "e", bytes(512))
    assert store.path.stat().st_size < 1024 * 1024


def test_another_dimension_for_the_same_engine_is_refused(db: Database) -> None:
    with db.transaction():
        gate = purpose(db)
        shards.append(db, gate, "e", vector(1, 2))
        with pytest.raises(ValueError, match="another dimension"):
            shards.append(db, gate, "e", vector(1, 3))


def test_an_append_that_is_rolled_back_leaves_its_slot_free(db: Database) -> None:
    with db.transaction():
        gate = purpose(db)
        first = shards.append(db, gate, "e", vector(1))

    def fail() -> None:
        with db.transaction():
            shards.append(db, gate, "e", vector(2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert contents(db, gate) == [vector(1)]
    with db.transaction():
        assert shards.append(db, gate, "e", vector(3)) == TemplatePlace(
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
            place = shards.append(db, ids[code], engine, template)
            assert shards.read_one(db, place, 2) == template
            model.setdefault((code, engine), []).append(template)
        for code in "gh":
            for engine in "ef":
                assert contents(db, ids[code], engine) == model.get((code, engine), [])
    finally:
        db.close()  # rolls back: every example begins with the same file
