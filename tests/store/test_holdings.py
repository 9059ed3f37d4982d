"""Templates, photos and match events: what is held of whom, and erasing it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facecli.store import holdings, templates
from facecli.store.database import Database
from facecli.store.packed import day_number, seconds
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.store.conftest import purpose

NOW = "2026-11-23T12:00:00Z"
VECTOR = b"\x01\x02\x03\x04" * 2


class People:
    """Two subjects for two purposes; the first has a photo, and was matched once."""

    def __init__(self, db: Database) -> None:
        with db.transaction():
            self.gate, self.desk = purpose(db), purpose(db, "desk")
            self.ada, self.bob = add_subject(db, "A-1"), add_subject(db, "A-2")
            photo = db.insert(
                "sample", subject_id=self.ada, purpose_id=self.gate, captured_at=NOW, photo=b"jpeg"
            )
            self.photo = photo
            self.templates = [
                _template(db, self.ada, self.gate, photo),
                _template(db, self.ada, self.desk, None),
                _template(db, self.bob, self.gate, None),
            ]
            self.match = db.insert(
                "match_event",
                subject_id=self.ada,
                purpose_id=self.gate,
                at=NOW,
                kind="identification",
                distance=0.3,
                threshold=0.6,
            )


def add_subject(db: Database, ref: str) -> int:
    return db.insert(
        "subject",
        pseudonym_bytes=ref.encode(),
        ref=ref,
        state="active",
        minor=0,
        created=seconds(NOW),
        last_day_number=day_number(NOW[:10]),
    )


def _template(db: Database, subject_id: int, purpose_id: int, photo: int | None) -> int:
    slot = NewSlot(subject_id, purpose_id, "e", len(VECTOR), VECTOR, NOW)
    templates.add(db, slot, Capture("0" * 64, photo))
    return int(db.value("SELECT max(id) FROM template"))


@pytest.fixture
def people(db: Database) -> People:
    """Two subjects and what is held of them."""
    return People(db)


def kinds(rows: object) -> list[tuple[int, str]]:
    return sorted((row[0], row[1]) for row in rows)  # type: ignore[attr-defined]


def test_all_that_is_held_is_listed_by_subject(db: Database, people: People) -> None:
    rows = list(holdings.all_held(db))
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert kinds(rows) == sorted(
        [
            (people.ada, "template"),
            (people.ada, "template"),
            (people.ada, "photo"),
            (people.ada, "match"),
            (people.bob, "template"),
        ]
    )
    assert (people.ada, "photo", people.photo, people.gate, NOW) in rows


def test_what_is_held_of_one_subject_and_of_several(db: Database, people: People) -> None:
    assert kinds(holdings.held_among(db, f"[{people.bob}]")) == [(people.bob, "template")]
    both = f"[{people.ada}, {people.bob}]"
    assert list(holdings.held_among(db, both)) == list(holdings.all_held(db))
    assert list(holdings.held_among(db, "[]")) == []


def test_everything_is_counted(db: Database, people: People) -> None:
    assert holdings.counts(db) == {"template": 3, "photo": 1, "match": 1}
    by_purpose = holdings.counts_by_purpose(db)
    assert by_purpose[people.gate] == {"template": 2, "photo": 1, "match": 1}
    assert by_purpose[people.desk] == {"template": 1, "photo": 0, "match": 0}
    assert by_purpose[4711] == {"template": 0, "photo": 0, "match": 0}
    assert holdings.count_people(db) == 2


@pytest.mark.parametrize(
    ("edge", "alike"),
    [("", True), (NOW, True), (f"{NOW}~", False), ("2026-11-23T12:00:01Z", False)],
)
def test_a_template_before_the_bound_sets_its_subject_apart(
    db: Database, people: People, edge: str, alike: bool
) -> None:
    with db.transaction():
        slot = NewSlot(people.bob, people.gate, "e", len(VECTOR), VECTOR, "2026-11-24T00:00:00Z")
        templates.add(db, slot, Capture("1" * 64, None))
        carl = add_subject(db, "A-3")
        templates.add(db, replace(slot, subject_id=carl), Capture("2" * 64, None))
        templates.add(db, replace(slot, subject_id=carl), Capture("3" * 64, None))
    values = holdings.alike_values(db, {"template": edge, "photo": "", "match": ""})
    texts = [
        db.value(f"SELECT {holdings.HELD_ALIKE.format(subject=who)}", values)
        for who in (people.bob, carl)
    ]
    assert (texts[0] == texts[1]) == alike


def test_whoever_has_something_without_a_consent_is_found(db: Database, people: People) -> None:
    agreed = "(SELECT subject_id, purpose_id FROM template WHERE purpose_id = 1)"
    assert people.gate == 1
    assert holdings.without(db, agreed) == [people.ada]  # a template for the desk
    none = "(SELECT 0 AS subject_id, 0 AS purpose_id)"
    assert sorted(holdings.without(db, none)) == [people.ada, people.bob]
    with db.transaction():
        db.execute("DELETE FROM template")
    assert holdings.without(db, none) == [people.ada]  # a photo and a match


def test_an_erased_template_is_zeroed_before_its_row_goes(db: Database, people: People) -> None:
    erased, kept = people.templates[0], people.templates[2]
    places = holdings.slots_of(db, [erased])
    others = holdings.slots_of(db, [kept])
    assert not holdings.are_erased(db, places)
    with db.transaction():
        holdings.erase_templates(db, [erased])
    assert holdings.are_erased(db, places)
    assert not holdings.are_erased(db, others)
    assert holdings.slots_of(db, [erased]) == {}
    assert holdings.counts(db)["template"] == 2


def test_templates_stay_when_their_photo_is_erased(db: Database, people: People) -> None:
    with db.transaction():
        holdings.erase_photos(db, [people.photo])
    assert holdings.counts(db) == {"template": 3, "photo": 0, "match": 1}
    assert db.value("SELECT count(*) FROM template WHERE sample_id IS NOT NULL") == 0


def test_match_events_are_erased(db: Database, people: People) -> None:
    with db.transaction():
        holdings.erase_matches(db, [people.match])
    assert holdings.counts(db)["match"] == 0
