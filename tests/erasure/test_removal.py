"""One template is removed by hand: with its photo, without the consent, and never another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from facecli.audit import stored_entries
from facecli.consent import consents, holds, retention_facts, subjects
from facecli.erasure import purge, removal
from facecli.erasure.restore import erasures
from facecli.errors.base import Unknown
from facecli.errors.erasure import NoSuchTemplate, TemplateHeld
from facecli.store import holdings, time_reached
from tests.consent.conftest import World


@pytest.fixture
def three(gate: World) -> list[str]:
    """The ids of three templates of one subject, a day apart."""
    gate.record(expires="1y")
    made = []
    for _ in range(3):
        made.append(gate.template())
        gate.wait(days=1)
    return made


def photo_of(world: World, *template_ids: str) -> int:
    """Store a photo from which these templates were made."""
    subject, purpose = subjects.find(world.db, "A-1"), world.purpose()
    with world.db.transaction():
        sample = world.db.insert(
            "sample", subject_id=subject.subject_id, purpose_id=purpose.purpose_id,
            captured_at=world.now, photo=b"photo",
        )  # fmt: skip
        for row_id, name in left(world).items():
            if name in template_ids:
                world.db.execute("UPDATE template SET sample_id = ? WHERE id = ?", (sample, row_id))
    return sample


def left(world: World) -> dict[int, str]:
    """The ids of the templates that are left of A-1."""
    fact = retention_facts.of_one(world.db, subjects.find(world.db, "A-1"))
    return holdings.template_ids(world.db, [t.item_id for t in fact.things if t.what == "template"])


def photos(world: World) -> list[int]:
    return [row_id for (row_id,) in world.db.tuples("SELECT id FROM sample ORDER BY id")]


def remove(world: World, template_id: str) -> None:
    with world.act() as act:
        removal.remove(act, "A-1", template_id)


def repeat(world: World, copy: World, size: int) -> int:
    """Erase in a copy what was erased since; the number of subjects."""
    found = erasures.collect(stored_entries.after(world.db, size))
    with copy.act() as act:
        act.record("test")
        return erasures.reapply(act, found)


def entries(world: World, action: str) -> list[Any]:
    logged = [json.loads(row["record"]) for row in world.db.rows("SELECT * FROM audit_entry")]
    return [one for one in logged if one["action"] == action]


def size_of(world: World) -> int:
    return int(world.db.value("SELECT count(*) FROM audit_entry"))


def test_one_template_goes_and_the_entry_names_it(gate: World, three: list[str]) -> None:
    remove(gate, three[1])
    assert sorted(left(gate).values()) == sorted([three[0], three[2]])
    assert len(consents.of_subject(gate.db, subjects.find(gate.db, "A-1").subject_id)) == 1
    [entry] = entries(gate, "faces.remove")
    assert entry["subject_id"] == subjects.find(gate.db, "A-1").pseudonym
    assert entry["purpose"] == "gate"
    assert entry["details"] == {
        "erased": {"template": 1},
        "purposes": {"gate": {"template": 1}},
        "reasons": ["removed"],
        "whole": False,
        "templates": [three[1]],
        "consents": [],
        "copies": [],
    }
    assert gate.db.value("SELECT action FROM erasure") == "faces"


def test_a_photo_stays_as_long_as_a_template_needs_it(gate: World, three: list[str]) -> None:
    shared, own = photo_of(gate, *three[:2]), photo_of(gate, three[2])
    remove(gate, three[0])
    assert photos(gate) == [shared, own]
    remove(gate, three[1])
    assert photos(gate) == [own]
    remove(gate, three[2])
    assert photos(gate) == []
    assert subjects.find_any(gate.db, "A-1") is not None


def test_nothing_of_another_subject_is_removed(gate: World, three: list[str]) -> None:
    gate.add("A-2")
    for ref, template_id, error in (
        ("A-2", three[0], NoSuchTemplate),
        ("A-1", "x", NoSuchTemplate),
        ("A-3", three[0], Unknown),
    ):
        with pytest.raises(error):
            removal.plan(gate.db, ref, template_id, gate.now)


def test_a_hold_keeps_every_template_until_it_is_over(gate: World, three: list[str]) -> None:
    until = "2099-01-01T00:00:00Z"
    with gate.act() as act:
        holds.hold(act, "A-1", "a case", until)
    with pytest.raises(TemplateHeld, match="until 20"):
        removal.plan(gate.db, "A-1", three[0], gate.now)
    with pytest.raises(TemplateHeld):
        removal.plan(gate.db, "A-1", three[0], until)  # by a clock that is far ahead
    with gate.db.transaction():
        time_reached.put(gate.db, until)
    assert removal.plan(gate.db, "A-1", three[0], until).decisions


@pytest.mark.parametrize("place", range(3))
def test_a_copy_loses_the_same_template_and_no_other(
    gate: World, three: list[str], tmp_path: Path, place: int
) -> None:
    own = [photo_of(gate, one) for one in three]
    copy, size = gate.copy(tmp_path / "copy.db"), size_of(gate)
    remove(gate, three[place])
    gate.template()
    assert repeat(gate, copy, size) == 1
    assert repeat(gate, copy, size) == 0  # twice is once
    assert sorted(left(copy).values()) == sorted(set(three) - {three[place]})
    assert photos(copy) == [one for one in own if one != own[place]]
    [entry] = entries(copy, "faces.remove")
    assert entry["details"]["templates"] == [three[place]]
    copy.db.close()


def test_an_older_copy_loses_it_by_the_entries_of_a_repetition(
    gate: World, three: list[str], tmp_path: Path
) -> None:
    """Together with what a purge erased: each has an entry of its own, and counts only its own."""
    with gate.db.transaction():
        gate.db.execute("UPDATE purpose_version SET retain_photo = '10d'")
    photo_of(gate, three[0])
    gate.wait(days=5)
    photo_of(gate, three[1])
    young = photo_of(gate, three[2])
    oldest, older, size = gate.copy(tmp_path / "1.db"), gate.copy(tmp_path / "2.db"), size_of(gate)
    remove(gate, three[1])
    gate.wait(days=6)
    list(purge.run(purge.survey(gate.db, gate.now), gate.act))
    assert photos(gate) == [young]
    repeat(gate, older, size)
    assert len(entries(older, "faces.remove")) == len(entries(older, "purge.erase")) == 1
    repeat(older, oldest, size)
    for copy in (older, oldest):
        assert sorted(left(copy).values()) == sorted([three[0], three[2]])
        assert photos(copy) == [young]
        copy.db.close()


def test_a_photo_goes_from_a_copy_though_another_engine_used_it_there(
    gate: World, three: list[str], tmp_path: Path
) -> None:
    photo_of(gate, *three[:2])
    copy, size = gate.copy(tmp_path / "copy.db"), size_of(gate)
    with gate.db.transaction():  # as a change of the engine does, without an entry about it
        holdings.erase_templates(gate.db, [i for i, name in left(gate).items() if name == three[1]])
    remove(gate, three[0])
    repeat(gate, copy, size)
    assert photos(copy) == photos(gate) == []
    assert sorted(left(copy).values()) == sorted(three[1:])
    copy.db.close()
