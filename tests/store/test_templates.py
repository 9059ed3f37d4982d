"""The rows of templates, by subject, purpose, engine and age."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from facecli.errors.store import ShardDamaged
from facecli.store import holdings, shards, templates
from facecli.store.database import Database
from facecli.store.packed import id_text
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.store.conftest import purpose
from tests.store.test_holdings import VECTOR, add_subject

DAYS = [f"2026-11-0{day}T00:00:00Z" for day in (1, 2, 3)]


NAMED = {name: str(uuid.UUID(int=ord(name))) for name in "abcd"}


class Rows:
    """Three templates of Ada and one of Bob, of two engines, for two purposes."""

    def __init__(self, db: Database) -> None:
        self.db = db
        with db.transaction():
            self.gate, self.desk = purpose(db), purpose(db, "desk")
            self.ada, self.bob = add_subject(db, "A-1"), add_subject(db, "A-2")
            self.old = self.add("c", self.ada, self.gate, "e/1", DAYS[0])
            self.new = self.add("a", self.ada, self.gate, "e/2", DAYS[1])
            self.other = self.add("d", self.ada, self.desk, "e/1", DAYS[2])
            self.bobs = self.add("b", self.bob, self.gate, "e/1", DAYS[2])

    def add(
        self, name: str, subject_id: int, purpose_id: int, engine: str, at: str
    ) -> tuple[int, int]:
        slot = NewSlot(subject_id, purpose_id, engine, len(VECTOR) // 4, VECTOR, at)
        template_id = templates.add(self.db, slot, Capture("0" * 64))
        self.db.execute(
            "UPDATE template SET template_id = ? WHERE template_id = ?",
            (uuid.UUID(NAMED[name]).bytes, uuid.UUID(template_id).bytes),
        )
        return self.db.tuples("SELECT shard_id, slot FROM template ORDER BY id DESC")[0]


@pytest.fixture
def rows(db: Database) -> Rows:
    return Rows(db)


def test_places_are_those_of_one_subject_purpose_and_engine(rows: Rows) -> None:
    assert templates.places_of(rows.db, rows.ada, rows.gate, "e/1") == [(*rows.old, DAYS[0])]
    assert templates.places_of(rows.db, rows.ada, rows.gate, "e/2") == [(*rows.new, DAYS[1])]
    assert templates.places_of(rows.db, rows.bob, rows.desk, "e/1") == []


def test_ages_are_bounded_before_a_moment_and_from_it_on(rows: Rows) -> None:
    shard_id, slot = rows.old
    assert rows.bobs[0] == shard_id
    assert templates.older_than(rows.db, shard_id, DAYS[0]) == []
    assert templates.older_than(rows.db, shard_id, DAYS[1]) == [(slot, DAYS[0])]
    assert templates.first_from(rows.db, shard_id, DAYS[0]) == DAYS[0]
    assert templates.first_from(rows.db, shard_id, DAYS[1]) == DAYS[2]
    assert templates.first_from(rows.db, shard_id, "2027-01-01T00:00:00Z") is None
    assert templates.places_before(rows.db, rows.ada, rows.gate, DAYS[1]) == [rows.old]
    assert templates.places_before(rows.db, rows.bob, rows.gate, DAYS[2]) == []


def test_a_subjects_rows_are_oldest_first_with_their_engines(rows: Rows) -> None:
    found = list(templates.rows_of_subject(rows.db, rows.ada))
    assert [(id_text(row["template_id"]), row["engine_id"]) for row in found] == [
        (NAMED["c"], "e/1"), (NAMED["a"], "e/2"), (NAMED["d"], "e/1"),
    ]  # fmt: skip
    assert {row["dimension"] for row in found} == {len(VECTOR) // 4}


def test_photos_and_matches_are_those_of_the_subject_oldest_first(rows: Rows) -> None:
    with rows.db.transaction():
        photos = [
            rows.db.insert(
                "sample", subject_id=who, purpose_id=rows.gate, captured_at=at, photo=content
            )
            for who, at, content in (
                (rows.ada, DAYS[2], b"late"),
                (rows.ada, DAYS[0], b"early"),
                (rows.bob, DAYS[1], b"bob"),
            )
        ]
        for at in (DAYS[1], DAYS[0]):
            rows.db.insert(
                "match_event", subject_id=rows.ada, purpose_id=rows.gate, at=at,
                kind="identification", distance=0.3, threshold=0.6,
            )  # fmt: skip
    listed = [row["id"] for row in templates.photos_of_subject(rows.db, rows.ada)]
    assert listed == [photos[1], photos[0]]
    assert templates.photo(rows.db, photos[1]) == b"early"
    assert templates.photo(rows.db, max(photos) + 1) is None
    matches = templates.matches_of_subject(rows.db, rows.ada)
    assert [row["at"] for row in matches] == [DAYS[0], DAYS[1]]
    assert templates.matches_of_subject(rows.db, rows.bob) == []


def damage(db: Database, sql: str) -> None:
    with db.transaction():
        db.execute(sql)


DAMAGES = [
    "DELETE FROM template WHERE id = 1",
    "DELETE FROM template",
    "UPDATE template SET subject_id = 2 WHERE id = 1",
    "UPDATE template SET purpose_id = 2 WHERE id = 1",
    "UPDATE template SET purpose_id = 3 - purpose_id",
    "UPDATE template SET slot = slot + 7 WHERE id = 1",
    "UPDATE template SET slot = 1 - slot WHERE shard_id = 1",
    "UPDATE template SET shard_id = 2, slot = 9 WHERE id = 1",
    "UPDATE OR REPLACE template SET slot = 1 WHERE id = 1",
    "INSERT INTO template SELECT 99, template_id, subject_id, purpose_id, sample_id, shard_id,"
    " 50, quality, capture_sha256, created, source, other_face FROM template WHERE id = 1",
    "UPDATE shard_subjects SET subjects = zeroblob(256) WHERE shard_id = 1",
    "UPDATE shard_subjects SET subjects = zeroblob(3) WHERE shard_id = 1",
    "UPDATE template_shard SET used = 1 WHERE id = 1",
    "UPDATE template_shard SET purpose_id = 2 WHERE id = 1",
    "UPDATE template_shard SET subject_sum = subject_sum + 1 WHERE id = 1",
]


@pytest.mark.parametrize("sql", DAMAGES)
def test_subjects_that_are_not_those_of_the_rows_are_found(rows: Rows, sql: str) -> None:
    """Both by the rows, as a check does, and by the sums alone, as a search does."""
    by_sums(rows.db)
    templates.check_subjects(rows.db)
    damage(rows.db, sql)
    with pytest.raises(ShardDamaged):
        by_sums(rows.db)
    with pytest.raises(ShardDamaged):
        templates.check_subjects(rows.db)


def by_sums(db: Database) -> None:
    """Read the subjects of every shard as a search does."""
    for gallery in db.tuples("SELECT DISTINCT purpose_id, engine_id FROM template_shard"):
        sums = templates.kept_sums(db, *gallery)
        for shard in shards.of_gallery(db, *gallery):
            templates.subjects_in(db, shard, sums[shard.shard_id])


def test_sums_are_kept_with_each_change_of_a_row(rows: Rows) -> None:
    steps: list[Callable[[], object]] = [
        lambda: rows.add("d", rows.bob, rows.gate, "e/1", DAYS[2]),
        lambda: holdings.erase_templates(rows.db, [1, 4]),
        lambda: rows.add("c", rows.ada, rows.gate, "e/1", DAYS[2]),
        lambda: holdings.erase_templates(rows.db, [2, 3]),
    ]
    for step in steps:
        with rows.db.transaction():
            step()
        templates.check_subjects(rows.db)
    assert templates.kept_sums(rows.db, rows.gate, "e/1")[1] == (2, rows.bob + rows.ada, 7, 0)
    assert templates.kept_sums(rows.db, rows.gate, "e/2") == {2: (0, 0, 0, 0)}


def test_rows_that_changed_behind_the_sums_are_found(rows: Rows) -> None:
    rows.db.execute("DROP TRIGGER template_changed")
    damage(rows.db, "UPDATE template SET subject_id = 2 WHERE id = 1")
    with pytest.raises(ShardDamaged, match="shard 1"):
        templates.check_subjects(rows.db)


@pytest.mark.parametrize(
    ("oldest", "found_by_a_search"), [("", True), ("2999-01-01T00:00:00Z", False)]
)
def test_a_shard_that_states_another_age_is_found(
    rows: Rows, oldest: str, found_by_a_search: bool
) -> None:
    """Else neither the gate nor a purge would ask when its templates are due."""
    templates.check_ages(rows.db)
    damage(rows.db, f"UPDATE template_shard SET oldest = '{oldest}' WHERE id = 1")
    with pytest.raises(ShardDamaged, match="older than it states"):
        templates.check_ages(rows.db)
    with pytest.raises(ShardDamaged) if found_by_a_search else nullcontext():
        by_sums(rows.db)


def test_a_template_is_read_for_its_own_subject_only(rows: Rows) -> None:
    place = shards.TemplatePlace(*rows.old)
    assert shards.read_own(rows.db, place, rows.ada) == VECTOR
    with pytest.raises(ShardDamaged):
        shards.read_own(rows.db, place, rows.bob)
