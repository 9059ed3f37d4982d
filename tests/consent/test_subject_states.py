"""States that begin and end: against an independent model of holds, minority and alternative."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.audit import stored_entries
from facecli.consent import gate as gates
from facecli.consent import holds, retention_facts, subject_states, subjects
from facecli.consent.retention import decide
from facecli.errors.base import FacecliError
from facecli.errors.command_line import BadInput
from facecli.errors.consent import HoldOver, NoConsent
from facecli.times import stamp
from tests.consent.conftest import START, World

ENGINE = "engine/1"


def settle(world: World) -> list[str]:
    """Settle as any act does; return the actions that were logged."""
    size = world.db.value("SELECT count(*) FROM audit_entry")
    with world.act() as act:
        subject_states.settle(act)
        act.record("test")
    return [entry["action"] for entry in stored_entries.after(world.db, size)][:-1]


def hold(world: World, until: str, ref: str = "A-1") -> None:
    with world.act() as act:
        holds.hold(act, ref, "a case", until)


def alternative(world: World, only: bool) -> int:
    with world.act() as act:
        if only:
            return subject_states.begin_alternative_only(act, "A-1")
        subject_states.end_alternative_only(act, "A-1")
        return 0


def state(world: World) -> str:
    return subjects.find(world.db, "A-1").state


def due(world: World) -> dict[str, tuple[str, str]]:
    fact = retention_facts.of_one(world.db, subjects.find(world.db, "A-1"))
    decided = decide(fact, retention_facts.rules(world.db), world.now)
    return {one.what: (one.decision, one.reason) for one in decided}


@pytest.fixture
def enrolled(gate: World) -> World:
    """A-1 with a consent for a year and a template."""
    gate.record(expires="1y")
    gate.template()
    return gate


def matched(world: World) -> bool:
    return len(gates.permitted(world.db, world.purpose(), ENGINE, world.now)) > 0


# -- holds ----------------------------------------------------------------------------------


def test_a_hold_that_is_over_ends_by_the_next_act_and_is_logged(enrolled: World) -> None:
    hold(enrolled, "2026-12-23T09:00:00Z")
    enrolled.wait(days=29, hours=23)
    assert not subject_states.is_unsettled(enrolled.db, enrolled.now)
    assert (settle(enrolled), matched(enrolled)) == ([], False)
    enrolled.wait(hours=1)
    assert subject_states.is_unsettled(enrolled.db, enrolled.now)
    assert (state(enrolled), matched(enrolled)) == ("restricted", False)
    assert settle(enrolled) == ["subject.release"]
    assert (state(enrolled), matched(enrolled)) == ("active", True)
    assert settle(enrolled) == []


def test_no_subject_is_read_whose_state_does_not_end(enrolled: World) -> None:
    sql = f"EXPLAIN QUERY PLAN {subject_states._ENDED}"
    steps = [row["detail"] for row in enrolled.db.rows(sql, {"now": enrolled.now})]
    assert not [step for step in steps if step.startswith("SCAN subject ")]
    assert any("subject_by_minor_until" in step for step in steps)


def test_until_then_the_refusal_is_true(enrolled: World) -> None:
    hold(enrolled, "2026-12-23T09:00:00Z")
    enrolled.wait(days=31)
    subject = subjects.find(enrolled.db, "A-1")
    with pytest.raises(HoldOver, match="their legal hold ended on 2026-12-23T09:00:00Z") as refused:
        gates.require(enrolled.db, subject, enrolled.purpose(), enrolled.now)
    assert refused.value.reason == "restricted"
    assert "makes the subject active" in refused.value.remedy


def test_a_clock_that_cannot_be_right_ends_nothing(enrolled: World) -> None:
    hold(enrolled, "2027-06-30T00:00:00Z")
    enrolled.wait(days=500)
    assert not subject_states.is_unsettled(enrolled.db, enrolled.now)
    assert settle(enrolled) == []


@pytest.mark.parametrize("somebody", [True, False])
def test_a_long_search_reads_its_gallery_again_when_a_hold_is_over(
    enrolled: World, somebody: bool
) -> None:
    enrolled.add("A-2")
    if somebody:
        enrolled.record("A-2")
        enrolled.template("A-2")
    hold(enrolled, "2026-12-23T09:00:00Z")
    found = gates.permitted(enrolled.db, enrolled.purpose(), ENGINE, enrolled.now)
    assert (len(found), found.valid_until) == (somebody, "2026-12-23T09:00:00Z")


# -- alternative-only -----------------------------------------------------------------------


@pytest.mark.rule("alternative-named")
def test_whoever_chooses_the_alternative_is_not_matched_and_their_data_is_due(
    enrolled: World,
) -> None:
    assert alternative(enrolled, True) == 1
    assert (state(enrolled), matched(enrolled)) == ("alternative-only", False)
    assert due(enrolled) == {
        "template": ("due", "withdrawn"), "consent": ("due", "withdrawn"),
        "subject": ("keep", "no-consent"),
    }  # fmt: skip
    with pytest.raises(NoConsent):
        enrolled.record()
    with pytest.raises(BadInput, match="already"):
        alternative(enrolled, True)


def test_who_may_be_asked_again_has_thirty_days_from_then(gate: World) -> None:
    alternative(gate, True)
    gate.wait(days=300)
    assert due(gate)["subject"] == ("keep", "no-consent")
    alternative(gate, False)
    with pytest.raises(BadInput, match="not alternative-only"):
        alternative(gate, False)
    gate.wait(days=29, hours=23)
    assert due(gate)["subject"] == ("keep", "no-consent")
    gate.record()
    assert due(gate)["subject"][0] == "keep"


def test_what_is_chosen_under_a_hold_counts_after_it(gate: World) -> None:
    hold(gate, "2026-12-23T09:00:00Z")
    alternative(gate, True)
    assert state(gate) == "restricted"
    gate.wait(days=30)
    assert settle(gate) == ["subject.release"]
    assert state(gate) == "alternative-only"


# -- minority -------------------------------------------------------------------------------


@pytest.mark.rule("guardian")
def test_minority_ends_by_itself_and_the_guardian_is_forgotten(gate: World) -> None:
    gate.add("M-1", minor=True, guardian="Parent", minor_until="2026-12-23T09:00:00Z")
    consent = gate.record("M-1", guardian="Parent")
    gate.wait(days=30)
    assert settle(gate) == ["subject.correct"]
    grown = subjects.find(gate.db, "M-1")
    assert (grown.minor, grown.guardian, grown.minor_until) == (False, None, None)
    assert consent.guardian == "Parent"
    assert gates.require(gate.db, grown, gate.purpose(), gate.now)  # until the consent ends
    assert gate.record("M-1", expires="2y").guardian is None


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"minor": False}, (False, None, None)),
        ({"guardian": "Other"}, (True, "Other", "2030-01-01T00:00:00Z")),
        ({"minor_until": "2031-01-01T00:00:00Z"}, (True, "Parent", "2031-01-01T00:00:00Z")),
        ({"minor": False, "name": "Jo"}, (False, None, None)),
    ],
)
def test_minority_is_corrected(gate: World, changes: Any, after: Any) -> None:
    gate.add("M-1", minor=True, guardian="Parent", minor_until="2030-01-01T00:00:00Z")
    with gate.act() as act:
        found = subjects.correct(act, "M-1", changes)
    assert (found.minor, found.guardian, found.minor_until) == after


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"minor": True}, "no guardian is named"),
        ({"minor_until": "2030-01-01T00:00:00Z"}, "no minor"),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    gate: World, changes: Any, why: str
) -> None:
    with pytest.raises(BadInput, match=why), gate.act() as act:
        subjects.correct(act, "A-1", changes)
    assert not subjects.find(gate.db, "A-1").minor


# -- a model --------------------------------------------------------------------------------


@dataclass
class Model:
    """What a subject's state is, computed from what was done and when."""

    only: bool = False
    held_until: str | None = None
    minor: bool = True
    minor_until: str | None = None

    def at(self, now: str) -> None:
        if self.held_until is not None and self.held_until <= now:
            self.held_until = None
        if self.minor_until is not None and self.minor_until <= now:
            self.minor, self.minor_until = False, None

    @property
    def state(self) -> str:
        if self.held_until is not None:
            return "restricted"
        return "alternative-only" if self.only else "active"

    def do(self, act: str, until: str) -> bool:
        """Do it, and return True; return False if it is to be refused."""
        if act in ("choose", "unchoose"):
            changes = self.only is (act == "unchoose")
            self.only = act == "choose"
            return changes
        if act == "hold":
            free = self.held_until is None
            self.held_until = until if free else self.held_until
            return free
        if act == "release":
            held = self.held_until is not None
            self.held_until = None
            return held
        if act == "until":
            self.minor_until = until if self.minor else None
            return self.minor
        self.minor, self.minor_until = False, None
        return True


def do(world: World, name: str, until: str) -> None:
    with world.act() as act:
        if name == "choose":
            subject_states.begin_alternative_only(act, "M-1")
        elif name == "unchoose":
            subject_states.end_alternative_only(act, "M-1")
        elif name == "hold":
            holds.hold(act, "M-1", "a case", until)
        elif name == "release":
            holds.release(act, "M-1")
        else:
            changes = {"minor_until": until} if name == "until" else {"minor": False}
            subjects.correct(act, "M-1", changes)


STEPS = st.tuples(
    st.sampled_from(["choose", "unchoose", "hold", "release", "until", "grown"]),
    st.integers(1, 40),  # days until the end
    st.integers(0, 40),  # days to wait before
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_no_order_of_acts_and_days_leaves_another_state_than_the_model(steps: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world, model = World(Path(folder) / "facecli.db"), Model()
        world.moment = START
        world.apply()
        world.add("M-1", minor=True, guardian="Parent")
        for name, days, wait in steps:
            world.wait(days=wait)
            until = stamp(datetime.fromisoformat(world.now) + timedelta(days=days))
            model.at(world.now)
            settle(world)  # by itself: a refused act is undone with what it settled
            try:
                do(world, name, until)
                done = True
            except FacecliError:
                done = False
            assert done is model.do(name, until)
            found = subjects.find(world.db, "M-1")
            assert (found.state, found.minor) == (model.state, model.minor)
            assert found.guardian == ("Parent" if model.minor else None)
        world.db.close()
