"""Legal holds: setting and releasing them, and their copy in a restored backup."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from facecli.consent import holds, subjects
from facecli.errors.command_line import BadInput
from facecli.errors.consent import NoHold
from facecli.store import time_reached
from facecli.times import stamp
from tests.consent.conftest import World


def test_a_hold_restricts_and_its_release_brings_the_state_back(gate: World) -> None:
    gate.add("C-1", alternative_only=True)
    end = "2027-01-01T00:00:00Z"
    for ref, state in (("A-1", "active"), ("C-1", "alternative-only")):
        with gate.act() as act:
            held = holds.hold(act, ref, "case 7", end)
        assert (held.state, holds.held_until(gate.db, held)) == ("restricted", end)
        assert holds.of(gate.db, held) == {
            "reason": "case 7", "until": end, "set_at": gate.now,
        }  # fmt: skip
        with gate.act() as act:
            assert holds.release(act, ref).state == state
        with pytest.raises(NoHold), gate.act() as act:
            holds.release(act, ref)


@pytest.mark.parametrize(
    ("now", "lasts"),
    [("2026-12-31T23:59:59Z", True), ("2027-01-01T00:00:00Z", False),
     ("2031-01-01T00:00:00Z", True)],
)  # fmt: skip
def test_a_hold_lasts_to_its_end_and_a_clock_far_ahead_ends_none(
    gate: World, now: str, lasts: bool
) -> None:
    end = "2027-01-01T00:00:00Z"
    with gate.act() as act:
        held = holds.hold(act, "A-1", "case 7", end)
    with gate.db.transaction():
        time_reached.put(gate.db, "2026-12-30T00:00:00Z")
    assert holds.lasts_until(gate.db, held, now) == (end if lasts else None)


def test_a_clock_behind_makes_no_hold_that_is_over_when_it_is_right(gate: World) -> None:
    reached = gate.now
    gate.wait(days=-400)
    with pytest.raises(BadInput, match="is over"), gate.act() as act:
        holds.hold(act, "A-1", "case 7", reached)
    with gate.act() as act:
        end = stamp(gate.moment + timedelta(days=401))
        assert holds.hold(act, "A-1", "case 7", end).state == "restricted"


def test_the_holds_of_the_present_database_replace_those_of_a_copy(
    gate: World, tmp_path: Path
) -> None:
    gate.add("A-2")
    with gate.act() as act:
        holds.hold(act, "A-2", "over since", "2027-01-01T00:00:00Z")
    copy = gate.copy(tmp_path / "copy.db")
    with gate.act() as act:
        holds.release(act, "A-2")
    with gate.act() as act:
        holds.hold(act, "A-1", "case 7", "2027-01-01T00:00:00Z")
    with copy.db.transaction():
        holds.take_over_states(copy.db, gate.db)
    states = {one.ref: one.state for one in subjects.list_all(copy.db)}
    assert states == {"A-1": "restricted", "A-2": "active"}
    assert holds.in_force(copy.db, gate.now) == (1, "2027-01-01T00:00:00Z")
    copy.db.close()
