"""Interactions: the last day for each purpose, and who is inactive by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.consent import interactions, retention_facts, subjects
from facecli.consent.dates import end_of_day
from facecli.consent.retention import NEVER, first_over
from tests.consent.conftest import World


def _note(world: World, code: str = "gate") -> None:
    with world.act() as act:
        interactions.note(act, 1, world.purpose(code).purpose_id)
        act.record("test")


def test_each_purpose_has_its_own_last_day(gate: World) -> None:
    gate.apply("door")
    gate.record()
    gate.record(code="door")
    gate.wait(days=3)
    _note(gate)
    ids = {code: gate.purpose(code).purpose_id for code in ("gate", "door")}
    assert interactions.last_day(gate.db, 1, ids["gate"]) == "2026-11-26"
    assert interactions.last_day(gate.db, 1, ids["door"]) == "2026-11-23"
    assert interactions.last_day(gate.db, 2, ids["gate"]) is None
    assert subjects.find(gate.db, "A-1").last_interaction == "2026-11-26"


def test_a_clock_that_is_set_back_moves_no_day_back(gate: World) -> None:
    gate.record()
    gate.wait(days=-10)
    _note(gate)
    assert interactions.last_day(gate.db, 1, gate.purpose().purpose_id) == "2026-11-23"
    assert subjects.find(gate.db, "A-1").last_interaction == "2026-11-23"


def test_only_the_day_is_stored(gate: World) -> None:
    gate.record()
    [(day,)] = gate.db.tuples("SELECT day FROM interaction")
    assert day == gate.now[:10]


def test_one_purpose_keeps_nobody_active_for_another(gate: World) -> None:
    """Who comes through the gate every day is inactive at the door all the same."""
    gate.apply("door", inactive_after="30d")
    gate.record()
    gate.record(code="door")
    gate.wait(days=32)
    _note(gate)
    found = {}
    for code in ("gate", "door"):
        rules = retention_facts.rules_of(gate.db, code)
        purpose_id = gate.purpose(code).purpose_id
        found[code], _ = interactions.inactive(gate.db, purpose_id, rules, gate.now)
    assert found == {"gate": [], "door": [1]}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=6),
    st.sampled_from(["0d", "12h", "7d", "1m", "3m", "1y"]),
    st.integers(0, 500 * 24),
)
def test_the_index_seek_finds_whom_the_policy_finds(
    tmp_path_factory: pytest.TempPathFactory, ages: Any, length: Any, hours: Any
) -> None:
    world = World(tmp_path_factory.mktemp("world") / "facecli.db")
    world.apply(inactive_after=length)
    purpose_id = world.purpose().purpose_id
    start = world.moment
    for number, days in enumerate(ages, 1):
        world.add(f"A-{number}")
        world.moment = start + timedelta(days=days)
        with world.act() as act:
            interactions.note(act, number, purpose_id)
            act.record("test")
        world.moment = start
    world.wait(hours=hours)
    rules = retention_facts.rules_of(world.db, "gate")
    ends = [
        first_over(
            end_of_day((start + timedelta(days=days)).date().isoformat()), rules.inactive_after
        )
        for days in ages
    ]
    found, following = interactions.inactive(world.db, purpose_id, rules, world.now)
    assert sorted(found) == [at for at, end in enumerate(ends, 1) if end <= world.now]
    assert following == min([end for end in ends if end > world.now], default=NEVER)
    world.db.close()
